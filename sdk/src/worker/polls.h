// The polls of one worker of Core: one of each kind at a time, until Core says that there is no more.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "bridge/worker.h"

namespace temporal::detail {

class Polls {
 public:
  using Poll = void (bridge::Worker::*)(bridge::Handler<bridge::Worker::Task>);
  using Take = std::function<void(std::string)>;

  explicit Polls(std::shared_ptr<bridge::Worker> core);
  // `take` gets each task, on a thread of Core; it is not called again after wait_until_ended().
  void start(Poll poll, Take take);
  // Returns when a stop is requested, or with the reason when a kind of poll has failed for good.
  std::optional<std::string> wait(std::stop_token stop);
  void wait_until_ended();

 private:
  struct State;
  struct Loop;
  static void next(std::shared_ptr<Loop> loop);
  const std::shared_ptr<bridge::Worker> core_;
  const std::shared_ptr<State> state_;
};

}  // namespace temporal::detail
