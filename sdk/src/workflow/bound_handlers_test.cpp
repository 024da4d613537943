// Handlers that a run binds for itself, and those that take every name.
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

inline constexpr UpdateType<int(int)> scale{"scale"};
inline constexpr QueryType<int()> count{"count"};
inline constexpr SignalType<void(std::string)> later{"later"};

Task<std::string> wait_for_ever(Probe*) {
  co_await workflow::wait_until([] { return false; });
  co_return "";
}

// --- Updates

Task<std::string> binds_an_update(Probe* self) {
  co_await workflow::sleep(1s);
  workflow::set_update_handler(
      scale,
      // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
      [self](int n) -> Task<int> {
        co_await workflow::sleep(2s);
        co_return self->sum += n;
      },
      [](int n) {
        if (n == 0) throw ApplicationFailure("zero");
      });
  co_return co_await wait_for_ever(self);
}

TEST(BoundUpdates, AreValidatedAndRun) {
  Play p(&binds_an_update);
  p(init());
  p(fired(1));
  EXPECT_EQ(p(updated("u", "scale", {"0"})), "UpdateRejected:u(zero)");
  EXPECT_EQ(p(updated("v", "scale", {R"("x")"})), "UpdateRejected:v($ is no whole number)");
  EXPECT_EQ(p(updated("w", "scale", {"3"})), "UpdateAccepted:w StartTimer2(2000)");
  EXPECT_EQ(p(fired(2)), "UpdateCompleted:w(3)");
}

// The handlers of the start run before run does, which binds theirs.
TEST(BoundUpdates, WaitUntilTheirTaskComesToRest) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_update_handler(scale, [self](int n) { return self->sum += n; });
    co_return co_await wait_for_ever(self);
  });
  EXPECT_EQ(p(init(), updated("u", "scale", {"1"}), updated("v", "scale", {"2"})),
            "UpdateAccepted:u UpdateCompleted:u(1) UpdateAccepted:v UpdateCompleted:v(3)");
}
TEST(BoundUpdates, AreRejectedWhenItDoes) {
  Play p(&binds_an_update);
  EXPECT_EQ(p(init(), updated("u", "scale", {"1"})),
            "StartTimer1(1000) "
            "UpdateRejected:u(no handler for the update scale; this workflow has: add)");
  EXPECT_EQ(p(fired(1), updated("v", "scale", {"1"})), "UpdateAccepted:v StartTimer2(2000)");
}

TEST(BoundUpdates, TakeThePlaceOfTheDefinitionsAndAreUnbound) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_update_handler(add, [](int n) { return 100 * n; });
    co_await workflow::sleep(1s);
    workflow::set_update_handler(add, nullptr);
    co_return co_await wait_for_ever(self);
  });
  p(init());
  EXPECT_EQ(p(added("u", -2)),
            "UpdateAccepted:u UpdateCompleted:u(-200)");  // without the validator
  p(fired(1));
  EXPECT_EQ(p(added("v", 2)),
            "UpdateRejected:v(no handler for the update add; this workflow has none)");
}
TEST(BoundUpdates, OfOneRunAreNotAnothers) {
  auto definition = std::make_shared<const WorkflowDefinition>(probe(&binds_an_update));
  Instance one(definition, {}), other(definition, {});
  one.activate(activation({init()}));
  one.activate(activation({fired(1)}));
  other.activate(activation({init()}));
  EXPECT_EQ(text(one.activate(activation({updated("u", "scale", {"0"})}))),
            "UpdateRejected:u(zero)");
  EXPECT_EQ(text(other.activate(activation({updated("u", "scale", {"0"})}))),
            "UpdateRejected:u(no handler for the update scale; this workflow has: add)");
}

TEST(BoundUpdates, AHandlerThatUnbindsItselfGoesOn) {
  Play p([](Probe* self) -> Task<std::string> {
    auto kept = std::make_shared<std::string>("kept");
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
    workflow::set_update_handler(scale, [kept](int n) -> Task<int> {
      workflow::set_update_handler(scale, nullptr);
      co_await workflow::sleep(1s);
      co_return n + static_cast<int>(kept->size());
    });
    kept = nullptr;
    co_return co_await wait_for_ever(self);
  });
  p(init());
  EXPECT_EQ(p(updated("u", "scale", {"1"}), updated("v", "scale", {"1"})),
            "UpdateAccepted:u StartTimer1(1000) "
            "UpdateRejected:v(no handler for the update scale; this workflow has: add)");
  EXPECT_EQ(p(fired(1)), "UpdateCompleted:u(5)");
}

// --- Signals

TEST(BoundSignals, OfOneNameStayInOrder) {
  struct Opening {
    static auto definition() {
      return workflow_definition(probe_type, &Opening::run).signal(note, &Opening::on_note);
    }
    Task<std::string> run(std::string) {
      co_await workflow::wait_until([this] { return got.size() == 3; });
      co_return got;
    }
    void on_note(std::string) {
      workflow::set_signal_handler(later, [this](std::string s) { got += s; });
    }
    std::string got;
  };
  Play opening(Opening::definition());
  opening(init(), signaled("later", {R"("1")"}));
  EXPECT_EQ(opening(noted("open"), signaled("later", {R"("2")"}), signaled("later", {R"("3")"})),
            R"(Complete("123"))");
}
TEST(BoundSignals, UnboundWaitAgain) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_signal_handler(note, nullptr);
    co_await workflow::sleep(1s);
    workflow::set_signal_handler(note, [self](std::string s) { self->notes.push_back(s + "!"); });
    co_await workflow::wait_until([self] { return self->notes.size() == 1; });
    co_return self->notes[0];
  });
  p(init());
  EXPECT_EQ(p(noted("a")), "");
  EXPECT_EQ(p(fired(1)), R"(Complete("a!"))");
}

// --- Queries

TEST(BoundQueries, AreAnsweredWhileTheyAreBound) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_query_handler(count, [self] { return static_cast<int>(self->notes.size()); });
    co_await workflow::wait_until([self] { return self->open; });
    workflow::set_query_handler(count, nullptr);
    co_return co_await wait_for_ever(self);
  });
  p(init(), noted("a"));
  EXPECT_EQ(p(queried("q", "count")), "QuerySucceeded:q(1)");
  p(noted("open"));
  EXPECT_EQ(p(queried("q", "count")),
            "QueryFailed:q(no handler for the query count; this workflow has: naughty total)");
}

TEST(BoundHandlers, AreNotBoundByQueriesAndConditions) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::set_query_handler(count, [] {
      workflow::set_query_handler(total, nullptr);
      return 1;
    });
    co_return co_await wait_for_ever(self);
  });
  p(init());
  EXPECT_EQ(p(queried("q", "count")),
            "QueryFailed:q(workflow::set_query_handler: a query, validator or condition makes no "
            "command)");
}
TEST(BoundHandlers, OfTemporalsOwnNamesAreRefused) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::set_query_handler(QueryType<int()>{"__stack_trace"}, [] { return 1; });
    co_return "";
  });
  EXPECT_EQ(p(init()), R"(task failed: "__stack_trace" is a name of Temporal's own)");
}

// --- Dynamic ones

struct Everything {
  static constexpr WorkflowType<std::string(std::string)> type{"everything"};
  static auto definition() {
    return workflow_definition(type, &Everything::run)
        .signal(note, &Everything::on_note)
        .dynamic_signal(&Everything::on_signal)
        .dynamic_update(&Everything::on_update, &Everything::check_update)
        .dynamic_query(&Everything::on_query);
  }
  std::vector<std::string> got = {};

  Task<std::string> run(std::string) {
    co_await workflow::wait_until([this] { return got.size() == 3; });
    std::string all;
    for (const auto& one : got) all += one + ";";
    co_return all;
  }
  void on_note(std::string s) { got.push_back("note " + s); }
  Task<> on_signal(std::string name, RawArgs args) {
    co_await workflow::sleep(1s);
    got.push_back(name + " " + std::to_string(args.size()));
  }
  Task<RawValue> on_update(std::string name, RawArgs args) {
    got.push_back(name);
    co_return args.as<RawValue>(0);
  }
  void check_update(std::string name, RawArgs args) const {
    if (args.size() == 0) throw ApplicationFailure(name + " of nothing");
  }
  std::string on_query(std::string name, RawArgs args) const {
    return name + std::to_string(args.size() + got.size());
  }
};

TEST(DynamicHandlers, TakeEveryNameThatNoOtherIsBoundTo) {
  Play p(Everything::definition());
  p(init());
  EXPECT_EQ(p(signaled("any", {"1", "2"}), noted("x")), "StartTimer1(1000)");
  EXPECT_EQ(p(updated("u", "much", {})), "UpdateRejected:u(much of nothing)");
  EXPECT_EQ(p(updated("v", "much", {R"({"as":"it is"})"})),
            R"(UpdateAccepted:v UpdateCompleted:v({"as":"it is"}))");
  EXPECT_EQ(p(queried("q", "what")), R"(QuerySucceeded:q("what2"))");
  EXPECT_EQ(p(fired(1)), R"(Complete("note x;much;any 2;"))");
}
TEST(DynamicHandlers, AreNotGivenTemporalsOwnNames) {
  Play p(Everything::definition());
  p(init());
  EXPECT_EQ(p(signaled("__temporal_x", {})), "");
  EXPECT_EQ(p(updated("u", "__temporal_x", {"1"})),
            "UpdateRejected:u(no handler for the update __temporal_x; this workflow has none)");
  EXPECT_EQ(p(queried("q", "__temporal_x")),
            "QueryFailed:q(this SDK does not know Temporal's query __temporal_x)");
}

TEST(DynamicHandlers, AreBoundByTheRun) {
  Play p([](Probe* self) -> Task<std::string> {
    co_await workflow::sleep(1s);
    workflow::set_dynamic_signal_handler([self](std::string name, RawArgs args) {
      self->notes.push_back(name + std::to_string(args.as<int>(0)));
    });
    workflow::set_dynamic_update_handler(
        [](std::string name, RawArgs) -> Task<std::string> { co_return name + "!"; },
        [](std::string name, RawArgs) {
          if (name == "no") throw ApplicationFailure("no");
        });
    workflow::set_dynamic_query_handler([](std::string name, RawArgs) { return name + "?"; });
    co_await workflow::wait_until([self] { return self->open; });
    workflow::set_dynamic_signal_handler(nullptr);
    workflow::set_dynamic_update_handler(nullptr);
    workflow::set_dynamic_query_handler(nullptr);
    co_return co_await wait_for_ever(self);
  });
  p(init(), signaled("b", {"1"}), signaled("a", {"2"}));
  p(fired(1));
  EXPECT_EQ(p(queried("q", "who")), R"(QuerySucceeded:q("who?"))");
  EXPECT_EQ(p(queried("q", "total")), "QuerySucceeded:q(0)");  // the definition's goes first
  EXPECT_EQ(p(updated("u", "yes", {}), updated("v", "no", {})),
            R"(UpdateAccepted:u UpdateCompleted:u("yes!") UpdateRejected:v(no))");
  p(noted("open"));
  EXPECT_TRUE(p(updated("u", "yes", {})).starts_with("UpdateRejected:u(no handler"));
  EXPECT_TRUE(p(queried("q", "who")).starts_with("QueryFailed:q(no handler"));
}

struct AnyType {
  static auto definition() { return dynamic_workflow_definition(&AnyType::run); }
  Task<RawValue> run(RawArgs args) {
    if (args.size() != 1) throw ApplicationFailure("one argument is wanted");
    co_await call(workflow::info().workflow_type);
    co_return args.as<RawValue>(0);
  }
};
TEST(DynamicWorkflows, TakeRawArgumentsAndGiveARawResult) {
  Play p(AnyType::definition());
  EXPECT_EQ(p(init(R"([1,2])")), R"(ScheduleActivity1("probe"))");
  EXPECT_EQ(p(ok(1, "")), "Complete([1,2])");
}

}  // namespace
}  // namespace temporal::testing
