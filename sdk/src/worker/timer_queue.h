// Wakes a function at a time: for activity::sleep, which holds no thread while it waits.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace temporal::detail {

// One thread for all timers, made at the first one. Functions run on it one after another, so they
// only hand over. Any thread may call any member. A simulated one runs on another clock.
class TimerQueue {
 public:
  using Id = std::uint64_t;
  TimerQueue();
  virtual ~TimerQueue();  // functions that have not run are dropped
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  virtual Id schedule(std::chrono::steady_clock::duration after,
                      std::move_only_function<void()> fire);
  // True: it had not run and never will; false: it runs now, or has run.
  virtual bool cancel(Id id);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace temporal::detail
