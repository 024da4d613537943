// The simulator's time: it stands still until it jumps to what is due next.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace temporal::testing {

// Used by the simulator's thread alone, but for now().
class VirtualClock {
 public:
  using Time = std::chrono::system_clock::time_point;
  using Id = std::uint64_t;  // 0: none

  explicit VirtualClock(Time start) : now_(start) {}

  Time now() const { return now_; }
  // What is due at the same time runs in the order of these calls.
  Id at(Time when, std::move_only_function<void()> due);
  Id after(std::chrono::milliseconds duration, std::move_only_function<void()> due);
  // Sets `id` to none.
  void cancel(Id& id);

  bool anything_due() const { return !due_.empty(); }
  // To the next instant at which something is due, and runs all of it. There is something.
  void jump();

 private:
  std::atomic<Time> now_;
  Id last_ = 0;
  std::map<std::pair<Time, Id>, std::move_only_function<void()>> due_;
  std::map<Id, Time> when_;
};

}  // namespace temporal::testing
