#include "worker/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace temporal::detail {
namespace {

TEST(ThreadPool, MakesNoThreadBeforeTheFirstJob) {
  ThreadPool pool("test", 4);
  EXPECT_EQ(pool.threads(), 0u);
}

TEST(ThreadPool, RunsJobsAtTheSameTimeUpToItsLimit) {
  std::latch all(3);  // outlives the pool, whose threads may still look at it
  ThreadPool pool("test", 3);
  for (int i = 0; i < 3; ++i) pool.post([&] { all.arrive_and_wait(); });  // hangs on fewer threads
  all.wait();
  EXPECT_EQ(pool.threads(), 3u);
}

TEST(ThreadPool, QueuesWhatIsBeyondItsLimitAndRunsItBeforeItEnds) {
  std::atomic<int> running = 0, most = 0, done = 0;
  {
    ThreadPool pool("test", 2);
    for (int i = 0; i < 100; ++i) {
      pool.post([&] {
        int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        --running;
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 100);
  EXPECT_LE(most, 2);
}

TEST(ThreadPool, ReplacesAThreadThatIsStuck) {
  std::latch stuck(1), ran(1);  // outlive the pool, whose threads may still look at them
  ThreadPool pool("test", 1);
  pool.post([&] { stuck.wait(); });
  pool.post([&] { ran.count_down(); });
  pool.add_thread();
  ran.wait();
  EXPECT_EQ(pool.threads(), 2u);
  stuck.count_down();
  pool.drop_thread();
}

TEST(ThreadPool, DropsWhatAJobCapturedBeforeItTakesTheNext) {
  auto held = std::make_shared<int>(7);
  std::weak_ptr<int> watch = held;
  std::latch next(1);
  ThreadPool pool("test", 1);
  pool.post([held = std::move(held)] {});
  pool.post([&] {
    EXPECT_TRUE(watch.expired());
    next.count_down();
  });
  next.wait();
}

}  // namespace
}  // namespace temporal::detail
