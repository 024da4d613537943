// Core's replay worker and the feeder of its histories. No server is needed.
#pragma once
#include <memory>
#include <string_view>

#include "bridge/worker.h"

namespace temporal::bridge {

class Replay {
 public:
  Replay(std::shared_ptr<Runtime> runtime, const tb_worker_options& options);
  ~Replay() { close(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  const std::shared_ptr<Worker>& worker() const { return worker_; }
  // The handler is called on a thread of Core, when the worker has room for the history (a
  // temporal.api.history.v1.History).
  void push(std::string_view workflow_id, std::string_view history, Handler<void> handler);
  void close();  // no more histories; may be repeated

 private:
  std::shared_ptr<Worker> worker_;
  tb_replay* handle_ = nullptr;
};

}  // namespace temporal::bridge
