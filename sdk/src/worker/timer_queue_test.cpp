#include "worker/timer_queue.h"

#include <gtest/gtest.h>

#include <latch>
#include <mutex>
#include <vector>

namespace temporal::detail {
namespace {

using namespace std::chrono_literals;

TEST(TimerQueue, FiresInTheOrderOfTime) {
  std::mutex mutex;
  std::vector<int> fired;
  std::latch all(3);
  TimerQueue timers;
  auto note = [&](int n) {
    std::lock_guard lock(mutex);
    fired.push_back(n);
    all.count_down();
  };
  timers.schedule(60ms, [&] { note(3); });
  timers.schedule(30ms, [&] { note(2); });
  timers.schedule(0ms, [&] { note(1); });
  all.wait();
  EXPECT_EQ(fired, (std::vector{1, 2, 3}));
}

TEST(TimerQueue, ACanceledTimerNeverFires) {
  TimerQueue timers;
  std::latch later(1);
  bool fired = false;
  auto id = timers.schedule(20ms, [&] { fired = true; });
  EXPECT_TRUE(timers.cancel(id));
  EXPECT_FALSE(timers.cancel(id));
  timers.schedule(40ms, [&] { later.count_down(); });
  later.wait();
  EXPECT_FALSE(fired);
}

TEST(TimerQueue, DropsWhatWaitsWhenItEnds) {
  auto held = std::make_shared<int>(1);
  {
    TimerQueue timers;
    timers.schedule(std::chrono::steady_clock::duration::max(), [held] {});
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TimerQueue, MayBeDestroyedByTheFunctionItRuns) {
  auto timers = std::make_shared<TimerQueue>();
  std::latch done(1);
  std::weak_ptr<TimerQueue> watch = timers;
  timers->schedule(1ms, [own = timers, &done]() mutable {
    own.reset();
    done.count_down();
  });
  timers.reset();
  done.wait();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace temporal::detail
