// The polls of one worker of Core: one of each kind at a time, until Core says that there is no more.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "bridge/worker.h"

namespace temporal::detail {

// Whom Polls asks for tasks: Core's worker, or a test.
class PollPort {
 public:
  using Handler = bridge::Handler<bridge::Worker::Task>;
  virtual ~PollPort() = default;
  virtual void poll_workflow_activation(Handler handler) = 0;
  virtual void poll_activity_task(Handler handler) = 0;
  virtual void initiate_shutdown() = 0;  // may be repeated
};

class Polls {
 public:
  using Poll = void (PollPort::*)(PollPort::Handler);
  using Take = std::function<void(std::string)>;

  // `port` is used until wait_until_ended() has returned.
  explicit Polls(PollPort& port);
  // `take` gets each task, on a thread of Core; it is not called again after wait_until_ended().
  void start(Poll poll, Take take);
  // Returns when a stop is requested, or with the reason when a kind of poll has failed for good.
  std::optional<std::string> wait(std::stop_token stop);
  void wait_until_ended();

 private:
  struct State;
  struct Loop;
  static void next(std::shared_ptr<Loop> loop);
  static bool goes_on(Loop& loop, const bridge::CoreError& error);
  PollPort& port_;
  const std::shared_ptr<State> state_;
};

}  // namespace temporal::detail
