// Activities, local activities and timers: what of their options reaches Core, and how they resolve.
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

namespace commands = coresdk::workflow_commands;

Task<std::string> every_option(Probe*) {
  co_return co_await workflow::execute_activity(
      echo,
      {.task_queue = "elsewhere",
       .start_to_close_timeout = 1500ms,
       .schedule_to_close_timeout = 1min,
       .schedule_to_start_timeout = 2s,
       .heartbeat_timeout = 3s,
       .retry_policy = RetryPolicy{.initial_interval = 200ms,
                                   .backoff_coefficient = 1.5,
                                   .maximum_interval = 9s,
                                   .maximum_attempts = 4,
                                   .non_retryable_error_types = {"Never"}},
       .cancellation_type = workflow::ActivityCancellationType::abandon,
       .activity_id = "mine",
       .disable_eager_execution = true,
       .priority = {.priority_key = 2, .fairness_key = "tenant", .fairness_weight = 1.5F},
       .summary = "what it is for",
       .versioning_intent = workflow::VersioningIntent::compatible},
      "x");
}

TEST(Activities, EveryOptionReachesCore) {
  Play p(&every_option);
  auto c = p.feed({init()}).successful().commands(0);
  EXPECT_EQ(c.user_metadata().summary().data(), R"("what it is for")");
  const auto& a = c.schedule_activity();
  EXPECT_EQ(a.activity_id(), "mine");
  EXPECT_EQ(a.activity_type(), "echo");
  EXPECT_EQ(a.task_queue(), "elsewhere");
  EXPECT_EQ(a.start_to_close_timeout().ShortDebugString(), "seconds: 1 nanos: 500000000");
  EXPECT_EQ(a.schedule_to_close_timeout().seconds(), 60);
  EXPECT_EQ(a.schedule_to_start_timeout().seconds(), 2);
  EXPECT_EQ(a.heartbeat_timeout().seconds(), 3);
  EXPECT_EQ(a.retry_policy().maximum_attempts(), 4);
  EXPECT_EQ(a.retry_policy().non_retryable_error_types(0), "Never");
  EXPECT_EQ(a.cancellation_type(), commands::ABANDON);
  EXPECT_TRUE(a.do_not_eagerly_execute());
  EXPECT_EQ(a.versioning_intent(), coresdk::common::COMPATIBLE);
  EXPECT_EQ(a.priority().fairness_key(), "tenant");
}

TEST(Activities, WhatIsUnsetIsLeftToTheServer) {
  Play p([](Probe*) -> Task<std::string> {
    co_return co_await workflow::execute_activity(echo, {.schedule_to_close_timeout = 1s}, "x");
  });
  const auto c = p.feed({init()}).successful().commands(0);
  const auto& a = c.schedule_activity();
  EXPECT_EQ(a.activity_id(), "1");
  EXPECT_EQ(a.task_queue(), "probes");  // the workflow's own
  EXPECT_FALSE(a.has_start_to_close_timeout() || a.has_heartbeat_timeout() ||
               a.has_retry_policy() || a.has_priority() || c.has_user_metadata());
  EXPECT_EQ(a.cancellation_type(), commands::TRY_CANCEL);
}

TEST(Activities, OneTimeoutMustBeSetAndNoneBeNegative) {
  Play none([](Probe*) -> Task<std::string> {
    co_return co_await workflow::execute_activity(echo, {.task_queue = "Q"}, "x");
  });
  EXPECT_EQ(none(init()),
            "task failed: activity echo: set start_to_close_timeout or schedule_to_close_timeout");
  Play negative([](Probe*) -> Task<std::string> {
    co_return co_await workflow::execute_activity(echo, {.start_to_close_timeout = -1s}, "x");
  });
  EXPECT_EQ(negative(init()), "task failed: activity echo: start_to_close_timeout is negative");
}

TEST(Activities, AFailureSaysWhichActivityAndWhy) {
  Play p([](Probe*) -> Task<std::string> {
    std::string why;
    try {
      co_await call("x");
    } catch (const ActivityFailure& e) {
      why = e.activity_id() + ": " + e.failure().root().message();
    }
    co_return why;
  });
  p(init());
  EXPECT_EQ(p(bad(1, "boom")), R"(Complete("1: boom"))");
}

TEST(Activities, AResultThatIsNoSuchTypeFailsTheTask) {
  Play p(&Probe::one_call);
  p(init());
  auto wrong = ok(1, "");
  wrong.mutable_resolve_activity()
      ->mutable_result()
      ->mutable_completed()
      ->mutable_result()
      ->set_data("7");
  EXPECT_EQ(p(wrong), "task failed: $ is no string");
}

inline constexpr ActivityType<std::optional<int>()> maybe{"maybe"};
inline constexpr WorkflowType<std::optional<int>()> maybe_child{"maybe"};
TEST(Activities, AResultThatIsAbsentIsNothing) {
  Play p([](Probe*) -> Task<std::string> {
    auto activity = workflow::execute_activity(maybe, {.start_to_close_timeout = 1s});
    auto child = workflow::execute_child_workflow(maybe_child, {.id = "c"});
    bool none = !co_await activity && !co_await child;
    co_return none ? "nothing" : "something";
  });
  p(init());
  Job activity, started, child;
  activity.mutable_resolve_activity()->set_seq(1);
  activity.mutable_resolve_activity()->mutable_result()->mutable_completed();
  started.mutable_resolve_child_workflow_execution_start()->set_seq(1);
  started.mutable_resolve_child_workflow_execution_start()->mutable_succeeded();
  child.mutable_resolve_child_workflow_execution()->set_seq(1);
  child.mutable_resolve_child_workflow_execution()->mutable_result()->mutable_completed();
  EXPECT_EQ(p(activity, started, child), R"(Complete("nothing"))");
}

// --- Local activities

Task<std::string> local(Probe*) {
  co_return co_await workflow::execute_local_activity(
      echo, {.start_to_close_timeout = 1s, .local_retry_threshold = 5s, .summary = "near"}, "x");
}
Job back_off(unsigned seq, unsigned attempt, int seconds) {
  Job j;
  j.mutable_resolve_activity()->set_seq(seq);
  j.mutable_resolve_activity()->set_is_local(true);
  auto& b = *j.mutable_resolve_activity()->mutable_result()->mutable_backoff();
  b.set_attempt(attempt);
  b.mutable_backoff_duration()->set_seconds(seconds);
  b.mutable_original_schedule_time()->set_seconds(77);
  return j;
}

TEST(LocalActivities, WaitForTheirCancellationUnlessToldOtherwise) {
  Play p(&local);
  auto c = p.feed({init()}).successful().commands(0);
  EXPECT_EQ(c.schedule_local_activity().cancellation_type(), commands::WAIT_CANCELLATION_COMPLETED);
  EXPECT_EQ(c.schedule_local_activity().attempt(), 1U);
  EXPECT_EQ(c.schedule_local_activity().local_retry_threshold().seconds(), 5);
  EXPECT_EQ(c.user_metadata().summary().data(), R"("near")");
  EXPECT_EQ(p(cancel("stop")), "RequestCancelLocalActivity1");
  EXPECT_EQ(p(gone(1)), "Cancel()");
}

TEST(LocalActivities, EveryOptionReachesCore) {
  Play p([](Probe*) -> Task<std::string> {
    co_return co_await workflow::execute_local_activity(
        echo,
        {.start_to_close_timeout = 1s,
         .schedule_to_close_timeout = 1min,
         .schedule_to_start_timeout = 2s,
         .retry_policy = RetryPolicy{.maximum_attempts = 4},
         .cancellation_type = workflow::ActivityCancellationType::try_cancel,
         .activity_id = "mine",
         .include_arguments_in_marker = true},
        "x");
  });
  const auto c = p.feed({init()}).successful().commands(0);
  const auto& a = c.schedule_local_activity();
  EXPECT_EQ(a.activity_id(), "mine");
  EXPECT_EQ(a.start_to_close_timeout().seconds(), 1);
  EXPECT_EQ(a.schedule_to_close_timeout().seconds(), 60);
  EXPECT_EQ(a.schedule_to_start_timeout().seconds(), 2);
  EXPECT_EQ(a.retry_policy().maximum_attempts(), 4);
  EXPECT_EQ(a.cancellation_type(), commands::TRY_CANCEL);
  EXPECT_TRUE(a.include_arguments_in_marker());
  EXPECT_FALSE(a.has_local_retry_threshold());
}

TEST(LocalActivities, ALongBackoffIsATimerThenAnotherSchedule) {
  Play p(&local);
  p(init());
  EXPECT_EQ(p(back_off(1, 5, 90)), "StartTimer1(90000)");
  auto c = p.feed({fired(1)}).successful().commands(0);
  EXPECT_EQ(c.schedule_local_activity().seq(), 2U);
  EXPECT_EQ(c.schedule_local_activity().activity_id(), "1");
  EXPECT_EQ(c.schedule_local_activity().attempt(), 5U);
  EXPECT_EQ(c.schedule_local_activity().original_schedule_time().seconds(), 77);
  EXPECT_EQ(c.schedule_local_activity().arguments(0).data(), R"("x")");
  EXPECT_EQ(p(ok(2, "y")), R"(Complete("y"))");
}

TEST(LocalActivities, ACancelDuringTheBackoffCancelsTheTimer) {
  Play p(&local);
  p(init());
  p(back_off(1, 2, 90));
  EXPECT_EQ(p(cancel("stop")), "CancelTimer1 Cancel()");
}

Task<std::string> local_and_why(Probe*) {
  auto f = workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, "x");
  std::string why;
  try {
    co_await f;
  } catch (const ActivityFailure& e) {
    why = e.activity_type() + " " + e.activity_id() + ": " + e.failure().root().message();
  }
  co_return why;
}
TEST(LocalActivities, AFailureSaysWhichActivity) {
  Play failed(&local_and_why), canceled(&local_and_why), backing_off(&local_and_why);
  failed(init());
  Job bare;
  bare.mutable_resolve_activity()->set_seq(1);
  bare.mutable_resolve_activity()->set_is_local(true);
  auto& f = *bare.mutable_resolve_activity()->mutable_result()->mutable_failed()->mutable_failure();
  f.set_message("boom");
  f.mutable_application_failure_info();
  EXPECT_EQ(failed(bare), R"(Complete("echo 1: boom"))");
  canceled(init());
  canceled(cancel("stop"));
  EXPECT_EQ(canceled(gone(1)), R"(Complete(" : by request"))");  // Core's own, as it came
  backing_off(init());
  backing_off(back_off(1, 2, 90));
  EXPECT_EQ(backing_off(cancel("stop")), R"(CancelTimer1 Complete("echo 1: stop"))");
}

TEST(LocalActivities, ACancelledOneIsNotTriedAgain) {
  Play p(&local_and_why);
  p(init());
  EXPECT_EQ(p(cancel("stop")), "RequestCancelLocalActivity1");
  EXPECT_EQ(p(back_off(1, 2, 90)), R"(Complete("echo 1: stop"))");
}

TEST(Timers, HaveASummaryAndConditionsToo) {
  Play p([](Probe*) -> Task<std::string> {
    auto t = workflow::sleep(1s, {.summary = "nap"});
    co_await workflow::wait_until([] { return false; }, 2s, {.summary = "patience"});
    co_return "";
  });
  auto c = p.feed({init()});
  EXPECT_EQ(c.successful().commands(0).user_metadata().summary().data(), R"("nap")");
  EXPECT_EQ(c.successful().commands(1).user_metadata().summary().data(), R"("patience")");
}

}  // namespace
}  // namespace temporal::testing
