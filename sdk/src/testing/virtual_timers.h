// The timers of one activity's attempt: activity::sleep takes the simulator's time.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "testing/virtual_clock.h"
#include "worker/timer_queue.h"

namespace temporal::testing {

class VirtualTimers final : public temporal::detail::TimerQueue {
 public:
  using Post = std::function<void(std::move_only_function<void()>)>;
  // `post` runs work on the simulator's thread, which alone uses the clock.
  VirtualTimers(VirtualClock& clock, Post post);

  Id schedule(std::chrono::steady_clock::duration after,
              std::move_only_function<void()> fire) override;
  bool cancel(Id id) override;

  // The rest is for the simulator's thread.
  bool asleep() const { return !state_->due.empty(); }
  std::chrono::steady_clock::time_point awake_since() const { return state_->awake_since; }
  void end();

 private:
  struct State {
    explicit State(VirtualClock& c) : clock(c) {}
    VirtualClock& clock;
    std::mutex mutex;
    Id last = 0;
    std::map<Id, std::move_only_function<void()>> timers;
    // The simulator's thread's.
    std::map<Id, VirtualClock::Id> due;
    std::chrono::steady_clock::time_point awake_since = std::chrono::steady_clock::now();
  };
  const std::shared_ptr<State> state_;
  const Post post_;
};

}  // namespace temporal::testing
