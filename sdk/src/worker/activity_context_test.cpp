// What an activity knows of itself, and what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

#include "worker/test_activities.h"

namespace temporal::detail {
namespace {

TEST_F(ActivityTasksTest, StopCallbacksAndReasons) {
  std::latch running(1), told(1);
  std::optional<activity::CancelReason> reason;
  registry.activity(act, [&](activity::Context context) {
    std::stop_callback on_stop(context.stop_token(), [&told] { told.count_down(); });
    running.count_down();
    told.wait();
    reason = context.cancel_reason();
  });
  start();
  give(task("act"));
  running.wait();
  cancel(coresdk::activity_task::WORKER_SHUTDOWN);
  EXPECT_TRUE(port.next().result().has_completed());
  EXPECT_EQ(reason, activity::CancelReason::worker_shutdown);
}

TEST_F(ActivityTasksTest, AShutdownIsToldBeforeAnythingIsCancelled) {
  std::latch running(1), told(1);
  bool canceled = true;
  registry.activity(act, [&](activity::Context context) {
    std::stop_callback on_stop(context.worker_shutdown_token(), [&told] { told.count_down(); });
    running.count_down();
    told.wait();
    canceled = context.stop_token().stop_requested();
  });
  start();
  give(task("act"));
  running.wait();
  begin_shutdown();
  EXPECT_TRUE(port.next().result().has_completed());
  EXPECT_FALSE(canceled);
}

TEST_F(ActivityTasksTest, ItsMetricsHaveItsLabels) {
  registry.activity(act, [](activity::Context context) {
    context.metric_meter().counter({.name = "done"}, {{"activity_type", "its own"}})->add(7);
  });
  start();
  auto given = task("act");
  given.mutable_start()->set_workflow_type("caller");
  give(given);
  EXPECT_TRUE(port.next().result().has_completed());
  EXPECT_EQ(
      meter->sum("done activity_type=its own namespace= task_queue=queue workflow_type=caller"), 7);
}

TEST_F(ActivityTasksTest, ABenignFailureIsNoWarning) {
  registry.activity(act, [] {
    throw ApplicationFailure("expected", {.category = ApplicationErrorCategory::benign});
  });
  registry.activity(twice, [](int) -> int { throw ApplicationFailure("unexpected"); });
  start();
  give(task("act", "one"));
  EXPECT_TRUE(port.next().result().has_failed());
  auto other = task("twice", "two");
  add_json(other, "1");
  give(other);
  EXPECT_TRUE(port.next().result().has_failed());
  EXPECT_EQ(log->lines(),
            (std::vector<std::string>{"debug the activity failed", "warn the activity failed"}));
}

}  // namespace
}  // namespace temporal::detail
