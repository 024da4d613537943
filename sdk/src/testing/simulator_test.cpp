// The simulator: workflows with mocked activities, in skipped time, through the client's own calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/activity.h>
#include <temporal/testing.h>
#include <temporal/workflow.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "testing/test_calls.h"

namespace temporal::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf, ::testing::HasSubstr;
using workflow::Task;

// --- A workflow of each thing

// [loan]
struct Loan {
  static constexpr WorkflowType<std::string(std::string)> type{"Loan"};
  static constexpr SignalType<void(std::string)> note{"note"};
  static constexpr SignalType<void()> pay{"pay"};
  static constexpr QueryType<std::vector<std::string>()> notes{"notes"};
  static constexpr UpdateType<int(int)> extend{"extend"};
};
constexpr ActivityType<bool(std::string)> check_credit{"checkCredit"};
constexpr ActivityType<void(std::string)> remind{"remind"};

class LoanWorkflow {
 public:
  static auto definition() {
    return workflow_definition(Loan::type, &LoanWorkflow::run)
        .signal(Loan::note, &LoanWorkflow::note)
        .signal(Loan::pay, &LoanWorkflow::pay)
        .query(Loan::notes, &LoanWorkflow::notes)
        .update(Loan::extend, &LoanWorkflow::extend, &LoanWorkflow::check_extend);
  }
  Task<std::string> run(std::string who) {
    auto good =
        co_await workflow::execute_activity(check_credit, {.start_to_close_timeout = 10s}, who);
    if (!good) co_return "refused";
    for (int reminders = 0; reminders < days_; ++reminders) {
      if (co_await workflow::wait_until([this] { return paid_; }, 24h)) co_return "paid";
      co_await workflow::execute_activity(remind, {.start_to_close_timeout = 10s}, who);
    }
    co_return "lost";
  }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  void pay() { paid_ = true; }
  std::vector<std::string> notes() const { return notes_; }
  void check_extend(int days) const {
    if (days < 1) throw ApplicationFailure("a loan is not shortened", {.type = "Shortened"});
  }
  Task<int> extend(int days) {
    co_await workflow::sleep(1h);
    co_return days_ += days;
  }

 private:
  std::vector<std::string> notes_;
  bool paid_ = false;
  int days_ = 3;
};

// The mocks of most tests.
Registry loans(std::vector<std::string>* reminded = nullptr) {
  Registry registry;
  registry.workflow<LoanWorkflow>();
  registry.activity(check_credit, [](std::string who) { return who != "nobody"; });
  registry.activity(remind, [reminded](std::string who) {
    if (reminded) reminded->push_back(who);
  });
  return registry;
}
// [loan]

WorkflowOptions options(std::string id = "1") {
  return {.id = std::move(id), .task_queue = "loans"};
}
SimulatedOptions impatient(Registry registry) {
  return {.registry = std::move(registry), .patience = 100ms};
}

TEST(Simulated, DaysPassInNoTime) {
  // [simulated]
  std::vector<std::string> reminded;
  auto env = Environment::simulated({.registry = loans(&reminded)});
  auto before = env.now();
  auto result =
      env.client().execute_workflow(Loan::type, {.id = "1", .task_queue = "loans"}, "kim").get();
  EXPECT_EQ(result, "lost");
  EXPECT_EQ(reminded.size(), 3u);
  EXPECT_EQ(env.now() - before, 72h);
  // [simulated]
}

TEST(Simulated, AMockIsARegistryEntry) {
  auto env = Environment::simulated({.registry = loans()});
  EXPECT_EQ(env.client().execute_workflow(Loan::type, options(), "nobody").get(), "refused");
}

TEST(Simulated, TimeStandsStillUntilACallWaits) {
  auto env = Environment::simulated({.registry = loans()});
  auto before = env.now();
  auto loan = env.client().start_workflow(Loan::type, options(), "kim").get();
  loan.signal(Loan::note, "first").get();
  loan.signal(Loan::note, "second").get();
  EXPECT_EQ(loan.query(Loan::notes).get(), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(env.now(), before);
  env.sleep(30h);
  EXPECT_EQ(env.now(), before + 30h);
  loan.signal(Loan::pay).get();
  EXPECT_EQ(loan.result().get(), "paid");
  EXPECT_EQ(env.now(), before + 30h);
  EXPECT_EQ(loan.query(Loan::notes).get().size(), 2u) << "after its end";
}

TEST(Simulated, UpdatesAreRejectedFailOrAnswer) {
  auto env = Environment::simulated({.registry = loans()});
  auto loan = env.client().start_workflow(Loan::type, options(), "kim").get();
  EXPECT_THROW(loan.execute_update(Loan::extend, 0).get(), UpdateFailedError);
  EXPECT_EQ(loan.execute_update(Loan::extend, 2).get(), 5);
  auto begun = loan.start_update(Loan::extend, {.id = "more"}, 1).get();
  EXPECT_FALSE(begun.outcome_known());
  EXPECT_EQ(loan.update_handle(Loan::extend, "more").result().get(), 6);
  EXPECT_EQ(begun.result().get(), 6);
  EXPECT_EQ(loan.result().get(), "lost");
  EXPECT_THAT(error_of(loan.execute_update(Loan::extend, 1)), HasSubstr("already completed"));
}

TEST(Simulated, DescribesAndLists) {
  auto env = Environment::simulated({.registry = loans()});
  auto start = options();
  start.memo = {{"who", Value::of("kim")}};
  start.static_summary = "a loan";
  auto loan = env.client().start_workflow(Loan::type, start, "kim").get();
  auto described = loan.describe().get();
  EXPECT_EQ(described.status, WorkflowStatus::running);
  EXPECT_EQ(described.workflow_type, "Loan");
  EXPECT_EQ(described.task_queue, "loans");
  EXPECT_EQ(described.static_summary, "a loan");
  EXPECT_EQ(described.memo.at("who").as<std::string>(), "kim");
  EXPECT_EQ(described.start_time, env.now());
  loan.result().get();
  EXPECT_EQ(loan.describe().get().status, WorkflowStatus::completed);
  EXPECT_EQ(env.client().list_workflows().get().workflows.size(), 1u);
  EXPECT_EQ(env.client().count_workflows().get().count, 1);
}

TEST(Simulated, ASignalMayStart) {
  auto env = Environment::simulated({.registry = loans()});
  auto signaled =
      env.client().signal_with_start(Loan::type, options(), call(Loan::note, "hello"), "kim").get();
  EXPECT_EQ(signaled.query(Loan::notes).get(), std::vector<std::string>{"hello"});
  auto again = env.client().signal_with_start(Loan::type, options(), call(Loan::pay), "kim").get();
  EXPECT_EQ(again.result().get(), "paid");
}

TEST(Simulated, AnUpdateMayStart) {
  auto env = Environment::simulated({.registry = loans()});
  auto start = options();
  start.id_conflict_policy = WorkflowIdConflictPolicy::use_existing;
  EXPECT_EQ(
      env.client().execute_update_with_start(Loan::type, start, call(Loan::extend, 1), "kim").get(),
      4);
  start.id_conflict_policy = WorkflowIdConflictPolicy::fail;
  EXPECT_THROW(
      env.client().execute_update_with_start(Loan::type, start, call(Loan::extend, 1), "kim").get(),
      WorkflowAlreadyStartedError);
}

TEST(Simulated, AnIdIsTakenAsItsPoliciesSay) {
  auto env = Environment::simulated({.registry = loans()});
  auto first = env.client().start_workflow(Loan::type, options(), "kim").get();
  EXPECT_THROW(env.client().start_workflow(Loan::type, options(), "lee").get(),
               WorkflowAlreadyStartedError);
  auto other = options();
  other.id_conflict_policy = WorkflowIdConflictPolicy::terminate_existing;
  auto second = env.client().start_workflow(Loan::type, other, "lee").get();
  EXPECT_EQ(failure_of(first).kind(), FailureKind::terminated);
  EXPECT_EQ(second.result().get(), "lost");
  other.id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate;
  EXPECT_THROW(env.client().start_workflow(Loan::type, other, "lee").get(),
               WorkflowAlreadyStartedError);
}

// --- Activities: retries, timeouts, cancellation

constexpr WorkflowType<std::string()> calls_type{"Calls"};
constexpr ActivityType<std::string(int)> work{"work"};
struct Calls {
  static inline workflow::ActivityOptions options = {};
  static auto definition() { return workflow_definition(calls_type, &Calls::run); }
  Task<std::string> run() {
    auto answer = co_await workflow::execute_activity(work, options, 1).settled();
    if (answer) co_return *answer;
    const Failure& why = answer.error().cause() ? *answer.error().cause() : answer.error();
    co_return "failed: " + why.message();
  }
};
std::string run_calls(workflow::ActivityOptions options, auto fn,
                      std::chrono::milliseconds* took = nullptr) {
  Calls::options = std::move(options);
  Registry registry;
  registry.workflow<Calls>().activity(work, fn);
  auto env = Environment::simulated(impatient(registry));
  auto before = env.now();
  auto result = env.client().execute_workflow(calls_type, temporal::testing::options()).get();
  if (took) *took = std::chrono::duration_cast<std::chrono::milliseconds>(env.now() - before);
  return result;
}

TEST(Simulated, RetriesFollowThePolicyInSkippedTime) {
  std::chrono::milliseconds took;
  auto result = run_calls(
      {.start_to_close_timeout = 10s},
      [](activity::Context context, int) -> std::string {
        if (context.info().attempt < 4) throw std::runtime_error("not yet");
        return "attempt " + std::to_string(context.info().attempt);
      },
      &took);
  EXPECT_EQ(result, "attempt 4");
  EXPECT_EQ(took, 1s + 2s + 4s);
  EXPECT_EQ(run_calls(
                {.start_to_close_timeout = 10s, .retry_policy = {{.maximum_attempts = 2}}},
                [](int) -> std::string { throw std::runtime_error("never"); }, &took),
            "failed: never");
  EXPECT_EQ(took, 1s);
  EXPECT_EQ(run_calls({.start_to_close_timeout = 10s},
                      [](int) -> std::string {
                        throw ApplicationFailure("for good", {.non_retryable = true});
                      }),
            "failed: for good");
}

TEST(Simulated, ASleepingActivityTakesTheWorkflowsTimeAndTimesOut) {
  std::chrono::milliseconds took;
  auto sleeper = [](activity::Context context, int) -> std::string {
    activity::sleep(10min, context).get();
    return "rested";
  };
  EXPECT_EQ(run_calls({.start_to_close_timeout = 1h}, sleeper, &took), "rested");
  EXPECT_EQ(took, 10min);
  EXPECT_EQ(run_calls({.start_to_close_timeout = 1min, .retry_policy = {{.maximum_attempts = 1}}},
                      sleeper, &took),
            "failed: activity StartToClose timeout");
  EXPECT_EQ(took, 1min);
  EXPECT_EQ(run_calls({.schedule_to_close_timeout = 90s,
                       .heartbeat_timeout = 30s,
                       .retry_policy = {{.maximum_attempts = 1}}},
                      sleeper, &took),
            "failed: activity Heartbeat timeout");
  EXPECT_EQ(took, 30s);
  auto coroutine = [](activity::Context context, int) -> Async<std::string> {
    for (int i = 0; i < 5; ++i) {
      context.heartbeat(i);
      co_await activity::sleep(20s, context);
    }
    co_return "beating";
  };
  EXPECT_EQ(run_calls({.start_to_close_timeout = 1h, .heartbeat_timeout = 30s}, coroutine, &took),
            "beating");
  EXPECT_EQ(took, 100s);
}

TEST(Simulated, DetailsOfAHeartbeatReachTheNextAttempt) {
  EXPECT_EQ(run_calls({.start_to_close_timeout = 10s},
                      [](activity::Context context, int) -> std::string {
                        auto done = context.last_details<int>();
                        context.heartbeat(7);
                        if (!done) throw std::runtime_error("again");
                        return "went on at " + std::to_string(*done);
                      }),
            "went on at 7");
}

TEST(Simulated, WhatIsRetriedForEverFailsTheTest) {
  Calls::options = {.start_to_close_timeout = 10s};
  Registry registry;
  registry.workflow<Calls>().activity(
      work, [](int) -> std::string { throw std::runtime_error("never"); });
  auto env = Environment::simulated({.registry = registry, .max_skips = 50});
  EXPECT_THAT(error_of(env.client().execute_workflow(calls_type, options())),
              AllOf(HasSubstr("jumped 50 times"), HasSubstr("activity work (attempt 5"),
                    HasSubstr("tried again after: never")));
}

TEST(Simulated, SomebodyElseMayCompleteAnActivity) {
  Calls::options = {.start_to_close_timeout = 10s};
  std::string token;
  Registry registry;
  registry.workflow<Calls>().activity(work, [&](activity::Context context, int) -> std::string {
    token = context.info().task_token;
    context.complete_later();
  });
  auto env = Environment::simulated({.registry = registry});
  auto handle = env.client().start_workflow(calls_type, options()).get();
  env.client().activity_handle(token).complete(std::string("by hand")).get();
  EXPECT_EQ(handle.result().get(), "by hand");
}

// --- Cancellation

constexpr WorkflowType<std::string()> long_type{"Long"};
struct Long {
  static inline workflow::ActivityCancellationType cancellation = {};
  static auto definition() { return workflow_definition(long_type, &Long::run); }
  Task<std::string> run() {
    co_await workflow::execute_activity(work,
                                        {.start_to_close_timeout = 100h,
                                         .heartbeat_timeout = 100h,
                                         .cancellation_type = cancellation},
                                        1);
    co_return "done";
  }
};

TEST(Simulated, ACancelReachesTheActivity) {
  for (auto type : {workflow::ActivityCancellationType::try_cancel,
                    workflow::ActivityCancellationType::wait_cancellation_completed,
                    workflow::ActivityCancellationType::abandon}) {
    Long::cancellation = type;
    Registry registry;
    registry.workflow<Long>().activity(work,
                                       [](activity::Context context, int) -> Async<std::string> {
                                         co_await activity::sleep(1h, context);
                                         co_return "slept";
                                       });
    auto env = Environment::simulated({.registry = registry});
    auto before = env.now();
    auto handle = env.client().start_workflow(long_type, options()).get();
    EXPECT_EQ(handle.describe().get().pending_activities.size(), 1u);
    handle.cancel({.reason = "enough"}).get();
    EXPECT_EQ(failure_of(handle).kind(), FailureKind::canceled);
    EXPECT_EQ(handle.describe().get().status, WorkflowStatus::canceled);
    EXPECT_EQ(env.now(), before);
  }
}

TEST(Simulated, ABlockingActivityLetsOthersRunBesideIt) {
  static constexpr WorkflowType<std::string()> both_type{"Both"};
  static constexpr ActivityType<std::string(int)> quick{"quick"};
  struct Both {
    static auto definition() { return workflow_definition(both_type, &Both::run); }
    Task<std::string> run() {
      workflow::Scope scope;
      auto slow = workflow::spawn(workflow::in_scope(scope, wait()));
      auto second = co_await workflow::execute_activity(quick, {.start_to_close_timeout = 10s}, 2);
      scope.cancel("the other is done");
      auto first = co_await slow.settled();
      co_return second + (first ? *first : " and canceled");
    }
    static Task<std::string> wait() {
      using enum workflow::ActivityCancellationType;
      co_return co_await workflow::execute_activity(
          work, {.start_to_close_timeout = 10s, .cancellation_type = wait_cancellation_completed},
          1);
    }
  };
  Registry registry;
  registry.workflow<Both>();
  registry.activity(work, [](activity::Context context, int) -> std::string {
    std::atomic<bool> stopped = false;
    std::stop_callback on_stop(context.stop_token(), [&] { stopped = true, stopped.notify_all(); });
    stopped.wait(false);
    context.throw_if_canceled();
    return "";
  });
  registry.activity(quick, [](int) { return std::string("quick"); });
  auto env = Environment::simulated({.registry = registry});
  EXPECT_EQ(env.client().execute_workflow(both_type, options()).get(), "quick and canceled");
}

// --- Local activities, with a backoff of the worker's and of a timer

constexpr WorkflowType<std::string()> local_type{"Local"};
struct Local {
  static auto definition() { return workflow_definition(local_type, &Local::run); }
  Task<std::string> run() {
    co_return co_await workflow::execute_local_activity(
        work, {.start_to_close_timeout = 10s, .retry_policy = {{.initial_interval = 40s}}}, 1);
  }
};

TEST(Simulated, LocalActivitiesBackOffToATimer) {
  Registry registry;
  registry.workflow<Local>().activity(work, [](activity::Context context, int) -> std::string {
    if (context.info().attempt < 4) throw std::runtime_error("not yet");
    return context.info().is_local ? "local" : "remote";
  });
  auto env = Environment::simulated({.registry = registry});
  auto before = env.now();
  EXPECT_EQ(env.client().execute_workflow(local_type, options()).get(), "local");
  EXPECT_EQ(env.now() - before, 40s + 80s + 160s);
}

}  // namespace
}  // namespace temporal::testing
