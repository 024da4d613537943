// Children, and workflows that are no children, on the real server.
#include <temporal/activity.h>
#include <temporal/workflow_signal_with_start.h>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;
using CancelType = workflow::ChildWorkflowCancellationType;

// Hears a cancel request, and ends by it once it is told to.
constexpr SignalType<void()> finish{"finish"};
constexpr WorkflowType<void()> stubborn_type{"Stubborn"};
struct Stubborn {
  static auto definition() {
    return workflow_definition(stubborn_type, &Stubborn::run,
                               {.cancel_requests = workflow::observe})
        .signal(finish, &Stubborn::on_finish);
  }
  Task<> run() {
    co_await workflow::wait_until([this] { return finished_; });
    if (workflow::cancel_requested().ready()) throw workflow::EndCanceled{"as asked"};
  }
  void on_finish() { finished_ = true; }
  bool finished_ = false;
};

constexpr WorkflowType<std::string(std::string, CancelType)> canceling_type{"Canceling"};
struct Canceling {
  static auto definition() { return workflow_definition(canceling_type, &Canceling::run); }
  static Task<> child(std::string id, CancelType type) {
    co_await workflow::execute_child_workflow(
        stubborn_type,
        {.id = id, .parent_close_policy = ParentClosePolicy::abandon, .cancellation_type = type});
  }
  Task<std::string> run(std::string id, CancelType type) {
    workflow::Scope scope;
    auto ended = workflow::spawn(workflow::in_scope(scope, child(id, type)));
    co_await workflow::sleep(1ms);  // the child has been started, or will be before the request
    scope.cancel("enough");
    auto how = co_await ended.settled();
    co_await workflow::sleep(1ms);  // a request is forgotten with the run that makes it
    if (how) co_return "completed";
    co_return how.error().root().kind() == FailureKind::canceled ? "canceled" : "failed";
  }
};

class OtherWorkflows : public ServerTest {
 protected:
  WorkflowHandle<void> child(const std::string& id) {
    return client.workflow_handle(stubborn_type, id);
  }
  bool asked_to_cancel(const std::string& id) {
    return child(id).describe().get().cancel_requested;
  }
  WorkflowStatus status(const std::string& id) { return child(id).describe().get().status; }
};

TEST_F(OtherWorkflows, WhatACancelledScopeDoesToAChildIsItsCancellationType) {
  work_on<Stubborn, Canceling>();
  struct Case {
    CancelType type;
    bool asked;
  };
  for (auto [type, asked] : {Case{CancelType::abandon, false}, Case{CancelType::try_cancel, true},
                             Case{CancelType::wait_cancellation_requested, true}}) {
    auto id = queue + "-child-" + std::to_string(static_cast<int>(type));
    EXPECT_EQ(run(canceling_type, id, type), "canceled");  // while the child runs
    EXPECT_EQ(status(id), WorkflowStatus::running);
    if (asked)
      eventually([&] { return asked_to_cancel(id); }, "the request");
    else
      EXPECT_FALSE(asked_to_cancel(id));
    child(id).signal(finish).get();
    if (asked)
      EXPECT_EQ(failure_of(child(id)).kind(), FailureKind::canceled);
    else
      result(child(id));
  }
}

TEST_F(OtherWorkflows, AChildThatIsWaitedForEndsFirst) {
  work_on<Stubborn, Canceling>();
  auto id = queue + "-child";
  auto parent = start(canceling_type, id, CancelType::wait_cancellation_completed);
  eventually(
      [&] {
        try {
          return asked_to_cancel(id);
        } catch (const RpcError&) {  // it has not been started
          return false;
        }
      },
      "the request");
  EXPECT_EQ(parent.describe().get().status, WorkflowStatus::running);
  child(id).signal(finish).get();
  EXPECT_EQ(result(parent), "canceled");
  EXPECT_EQ(status(id), WorkflowStatus::canceled);
}

constexpr WorkflowType<void()> sleeper_type{"Sleeper"};
struct Sleeper {
  static auto definition() { return workflow_definition(sleeper_type, &Sleeper::run); }
  Task<> run() { co_await workflow::sleep(1h); }
};
constexpr WorkflowType<void(std::string, ParentClosePolicy)> leaving_type{"Leaving"};
struct Leaving {
  static auto definition() { return workflow_definition(leaving_type, &Leaving::run); }
  Task<> run(std::string id, ParentClosePolicy policy) {
    co_await workflow::start_child_workflow(sleeper_type,
                                            {.id = id, .parent_close_policy = policy});
  }
};

TEST_F(OtherWorkflows, WhatTheEndOfItsParentDoesToAChildIsItsParentClosePolicy) {
  work_on<Sleeper, Leaving>();
  auto left = [&](ParentClosePolicy policy) {
    auto id = queue + "-child-" + std::to_string(static_cast<int>(policy));
    run(leaving_type, id, policy);
    return id;
  };
  auto abandoned = left(ParentClosePolicy::abandon);
  auto canceled = left(ParentClosePolicy::request_cancel);
  auto terminated = left(ParentClosePolicy::terminate);
  eventually([&] { return status(canceled) == WorkflowStatus::canceled; }, "its cancellation");
  eventually([&] { return status(terminated) == WorkflowStatus::terminated; }, "its termination");
  EXPECT_EQ(status(abandoned), WorkflowStatus::running);
  child(abandoned).terminate({.reason = "seen"}).get();
}

// --- Priority

constexpr ActivityType<Priority()> tell_priority{"tellPriority"};
constexpr WorkflowType<std::vector<Priority>(int)> ranked_type{"Ranked"};
struct Ranked {
  static auto definition() { return workflow_definition(ranked_type, &Ranked::run); }
  static workflow::ActivityOptions with(Priority priority) {
    return {.start_to_close_timeout = 10s, .priority = priority};
  }
  Task<std::vector<Priority>> run(int depth) {
    if (depth == 0) co_return std::vector<Priority>{workflow::info().priority};
    if (depth == 1) workflow::continue_as_new(ranked_type, {}, 0);
    std::vector<Priority> all = {workflow::info().priority};
    all.push_back(co_await workflow::execute_activity(tell_priority, with({})));
    all.push_back(co_await workflow::execute_activity(
        tell_priority, with({.priority_key = 1, .fairness_key = "b", .fairness_weight = 2})));
    for (Priority priority : {Priority{}, Priority{.priority_key = 5, .fairness_key = "c"}}) {
      auto of_child =
          co_await workflow::execute_child_workflow(ranked_type, {.priority = priority}, 1);
      all.push_back(of_child.at(0));
    }
    co_return all;
  }
};

TEST_F(OtherWorkflows, PriorityAndFairnessOfActivitiesChildrenAndTheNextRun) {
  Registry registry;
  registry.activity(tell_priority,
                    [](activity::Context context) { return context.info().priority; });
  work_on<Ranked>(registry);
  const Priority own{.priority_key = 2, .fairness_key = "a", .fairness_weight = 1.5F};
  auto handle =
      client.start_workflow(ranked_type, {.id = queue, .task_queue = queue, .priority = own}, 2)
          .get();
  const std::vector<Priority> want = {
      own,
      {},  // its own: it is the server that hands it out by the workflow's
      {.priority_key = 1, .fairness_key = "b", .fairness_weight = 2},
      own,
      {.priority_key = 5, .fairness_key = "c", .fairness_weight = 1.5F}};
  EXPECT_EQ(result(handle), want);
  EXPECT_EQ(handle.describe().get().priority, own);
}

// --- Workflows that are no children

constexpr WorkflowType<std::string(std::string)> calling_off_type{"CallingOff"};
struct CallingOff {
  static auto definition() { return workflow_definition(calling_off_type, &CallingOff::run); }
  Task<std::string> run(std::string id) {
    auto other = workflow::external_workflow(id);
    auto asked = co_await other.cancel("not wanted").settled();
    co_return asked ? "asked" : asked.error().message();
  }
};

TEST_F(OtherWorkflows, AnyWorkflowMayBeAskedToCancel) {
  work_on<Sleeper, CallingOff>();
  auto sleeper = start(sleeper_type);
  EXPECT_EQ(run(calling_off_type, sleeper.id()), "asked");
  EXPECT_EQ(failure_of(sleeper).kind(), FailureKind::canceled);
  EXPECT_THAT(run(calling_off_type, "nobody"), ::testing::HasSubstr("not found"));
}

struct Basket {
  static constexpr WorkflowType<std::vector<std::string>(std::string)> type{"Basket"};
  static constexpr SignalType<void(std::string)> add{"add"};
  static auto definition() {
    return workflow_definition(type, &Basket::run).signal(add, &Basket::on_add);
  }
  Task<std::vector<std::string>> run(std::string owner) {
    co_await workflow::wait_until([this] { return items_.size() >= 3; });
    items_.push_back(owner);
    co_return items_;
  }
  void on_add(std::string item) { items_.push_back(std::move(item)); }
  std::vector<std::string> items_;
};
constexpr WorkflowType<std::string(std::string)> shopping_type{"Shopping"};
struct Shopping {
  static auto definition() { return workflow_definition(shopping_type, &Shopping::run); }
  Task<std::string> run(std::string id) {
    auto first = co_await workflow::signal_with_start(Basket::type, {.id = id},
                                                      temporal::call(Basket::add, "tea"), "me");
    auto second = co_await workflow::signal_with_start(Basket::type, {.id = id},
                                                       temporal::call(Basket::add, "cups"), "you");
    co_await second.signal(Basket::add, "sugar");
    co_return first.id();
  }
};

TEST_F(OtherWorkflows, ASignalStartsTheWorkflowThatDoesNotRun) {
  work_on<Basket, Shopping>({}, {.max_cached_workflows = 0});
  auto id = queue + "-basket";
  EXPECT_EQ(run(shopping_type, id), id);
  EXPECT_EQ(result(client.workflow_handle(Basket::type, id)),
            (std::vector<std::string>{"tea", "cups", "sugar", "me"}));
}

}  // namespace
}  // namespace temporal::tests
