#include "temporal/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace temporal {
namespace {

TEST(ThreadExecutor, RunsInTheOrderOfThePostsAndAllBeforeItEnds) {
  std::vector<int> order;
  {
    ThreadExecutor executor;
    for (int i = 0; i < 100; ++i) executor.post([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(ThreadExecutor, SeveralThreadsRunAtATime) {
  ThreadExecutor executor(2);
  std::promise<void> first, second;
  executor.post([&] {
    first.set_value();
    second.get_future().get();  // ends only if the other runs meanwhile
  });
  std::promise<void> done;
  executor.post([&] {
    first.get_future().get();
    second.set_value();
    done.set_value();
  });
  done.get_future().get();
}

TEST(ThreadExecutor, MayEndOnItsOwnThread) {
  auto executor = std::make_shared<ThreadExecutor>();
  std::promise<void> ran;
  auto* raw = executor.get();
  std::promise<void> given_up;
  raw->post([owner = std::move(executor), &ran, wait = given_up.get_future()]() mutable {
    wait.get();
    owner->post([&ran] { ran.set_value(); });
    owner.reset();
  });
  given_up.set_value();
  ran.get_future().get();
}

TEST(ThreadExecutor, NoThreadsIsAnError) {
  EXPECT_THROW(ThreadExecutor(0), std::invalid_argument);
}

}  // namespace
}  // namespace temporal
