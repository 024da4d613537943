// Why activities are asked to end, how they are retried, and those that need no poll.
#include <temporal/activity.h>
#include <temporal/api.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>

#include "fixture.h"

namespace temporal::tests {
namespace {

constexpr ActivityType<int()> count{"count"};
constexpr WorkflowType<int()> count_once{"CountOnce"};
workflow::ActivityOptions options;
struct CountOnce {
  static auto definition() { return workflow_definition(count_once, &CountOnce::run); }
  workflow::Task<int> run() { co_return co_await workflow::execute_activity(count, options); }
};
constexpr WorkflowType<int()> count_locally{"CountLocally"};
struct CountLocally {
  static auto definition() { return workflow_definition(count_locally, &CountLocally::run); }
  workflow::Task<int> run() {
    co_return co_await workflow::execute_local_activity(
        count, {.start_to_close_timeout = 200ms, .retry_policy = {{.maximum_attempts = 1}}});
  }
};
constexpr WorkflowType<void(int)> many_type{"Many"};
struct Many {
  static auto definition() { return workflow_definition(many_type, &Many::run); }
  workflow::Task<> run(int n) {
    std::vector<workflow::Future<int>> all;
    for (int i = 0; i < n; ++i) all.push_back(workflow::execute_activity(count, options));
    for (auto& one : all) co_await one;
  }
};

class ActivityEnd : public ServerTest {
 protected:
  ActivityEnd() {
    options = {.start_to_close_timeout = 20s,
               .heartbeat_timeout = 10s,
               .retry_policy = {{.initial_interval = 10ms, .maximum_attempts = 5}}};
  }
  // Heartbeats until it is asked to end, in its first attempt; then says why. A second one gives its
  // number.
  Registry asked() {
    Registry registry;
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the registry keeps the closure
    registry.activity(count, [this](activity::Context context) -> Async<int> {
      if (context.info().attempt > 1) co_return static_cast<int>(context.info().attempt);
      running.count_down();
      while (!context.cancel_reason()) {
        if (heartbeats) context.heartbeat(7);
        try {
          co_await activity::sleep(10ms, context);
        } catch (const CanceledFailure&) {  // NOLINT(bugprone-empty-catch): it asks why
        }
      }
      {
        std::lock_guard lock(mutex);
        reason = context.cancel_reason();
        details = context.cancel_details();
      }
      context.throw_if_canceled();
      co_return 0;
    });
    return registry;
  }
  WorkerOptions quick() const {
    return {.max_heartbeat_throttle_interval = 100ms, .default_heartbeat_throttle_interval = 100ms};
  }
  template <class Request>
  Request about(const WorkflowHandle<int>& handle) {
    Request request;
    request.set_namespace_("default");
    request.mutable_execution()->set_workflow_id(handle.id());
    request.set_type("count");
    return request;
  }
  void call(std::string method, const google::protobuf::Message& request) {
    client.call(RpcService::workflow, std::move(method), request.SerializeAsString()).get();
  }
  bool has_reason() {
    std::lock_guard lock(mutex);
    return reason.has_value();
  }
  bool heartbeats = true;
  std::latch running{1};
  std::mutex mutex;
  std::optional<activity::CancelReason> reason;
  activity::CancelDetails details;
};

TEST_F(ActivityEnd, APausedOneHearsOfItAndGoesOnWhenItIsUnpaused) {
  auto& worker = work_on<CountOnce>(asked(), quick());
  auto handle = start(count_once);
  running.wait();
  call("PauseActivity", about<api::workflowservice::v1::PauseActivityRequest>(handle));
  eventually([&] { return has_reason(); }, "the pause");
  eventually([&] { return worker.status().running_activities == 0; }, "the end of the attempt");
  call("UnpauseActivity", about<api::workflowservice::v1::UnpauseActivityRequest>(handle));
  EXPECT_EQ(result(handle), 2);
  EXPECT_EQ(reason, activity::CancelReason::paused);
  EXPECT_TRUE(details.paused);
  EXPECT_FALSE(details.canceled || details.reset || details.not_found);
}

TEST_F(ActivityEnd, AResetOneStartsAgain) {
  work_on<CountOnce>(asked(), quick());
  auto handle = start(count_once);
  running.wait();
  call("ResetActivity", about<api::workflowservice::v1::ResetActivityRequest>(handle));
  EXPECT_EQ(result(handle), 2);
  EXPECT_EQ(reason, activity::CancelReason::reset);
  EXPECT_TRUE(details.reset);
  EXPECT_FALSE(details.canceled || details.paused);
}

TEST_F(ActivityEnd, OneWhoseWorkflowIsGoneIsNotFound) {
  auto& worker = work_on<CountOnce>(asked(), quick());
  auto handle = start(count_once);
  running.wait();
  handle.terminate({.reason = "enough"}).get();
  eventually([&] { return has_reason(); }, "the end");
  EXPECT_EQ(reason, activity::CancelReason::not_found);
  EXPECT_TRUE(details.not_found);
  eventually([&] { return worker.status().running_activities == 0; }, "its last step");
}

// It hears of that from Core's own clock, 5 s after the server's: a heartbeat would be told before that
// the server does not know it any longer.
TEST_F(ActivityEnd, OneThatIsLateIsTimedOut) {
  heartbeats = false;
  options.start_to_close_timeout = 200ms;
  options.retry_policy->maximum_attempts = 1;
  auto& worker = work_on<CountOnce>(asked());
  EXPECT_EQ(failure_of(start(count_once)).root().kind(), FailureKind::timeout);
  eventually([&] { return has_reason(); }, "the reason");
  EXPECT_EQ(reason, activity::CancelReason::timed_out);
  EXPECT_TRUE(details.timed_out);
  EXPECT_FALSE(details.canceled || details.worker_shutdown);
  eventually([&] { return worker.status().running_activities == 0; }, "its last step");
}

TEST_F(ActivityEnd, ALocalOneThatIsLateIsTimedOut) {
  heartbeats = false;
  work_on<CountLocally>(asked());
  EXPECT_EQ(failure_of(start(count_locally)).root().kind(), FailureKind::timeout);
  eventually([&] { return has_reason(); }, "the reason");
  EXPECT_EQ(reason, activity::CancelReason::timed_out);
  EXPECT_TRUE(details.timed_out);
}

// --- Failures

TEST_F(ActivityEnd, AFailureMaySayWhenToTryAgain) {
  options.retry_policy = {{.initial_interval = 1h}};
  Registry registry;
  registry.activity(count, [](activity::Context context) -> int {
    if (context.info().attempt == 1)
      throw ApplicationFailure("soon", {.next_retry_delay = std::chrono::milliseconds(20)});
    return 2;
  });
  work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 2);
}

TEST_F(ActivityEnd, ABenignFailureIsOneForItsCaller) {
  options.retry_policy->maximum_attempts = 1;
  Registry registry;
  registry.activity(count, []() -> int {
    throw ApplicationFailure("as expected", {.category = ApplicationErrorCategory::benign});
  });
  work_on<CountOnce>(registry);
  auto failure = failure_of(start(count_once));
  EXPECT_EQ(ApplicationFailure(failure.root()).category(), ApplicationErrorCategory::benign);
}

TEST_F(ActivityEnd, APriorityReachesTheActivity) {
  options.priority = {.priority_key = 2, .fairness_key = "tenant", .fairness_weight = 3};
  Priority seen;
  Registry registry;
  registry.activity(count, [&seen](activity::Context context) {
    seen = context.info().priority;
    return 1;
  });
  auto& worker = work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 1);
  worker.shutdown();
  EXPECT_EQ(seen.priority_key, 2);
  EXPECT_EQ(seen.fairness_key, "tenant");
  EXPECT_EQ(seen.fairness_weight, 3);
}

// --- Eager ones

// A worker that may poll for one activity a quarter of an hour: the others come without a poll.
WorkerOptions one_poll(std::size_t eager) {
  return {.activity_pollers = SimplePollers{.maximum = 1},
          .max_activities_per_second = 0.001,
          .max_eager_activities_per_workflow_task = eager};
}

TEST_F(ActivityEnd, EagerOnesNeedNoPollUpToTheirCap) {
  std::atomic<int> calls = 0;
  Registry registry;
  registry.activity(count, [&calls] { return ++calls; });
  auto& worker = work_on<Many>(registry, one_poll(2));
  auto handle = start(many_type, 5);
  eventually([&] { return calls == 3; }, "two eager ones and a polled one");
  handle.terminate({.reason = "enough"}).get();
  worker.shutdown();
  EXPECT_EQ(calls, 3);
}

class NoEagerOnes : public ActivityEnd {
 protected:
  void only_one_is_polled(WorkerOptions worker_options) {
    std::atomic<int> calls = 0;
    Registry registry;
    registry.activity(count, [&calls] { return ++calls; });
    auto& worker = work_on<Many>(registry, std::move(worker_options));
    auto handle = start(many_type, 3);
    eventually([&] { return calls == 1; }, "a polled one");
    handle.terminate({.reason = "enough"}).get();
    worker.shutdown();
    EXPECT_EQ(calls, 1);
  }
};

TEST_F(NoEagerOnes, WhereTheActivityForbidsIt) {
  options.disable_eager_execution = true;
  only_one_is_polled(one_poll(3));
}

TEST_F(NoEagerOnes, WhereTheQueueHasARate) {
  auto limited = one_poll(3);
  limited.max_task_queue_activities_per_second = 1000;
  only_one_is_polled(limited);
}

}  // namespace
}  // namespace temporal::tests
