#include "worker/polls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace temporal::detail {
namespace {

using Answer = bridge::Result<bridge::Worker::Task>;

Answer error(tb_error_kind kind, std::string message) {
  return std::unexpected(bridge::CoreError{.kind = kind, .message = std::move(message)});
}
Answer none() {
  return std::nullopt;
}

// Answers one poll when it is told to, on the thread that tells it.
class Port final : public PollPort {
 public:
  void poll_workflow_activation(Handler handler) override {
    workflows_.push_back(std::move(handler));
  }
  void poll_activity_task(Handler handler) override { activities_.push_back(std::move(handler)); }
  void initiate_shutdown() override { ++shutdowns; }

  void answer_workflows(Answer answer) { give(workflows_, std::move(answer)); }
  void answer_activities(Answer answer) { give(activities_, std::move(answer)); }
  std::size_t under_way() const { return workflows_.size() + activities_.size(); }
  int shutdowns = 0;

 private:
  static void give(std::deque<Handler>& polls, Answer answer) {
    ASSERT_EQ(polls.size(), 1u);
    auto handler = std::move(polls.front());
    polls.pop_front();
    handler(std::move(answer));
  }
  std::deque<Handler> workflows_, activities_;
};

class PollsTest : public ::testing::Test {
 protected:
  void start() {
    auto take = [this](std::string task) { tasks.push_back(std::move(task)); };
    polls.start(&PollPort::poll_workflow_activation, take);
    polls.start(&PollPort::poll_activity_task, take);
  }
  Port port;
  Polls polls{port};
  std::vector<std::string> tasks;
};

TEST_F(PollsTest, EachKindGoesOnUntilThereIsNoMore) {
  start();
  port.answer_workflows("a");
  port.answer_activities("b");
  port.answer_workflows("c");
  EXPECT_THAT(tasks, testing::ElementsAre("a", "b", "c"));
  port.answer_workflows(none());
  port.answer_activities(none());
  EXPECT_EQ(port.under_way(), 0u);
  EXPECT_EQ(port.shutdowns, 0);
  polls.wait_until_ended();
}

TEST_F(PollsTest, AfterAnErrorTheWorkerShutsDownAndIsPolledToItsEnd) {
  start();
  port.answer_workflows(error(TB_ERROR_RPC, "permission denied"));
  EXPECT_EQ(polls.wait({}), "permission denied");
  EXPECT_EQ(port.shutdowns, 1);
  EXPECT_EQ(port.under_way(), 2u);
  port.answer_activities(error(TB_ERROR_RPC, "not found"));
  port.answer_workflows("the last one");
  EXPECT_THAT(tasks, testing::ElementsAre("the last one"));
  port.answer_workflows(none());
  port.answer_activities(none());
  polls.wait_until_ended();
  EXPECT_EQ(polls.wait({}), "permission denied");
}

TEST_F(PollsTest, WhatNothingFollowsEndsAKind) {
  start();
  port.answer_workflows(error(TB_ERROR_PANIC, "a bug"));
  port.answer_activities(error(TB_ERROR_CLOSED, "closed"));
  EXPECT_EQ(port.under_way(), 0u);
  polls.wait_until_ended();
  EXPECT_EQ(polls.wait({}), "a bug");
}

TEST_F(PollsTest, ErrorsWithoutAnEndDoNotGoOnForEver) {
  start();
  port.answer_activities(none());
  int errors = 0;
  for (; port.under_way() > 0 && errors < 10'000; ++errors)
    port.answer_workflows(error(TB_ERROR_RPC, "not found"));
  EXPECT_LT(errors, 10'000);
  polls.wait_until_ended();
}

}  // namespace
}  // namespace temporal::detail
