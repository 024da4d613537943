// What workflow code may write, each form in the smallest workflow that has it, run on the instance
// alone.
#include <gtest/gtest.h>
#include <temporal/saga.h>
#include <temporal/workflow.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workflow/test_play.h"

namespace {

using namespace std::chrono_literals;
namespace workflow = temporal::workflow;
using temporal::testing::cancel, temporal::testing::fired, temporal::testing::noted;
using temporal::testing::init, temporal::testing::ok, temporal::testing::bad;
using temporal::testing::Job;
using temporal::testing::Play, temporal::testing::Probe;
using workflow::Future, workflow::Task;

inline constexpr temporal::ActivityType<std::string(std::string)> charge{"charge"};
inline constexpr temporal::ActivityType<void(std::string)> refund{"refund"};
inline constexpr temporal::WorkflowType<std::string(std::string)> audit{"audit"};
inline constexpr temporal::SignalType<void(std::string)> hurry{"hurry"};

Future<std::string> charging(std::string text) {
  return workflow::execute_activity(charge, {.start_to_close_timeout = 10s}, std::move(text));
}

// --- Definitions made at run time, raw arguments, what fails a run

struct Raw {
  static constexpr temporal::WorkflowType<std::string(temporal::RawArgs)> type{"Raw"};
  static constexpr temporal::SignalType<void(temporal::RawArgs)> any{"any"};
  static constexpr temporal::UpdateType<int(temporal::RawArgs)> count{"count"};
  static constexpr temporal::QueryType<int(temporal::RawArgs)> seen{"seen"};
  static auto definition() {
    return temporal::workflow_definition(type, &Raw::run)
        .signal(any, &Raw::on_any)
        .update(count, &Raw::on_count, &Raw::check_count)
        .query(seen, &Raw::on_seen);
  }
  std::size_t args = 0;
  Task<std::string> run(temporal::RawArgs in) {
    const std::string name = "charge" + std::to_string(in.as<int>(0));  // known only at run time
    co_return co_await workflow::execute_activity(
        temporal::ActivityType<std::string(temporal::RawArgs)>{name},
        {.start_to_close_timeout = 1s}, {.values = std::move(in.values)});
  }
  void on_any(temporal::RawArgs in) { args += in.size(); }
  Task<int> on_count(temporal::RawArgs in) { co_return static_cast<int>(args += in.size()); }
  void check_count(temporal::RawArgs in) const {
    if (in.size() == 0) throw temporal::ApplicationFailure("nothing to count");
  }
  int on_seen(temporal::RawArgs) const { return static_cast<int>(args); }
};
TEST(ApiWorkflow, RawArgumentsAndANameOfRunTime) {
  using namespace temporal::testing;
  Play p(Raw::definition());
  auto c = p.feed({init("7"), signaled("any", {"1", R"("x")"})});
  EXPECT_EQ(text(c), "ScheduleActivity1(7)");
  EXPECT_EQ(c.successful().commands(0).schedule_activity().activity_type(), "charge7");
  EXPECT_EQ(p(updated("u", "count", {"1"})), "UpdateAccepted:u UpdateCompleted:u(3)");
  EXPECT_EQ(p(updated("v", "count", {})), "UpdateRejected:v(nothing to count)");
  EXPECT_EQ(p(queried("q", "seen")), "QuerySucceeded:q(3)");
  EXPECT_EQ(p(ok(1, "y")), R"(Complete("y"))");
}

struct OutOfStock : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Stock {
  static auto definition() {
    return temporal::workflow_definition(
        audit, &Stock::run,
        {.cancel_requests = workflow::cancel_root,
         .failure_types = {workflow::failure_type<OutOfStock>()},
         .versioning_behavior = temporal::VersioningBehavior::pinned});
  }
  Task<std::string> run(std::string) {
    co_await workflow::sleep(1s);
    throw OutOfStock("no shoes");
  }
};
TEST(ApiWorkflow, AListedExceptionFailsTheRun) {
  Play p(Stock::definition());
  p(init());
  EXPECT_EQ(p(fired(1)), "Fail(no shoes)");
}

TEST(ApiWorkflow, ASignalHandlerOfRunTime) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_signal_handler(hurry, [self](std::string s) { self->notes.push_back(s); });
    co_await workflow::wait_until([self] { return self->notes.size() == 1; });
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
    workflow::set_signal_handler(hurry, [self](std::string s) -> Task<> {
      co_await workflow::sleep(1s);
      self->notes.push_back(s);
    });
    co_await workflow::wait_until([self] { return self->notes.size() == 2; });
    co_return self->notes[0] + self->notes[1];
  });
  using temporal::testing::signaled;
  p(init(), signaled("hurry", {R"("a")"}));
  EXPECT_EQ(p(signaled("hurry", {R"("b")"})), "StartTimer1(1000)");
  EXPECT_EQ(p(fired(1)), R"(Complete("ab"))");
}

TEST(ApiWorkflow, HandlersOfRunTime) {
  static constexpr temporal::UpdateType<int(int)> scale{"scale"};
  static constexpr temporal::QueryType<int()> scaled{"scaled"};
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_update_handler(scale, [self](int n) { return self->sum += n; });
    workflow::set_update_handler(
        // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
        scale, [self](int n) -> Task<int> { co_return self->sum += n; },
        [](int n) {
          if (n < 0) throw temporal::ApplicationFailure("negative");
        });
    workflow::set_query_handler(scaled, [self] { return self->sum; });
    co_await workflow::wait_until([self] { return self->sum > 6; });
    workflow::set_signal_handler(hurry, nullptr);
    workflow::set_update_handler(scale, nullptr);
    workflow::set_query_handler(scaled, nullptr);
    co_return "end";
  });
  using namespace temporal::testing;
  EXPECT_EQ(p(init(), updated("u", "scale", {"-1"}), updated("v", "scale", {"3"})),
            "UpdateRejected:u(negative) UpdateAccepted:v UpdateCompleted:v(3)");
  EXPECT_EQ(p(queried("q", "scaled")), "QuerySucceeded:q(3)");
  EXPECT_EQ(p(updated("w", "scale", {"4"})),
            R"(UpdateAccepted:w UpdateCompleted:w(7) Complete("end"))");
}

// Whatever comes, under any name; a RawValue is sent as it is.
struct Anything {
  static auto definition() {
    return temporal::dynamic_workflow_definition(&Anything::run)
        .dynamic_signal(&Anything::on_signal)
        .dynamic_update(&Anything::on_update, &Anything::check_update)
        .dynamic_query(&Anything::on_query);
  }
  std::string last = {};
  Task<temporal::RawValue> run(temporal::RawArgs args) {
    co_await workflow::wait_until([this] { return !last.empty(); });
    co_return args.as<temporal::RawValue>(0);
  }
  void on_signal(std::string name, temporal::RawArgs) { last = std::move(name); }
  Task<temporal::RawValue> on_update(std::string, temporal::RawArgs args) {
    co_return args.as<temporal::RawValue>(0);
  }
  void check_update(std::string name, temporal::RawArgs args) const {
    if (args.size() == 0) throw temporal::ApplicationFailure(name + " of nothing");
  }
  std::string on_query(std::string name, temporal::RawArgs) const { return name + last; }
};
TEST(ApiWorkflow, DynamicWorkflowsAndHandlers) {
  using namespace temporal::testing;
  Play p(Anything::definition());
  p(init("[7]"));
  EXPECT_EQ(p(updated("u", "any", {})), "UpdateRejected:u(any of nothing)");
  EXPECT_EQ(p(updated("v", "any", {"{}"})), "UpdateAccepted:v UpdateCompleted:v({})");
  EXPECT_EQ(p(queried("q", "what")), R"(QuerySucceeded:q("what"))");
  EXPECT_EQ(p(signaled("go", {})), "Complete([7])");
}
TEST(ApiWorkflow, DynamicHandlersOfRunTime) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_dynamic_signal_handler(
        [self](std::string name, temporal::RawArgs) { self->notes.push_back(name); });
    workflow::set_dynamic_update_handler([](std::string name, temporal::RawArgs) { return name; },
                                         [](std::string, temporal::RawArgs args) {
                                           if (args.size() == 0)
                                             throw temporal::ApplicationFailure("nothing");
                                         });
    workflow::set_dynamic_query_handler(
        [](std::string name, temporal::RawArgs args) { return name + args.as<std::string>(0); });
    co_await workflow::wait_until([self] { return !self->notes.empty(); });
    workflow::set_dynamic_signal_handler(nullptr);
    workflow::set_dynamic_update_handler(nullptr);
    workflow::set_dynamic_query_handler(nullptr);
    co_return self->notes[0];
  });
  using namespace temporal::testing;
  EXPECT_EQ(p(init(), updated("u", "any", {"1"}), updated("v", "any", {})),
            R"(UpdateAccepted:u UpdateCompleted:u("any") UpdateRejected:v(nothing))");
  EXPECT_EQ(p(signaled("go", {})), R"(Complete("go"))");
}

// --- Futures and Tasks

Task<int> plus(int a, int b) {
  co_return a + b;
}
Task<int> forwarded(int a) {
  co_return co_await plus(a, 1);
}
[[clang::coro_wrapper]] Task<int> wrapped(int a) {
  return plus(a, 2);
}
struct Held {  // std::function returns a Task inside a struct
  Task<int> task;
};
Task<std::unique_ptr<int>> boxed(int n) {
  co_return std::make_unique<int>(n);
}
TEST(ApiWorkflow, WhatMayBeAwaited) {
  Play p([](Probe*) -> Task<std::string> {
    auto f = charging("x");
    const std::string once = co_await f, again = co_await f;
    const std::string moved = co_await std::move(f);
    int sum = co_await forwarded(1) + co_await wrapped(1);
    auto task = plus(sum, 1);
    auto spawned = workflow::spawn(std::move(task));
    sum = co_await spawned;
    std::function<Held(int)> held = [](int n) { return Held{plus(n, 1)}; };
    sum = co_await held(sum).task;
    auto box = workflow::spawn(boxed(sum));
    const auto only = co_await std::move(box);  // its result cannot be copied
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
    auto closure = workflow::spawn([n = *only]() -> Task<int> { co_return n + 1; });
    const auto expected = co_await closure.settled();
    co_return once + again + moved + std::to_string(expected.value());
  });
  p(init());
  EXPECT_EQ(p(ok(1, "a")), R"(Complete("aaa8"))");
}

TEST(ApiWorkflow, SelectAnyAllAndConditions) {
  Play p([](Probe* self) -> Task<std::string> {
    auto a = charging("a"), b = charging("b");
    auto nap = workflow::sleep(1s, {.summary = "nap"});
    const auto first = co_await workflow::select(a, b, nap);
    std::vector<Future<std::string>> many;
    many.push_back(std::move(a));
    many.push_back(std::move(b));
    const auto lowest = co_await workflow::any(many);
    auto [one, other, nothing] = co_await workflow::all(many[0], many[1], nap);
    static_assert(std::is_same_v<decltype(nothing), std::monostate>);
    co_await workflow::wait_until([self] { return self->open; });
    auto in_time = workflow::wait_until([self] { return self->notes.size() > 9; }, 2s);
    const bool noted = co_await in_time;
    co_return std::to_string(first) + std::to_string(lowest) + one + other + (noted ? "!" : "?");
  });
  p(init());
  EXPECT_EQ(p(ok(2, "B")), "");
  EXPECT_EQ(p(ok(1, "A"), fired(1)), "");
  EXPECT_EQ(p(noted("open")), "StartTimer2(2000)");
  EXPECT_EQ(p(fired(2)), R"(Complete("11AB?"))");
}

// --- Cancellation and ending

TEST(ApiWorkflow, ScopesNestAndShield) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::Scope outer;
    auto inside = []() -> Task<std::string> {
      workflow::Scope inner;  // a child of the one it runs in
      auto f = charging("x");
      inner.cancel("only the inner");
      co_return co_await f;
    };
    auto work = workflow::spawn(workflow::in_scope(outer, inside()));
    auto safe = workflow::spawn(
        workflow::shielded([]() -> Task<std::string> { co_return co_await charging("safe"); }()));
    outer.cancel("enough");
    const auto canceled = co_await work.settled();
    if (!outer.canceled() || canceled) co_return "not cancelled";
    co_return canceled.error().root().message() + co_await safe;
  });
  EXPECT_EQ(p(init()),
            R"(ScheduleActivity1("x") ScheduleActivity2("safe") RequestCancelActivity1)");
  EXPECT_EQ(p(temporal::testing::gone(1), ok(2, "!")), R"(Complete("by request!"))");
}

TEST(ApiWorkflow, ACancelRequestIsOnlyAFuture) {
  Play p(temporal::testing::probe(
      [](Probe*) -> Task<std::string> {
        auto request = workflow::cancel_requested();
        auto work = charging("x");
        if (co_await workflow::select(work, request) == 0) co_return "worked";
        throw workflow::EndCanceled{co_await request};
      },
      {.cancel_requests = workflow::observe}));
  p(init());
  EXPECT_EQ(p(cancel("stop")), R"(Cancel("stop"))");
}

TEST(ApiWorkflow, ContinuesAsNew) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::continue_as_new(audit,
                              {.task_queue = "q",
                               .run_timeout = 1h,
                               .memo = {{{"who", temporal::Value::of(std::string("me"))}}}},
                              "next");
    co_return "";
  });
  EXPECT_EQ(p(init()), R"(ContinueAsNew("next"))");
}

// --- Other workflows

TEST(ApiWorkflow, ChildrenAndExternalWorkflows) {
  Play p([](Probe*) -> Task<std::string> {
    auto child = co_await workflow::start_child_workflow(
        audit, {.id = "c", .parent_close_policy = temporal::ParentClosePolicy::abandon}, "in");
    co_await child.signal(hurry, "please");
    auto other = workflow::external_workflow("order-7", "r7");
    co_await other.signal(hurry, "you too");
    co_await other.cancel("enough");
    co_return child.id() + child.first_execution_run_id() + co_await child.result();
  });
  EXPECT_EQ(p(init()), R"(StartChild1("in"))");
  Job started, signaled, other, requested, ended;
  started.mutable_resolve_child_workflow_execution_start()->set_seq(1);
  started.mutable_resolve_child_workflow_execution_start()->mutable_succeeded()->set_run_id("r");
  signaled.mutable_resolve_signal_external_workflow()->set_seq(1);
  other.mutable_resolve_signal_external_workflow()->set_seq(2);
  requested.mutable_resolve_request_cancel_external_workflow()->set_seq(1);
  ended.mutable_resolve_child_workflow_execution()->set_seq(1);
  auto& result = *ended.mutable_resolve_child_workflow_execution()
                      ->mutable_result()
                      ->mutable_completed()
                      ->mutable_result();
  (*result.mutable_metadata())["encoding"] = "json/plain";
  result.set_data(R"("!")");
  EXPECT_EQ(p(started), R"(Signal1("please"))");
  EXPECT_EQ(p(signaled), R"(Signal2("you too"))");
  EXPECT_EQ(p(other), "CancelExternal1(enough)");
  EXPECT_EQ(p(requested, ended), R"(Complete("cr!"))");
}

// --- Saga

TEST(ApiWorkflow, ASagaStopsAtThePointOfNoReturn) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::Saga saga({.stop = [](const workflow::Compensated& c) {
      return !c.result && c.result.error().root().message() == "gone";
    }});
    saga.compensate_with(refund, {.start_to_close_timeout = 1s}, "first");
    saga.compensate_with(refund, {.start_to_close_timeout = 1s}, "second");
    workflow::SagaResult undone = co_await saga.compensate();
    co_return std::to_string(undone.done.size()) + undone.done.back().activity +
        (undone.stopped ? " stopped" : "");
  });
  EXPECT_EQ(p(init()), R"(ScheduleActivity1("second"))");
  EXPECT_EQ(p(bad(1, "gone")), R"(Complete("1refund stopped"))");
}

// --- Interceptors

struct Tenant final : workflow::OutboundInterceptor {
  Future<temporal::Value> execute_activity(workflow::ActivityInput in) override {
    in.headers["tenant"] = {.data = "t"};
    return workflow::spawn(louder(next->execute_activity(std::move(in))));
  }
  Future<temporal::Value> execute_local_activity(workflow::LocalActivityInput in) override {
    return next->execute_local_activity(std::move(in));
  }
  Future<void> start_timer(workflow::TimerInput in) override {
    return next->start_timer(std::move(in));
  }
  workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in) override {
    return next->start_child_workflow(std::move(in));
  }
  Future<void> signal(workflow::SignalInput in) override { return next->signal(std::move(in)); }
  Future<void> cancel_external(workflow::CancelExternalInput in) override {
    return next->cancel_external(std::move(in));
  }
  workflow::ContinueAsNewInput continue_as_new(workflow::ContinueAsNewInput in) override {
    return next->continue_as_new(std::move(in));
  }
  static Task<temporal::Value> louder(Future<temporal::Value> result) {
    auto value = co_await std::move(result);
    co_return temporal::Value::of(value.as<std::string>() + "!");
  }
};
struct Watch final : workflow::InboundInterceptor {
  Task<temporal::Value> execute(workflow::ExecuteInput in) override {
    co_return co_await next->execute(std::move(in));
  }
  Task<temporal::Value> handle_signal(workflow::HandlerInput in) override {
    co_return co_await next->handle_signal(std::move(in));
  }
  void validate_update(const workflow::HandlerInput& in) override { next->validate_update(in); }
  Task<temporal::Value> handle_update(workflow::HandlerInput in) override {
    co_return co_await next->handle_update(std::move(in));
  }
  temporal::Value handle_query(workflow::HandlerInput in) override {
    return next->handle_query(std::move(in));
  }
};
TEST(ApiWorkflow, Interceptors) {
  const workflow::InterceptorFactory make = [] {
    return workflow::Interceptors{.inbound = std::make_unique<Watch>(),
                                  .outbound = std::make_unique<Tenant>()};
  };
  Play p([](Probe*) -> Task<std::string> { co_return co_await charging("x"); },
         {.interceptors = {make}});
  auto c = p.feed({init()});
  EXPECT_EQ(c.successful().commands(0).schedule_activity().headers().at("tenant").data(), "t");
  EXPECT_EQ(p(ok(1, "a")), R"(Complete("a!"))");
}

}  // namespace
