// The simulator: children, other workflows, chains of runs, and what never goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/testing.h>
#include <temporal/workflow.h>

#include <optional>
#include <string>
#include <vector>

#include "testing/test_calls.h"

namespace temporal::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf, ::testing::HasSubstr;
using workflow::Task;

template <class... C>
Environment environment(std::chrono::milliseconds patience = 100ms) {
  Registry registry;
  (registry.workflow<C>(), ...);
  return Environment::simulated({.registry = registry, .patience = patience});
}
WorkflowOptions options(std::string id = "1") {
  return {.id = std::move(id), .task_queue = "queue"};
}

// --- Children

constexpr WorkflowType<std::string(std::string)> child_type{"Child"};
constexpr SignalType<void()> open{"open"};
struct Child {
  static auto definition() {
    return workflow_definition(child_type, &Child::run).signal(open, &Child::on_open);
  }
  Task<std::string> run(std::string how) {
    if (how == "fail") throw ApplicationFailure("broken", {.type = "Broken"});
    if (how == "sleep") co_await workflow::sleep(24h);
    if (how == "wait") co_await workflow::wait_until([this] { return opened_; });
    co_return "child of " + workflow::info().parent->workflow_id;
  }
  void on_open() { opened_ = true; }
  bool opened_ = false;
};

constexpr WorkflowType<std::string(std::string)> parent_type{"Parent"};
struct Parent {
  static auto definition() { return workflow_definition(parent_type, &Parent::run); }
  Task<std::string> run(std::string how) {
    auto child =
        co_await workflow::start_child_workflow(child_type, {.id = "child"}, how).settled();
    if (!child) co_return "not started: " + child.error().root().message();
    if (how == "wait") co_await child->signal(open);
    auto result = co_await child->result().settled();
    if (result) co_return *result;
    co_return result.error().message() + ": " + result.error().root().message();
  }
};

TEST(SimulatedChildren, AreStartedSignaledAndAnswer) {
  for (std::string how : {"at once", "sleep", "wait"}) {
    auto env = environment<Parent, Child>();
    EXPECT_EQ(env.client().execute_workflow(parent_type, options(), how).get(), "child of 1")
        << how;
  }
  auto env = environment<Parent, Child>();
  EXPECT_EQ(env.client().execute_workflow(parent_type, options(), "fail").get(),
            "Child Workflow execution failed: broken");
}

TEST(SimulatedChildren, AnIdThatIsTakenIsNotStarted) {
  auto env = environment<Parent, Child>();
  auto other = env.client().start_workflow(child_type, options("child"), "wait").get();
  EXPECT_EQ(env.client().execute_workflow(parent_type, options(), "sleep").get(),
            "not started: WorkflowAlreadyStarted");
}

TEST(SimulatedChildren, EndWithTheirParentAndAreCanceledWithIt) {
  auto env = environment<Parent, Child>();
  auto parent = env.client().start_workflow(parent_type, options(), "sleep").get();
  auto child = env.client().workflow_handle(child_type, "child");
  EXPECT_EQ(parent.describe().get().pending_children.size(), 1u);
  EXPECT_EQ(child.describe().get().parent->workflow_id, "1");
  parent.terminate({.reason = "enough"}).get();
  EXPECT_EQ(child.describe().get().status, WorkflowStatus::terminated);

  parent = env.client().start_workflow(parent_type, options("2"), "sleep").get();
  parent.cancel().get();
  EXPECT_EQ(parent.result().get(), "Child Workflow execution cancelled: ");
  EXPECT_EQ(child.describe().get().status, WorkflowStatus::canceled);
}

// --- Other workflows

constexpr WorkflowType<std::string(std::string)> caller_type{"Caller"};
struct Caller {
  static auto definition() { return workflow_definition(caller_type, &Caller::run); }
  Task<std::string> run(std::string id) {
    auto other = workflow::external_workflow(id);
    auto signaled = co_await other.signal(open).settled();
    if (!signaled) co_return signaled.error().message();
    co_await other.cancel("no more");
    co_return "both";
  }
};

TEST(SimulatedOthers, AreSignaledAndCanceledOrNotFound) {
  auto env = environment<Caller, Parent, Child>();
  auto other = env.client().start_workflow(parent_type, options("other"), "sleep").get();
  EXPECT_EQ(env.client().execute_workflow(caller_type, options(), "other").get(), "both");
  EXPECT_TRUE(other.describe().get().cancel_requested);
  EXPECT_EQ(env.client().execute_workflow(caller_type, options(), "nobody").get(),
            "Unable to signal external workflow because it was not found");
}

// --- Chains of runs

constexpr WorkflowType<int(int)> chain_type{"Chain"};
constexpr KeywordKey kColor{"Color"};
struct Chain {
  static auto definition() { return workflow_definition(chain_type, &Chain::run); }
  Task<int> run(int left) {
    co_await workflow::sleep(1h);
    workflow::upsert_memo({{"left", Value::of(left)}});
    workflow::upsert_search_attributes({kColor.is("green")});
    if (left > 0) workflow::continue_as_new(chain_type, {}, left - 1);
    co_return workflow::memo<int>("left").value_or(-1);
  }
};

TEST(SimulatedChains, ContinueAsNewIsFollowed) {
  auto env = environment<Chain>();
  auto before = env.now();
  auto handle = env.client().start_workflow(chain_type, options(), 2).get();
  EXPECT_EQ(handle.result().get(), 0);
  EXPECT_EQ(env.now() - before, 3h);
  auto described = handle.describe().get();
  EXPECT_EQ(described.first_run_id, handle.first_execution_run_id());
  EXPECT_NE(described.run_id, handle.first_execution_run_id());
  EXPECT_EQ(described.memo.at("left").as<int>(), 0);
  EXPECT_EQ(described.search_attributes.get(kColor), "green");
}

constexpr WorkflowType<int()> flaky_type{"Flaky"};
struct Flaky {
  static auto definition() { return workflow_definition(flaky_type, &Flaky::run); }
  Task<int> run() {
    if (workflow::info().attempt < 3) throw ApplicationFailure("not yet");
    co_await workflow::sleep(10min);
    co_return workflow::info().attempt;
  }
};

TEST(SimulatedChains, AWorkflowIsRetriedAndTimesOut) {
  auto env = environment<Flaky>();
  auto before = env.now();
  auto retried = options();
  retried.retry_policy = {.initial_interval = 1min};
  EXPECT_EQ(env.client().execute_workflow(flaky_type, retried).get(), 3);
  EXPECT_EQ(env.now() - before, 1min + 2min + 10min);
  retried.execution_timeout = 5min;
  auto late = env.client().start_workflow(flaky_type, retried).get();
  EXPECT_EQ(failure_of(late).kind(), FailureKind::timeout);
  retried.execution_timeout = {};
  retried.retry_policy = RetryPolicy{.maximum_attempts = 2};
  EXPECT_EQ(failure_of(env.client().start_workflow(flaky_type, retried).get()).message(),
            "not yet");
}

TEST(SimulatedChains, AStartMayBeDelayed) {
  auto env = environment<Chain>();
  auto before = env.now();
  auto later = options();
  later.start_delay = 7h;
  EXPECT_EQ(env.client().execute_workflow(chain_type, later, 0).get(), 0);
  EXPECT_EQ(env.now() - before, 8h);
}

// --- What never goes on

constexpr WorkflowType<int(std::string)> stuck_type{"Stuck"};
constexpr ActivityType<int()> elsewhere{"elsewhere"};
struct Stuck {
  static auto definition() { return workflow_definition(stuck_type, &Stuck::run); }
  Task<int> run(std::string how) {
    if (how == "bug") throw std::runtime_error("a bug");
    if (how == "activity")
      co_return co_await workflow::execute_activity(
          elsewhere, {.task_queue = "elsewhere", .start_to_close_timeout = 1s});
    co_await workflow::wait_until([] { return false; });
    co_return 1;
  }
};

TEST(SimulatedStandstill, IsTold) {
  auto env = environment<Stuck, Parent, Child>();
  EXPECT_THAT(
      error_of(env.client().execute_workflow(stuck_type, options("1"), "condition")),
      AllOf(HasSubstr("nothing in the simulator can end this wait: workflow 1 (Stuck"),
            HasSubstr("waits for a signal, an update or a cancel request, or a condition")));
  EXPECT_THAT(error_of(env.client().execute_workflow(stuck_type, options("2"), "activity")),
              HasSubstr("waits for activity elsewhere (attempt 1), which waits for a worker with "
                        "activities on task queue \"elsewhere\""));
  EXPECT_THAT(error_of(env.client().execute_workflow(stuck_type, options("3"), "bug")),
              AllOf(HasSubstr("the task of workflow 3 (Stuck"), HasSubstr("a bug")));
  EXPECT_THAT(error_of(env.client().execute_workflow("Unknown", options("4"))),
              HasSubstr("\"Unknown\" is not registered; registered are: Child, Parent, Stuck"));
}

TEST(SimulatedStandstill, WithoutAWorkerIsTold) {
  auto env = Environment::simulated({.patience = 50ms});
  EXPECT_THAT(error_of(env.client().execute_workflow(stuck_type, options(), "")),
              HasSubstr("workflow 1 (Stuck, run 00000000-0000-4000-8000-000000000001) waits for a "
                        "worker with workflows on task queue \"queue\""));
}

TEST(SimulatedWorkers, ServeTheirQueuesAndTakeUpWhatWaits) {
  auto env = Environment::simulated({.patience = 50ms});
  auto stuck = env.client().start_workflow(stuck_type, options(), "activity").get();
  Registry workflows, activities;
  workflows.workflow<Stuck>();
  activities.activity(elsewhere, [] { return 7; });
  auto worker = env.work({.task_queue = "queue", .registry = workflows});
  EXPECT_THAT(error_of(stuck.result()), HasSubstr("task queue \"elsewhere\""));
  auto other = env.work({.task_queue = "elsewhere", .registry = activities});
  EXPECT_EQ(stuck.result().get(), 7);
}

TEST(SimulatedStandstill, ACallMayTimeOutOrBeStopped) {
  auto env = environment<Stuck>(1min);
  auto handle = env.client().start_workflow(stuck_type, options(), "condition").get();
  EXPECT_THAT(error_of(handle.result({.rpc = {.timeout = 20ms}})), HasSubstr("deadline_exceeded"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(error_of(handle.result({.rpc = {.stop = stop.get_token()}})), HasSubstr("canceled"));
}

TEST(SimulatedStandstill, AnotherThreadMayEndAWait) {
  auto env = environment<Parent, Child>(1min);
  auto child = env.client().start_workflow(parent_type, options(), "sleep").get();
  auto waiting = child.result();
  std::optional<Outcome<std::string>> outcome;
  std::atomic<bool> ended = false;
  waiting.start([&](Outcome<std::string> o) {
    outcome = std::move(o);
    ended = true;
    ended.notify_all();
  });
  ended.wait(false);
  EXPECT_EQ(outcome->value(), "child of 1");
}

TEST(Simulated, WhatItHasNotIsNamed) {
  auto env = environment<Stuck>();
  auto cron = options();
  cron.cron_schedule = "@daily";
  EXPECT_THAT(error_of(env.client().start_workflow(stuck_type, cron, "")),
              AllOf(HasSubstr("no cron schedules"), HasSubstr("time_skipping")));
  EXPECT_THAT(error_of(env.client().call(RpcService::workflow, "CreateSchedule", "")),
              HasSubstr("the simulator has no CreateSchedule; Environment::time_skipping()"));
  EXPECT_THAT(error_of(env.client().list_workflows({.query = "WorkflowType = 'A'"})),
              HasSubstr("no list filters"));
  EXPECT_THAT(error_of(env.client().workflow_handle("none").describe()),
              HasSubstr("there is no workflow none"));
  EXPECT_THROW(Environment::simulated({.patience = 0ms}), std::invalid_argument);
}

}  // namespace
}  // namespace temporal::testing
