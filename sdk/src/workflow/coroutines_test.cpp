// Tasks, Futures, select, any, all, spawn and wait_until: when they run, in which order, and what
// comes of them.
#include <memory>

#include "temporal/task.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Task<std::string> echoes(std::string s) {
  co_return co_await call(s);
}
Task<std::unique_ptr<int>> owned() {
  co_return std::make_unique<int>(7);
}
Task<> bug() {
  throw std::runtime_error("a bug");
  co_return;
}
Task<> refuse() {
  throw ApplicationFailure("refused", {.type = "R"});
  co_return;
}
Task<int> one() {
  co_return 1;
}

Task<std::string> order(Probe*) {
  auto a = workflow::spawn(echoes("a"));  // at once, up to its first suspension
  auto b = call("b");
  auto lazy = echoes("c");
  {
    auto dropped = call("dropped");
  }
  auto failing = workflow::spawn(refuse());  // dropped in the end: no harm
  seen.push_back(failing.ready() ? "settled" : "pending");
  auto c = co_await std::move(lazy);
  co_return co_await a + co_await b + c + co_await b;  // a named Future may be awaited again
}

TEST(Coroutines, CommandsStandInTheOrderOfTheCalls) {
  Play p(&order);
  EXPECT_EQ(
      p(init()),
      R"(ScheduleActivity1("a") ScheduleActivity2("b") ScheduleActivity3("dropped") ScheduleActivity4("c"))");
  EXPECT_EQ(seen.back(), "settled");
  EXPECT_EQ(p(ok(4, "C"), ok(2, "B"), bad(3, "x"), ok(1, "A")), R"(Complete("ABCB"))");
}

TEST(Coroutines, AMoveOnlyResultIsMovedOut) {
  Play p([](Probe*) -> Task<std::string> {
    auto f = workflow::spawn(owned());
    co_return std::to_string(*co_await std::move(f));
  });
  EXPECT_EQ(p(init()), R"(Complete("7"))");
}

TEST(Coroutines, ManyAwaitsUseNoStack) {
  Play p([](Probe*) -> Task<std::string> {
    int sum = 0;
    for (int i = 0; i < 200'000; ++i) sum += co_await one();
    co_return std::to_string(sum);
  });
  EXPECT_EQ(p(init()), R"(Complete("200000"))");
}

TEST(Coroutines, SpawnKeepsAClosure) {
  Play p([](Probe*) -> Task<std::string> {
    std::string s(40, 'c');
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
    auto f = workflow::spawn([s]() -> Task<std::string> { co_return s + co_await call(s); });
    co_return co_await f;
  });
  p(init());
  EXPECT_EQ(p(ok(1, "!")), "Complete(\"" + std::string(40, 'c') + "!\")");
}

Task<> append(std::string* s) {
  *s += co_await call(*s);
}
TEST(Coroutines, APointerIntoTheAwaitingFrameStaysGood) {
  Play p([](Probe*) -> Task<std::string> {
    std::string s = "p";
    co_await append(&s);
    co_return s;
  });
  p(init());
  EXPECT_EQ(p(ok(1, "q")), R"(Complete("pq"))");
}

TEST(Coroutines, SelectAndAnyTakeTheLowestSettledIndex) {
  Play p([](Probe*) -> Task<std::string> {
    auto a = call("a"), b = call("b"), c = call("c");
    auto first = co_await workflow::select(a, b, c);
    std::vector<Future<void>> timers;
    for (int i = 0; i < 2; ++i) timers.push_back(workflow::sleep(1s * (i + 1)));
    auto which = co_await workflow::any(timers);
    auto each = co_await workflow::all(a, b, c);
    co_return std::to_string(first) + std::to_string(which) + std::get<0>(each) +
        std::get<1>(each) + std::get<2>(each);
  });
  p(init());
  EXPECT_EQ(p(ok(3, "C"), ok(2, "B")), "StartTimer1(1000) StartTimer2(2000)");
  EXPECT_EQ(p(fired(2), fired(1)), "");  // both in one activation: the lowest index wins
  EXPECT_EQ(p(ok(1, "A")), R"(Complete("10ABC"))");
}

TEST(Coroutines, SelectSeesAFailureAsSettledAndDoesNotThrow) {
  Play p([](Probe*) -> Task<std::string> {
    auto a = call("a"), b = call("b");
    auto first = co_await workflow::select(a, b);
    auto why = co_await b.settled();
    co_return std::to_string(first) + why.error().root().message();
  });
  p(init());
  EXPECT_EQ(p(bad(2, "x")), R"(Complete("1x"))");
}

TEST(Coroutines, AllThrowsTheFailureOfTheLowestIndexAfterAllHaveSettled) {
  Play p([](Probe*) -> Task<std::string> {
    auto a = call("a"), b = call("b");
    std::string why;
    try {
      co_await workflow::all(a, b);
    } catch (const ActivityFailure& e) {
      why = e.failure().root().message();
    }
    co_return why;
  });
  p(init());
  EXPECT_EQ(p(bad(2, "second")), "");
  EXPECT_EQ(p(bad(1, "first")), R"(Complete("first"))");
}

TEST(Coroutines, AllOfMixedAndVoidResults) {
  Play p([](Probe*) -> Task<std::string> {
    auto a = call("a");
    auto t = workflow::sleep(1s);
    auto both = co_await workflow::all(a, t);
    static_assert(std::is_same_v<decltype(both), std::tuple<std::string, std::monostate>>);
    co_return std::get<0>(both);
  });
  p(init());
  EXPECT_EQ(p(fired(1)), "");
  EXPECT_EQ(p(ok(1, "A")), R"(Complete("A"))");
}

TEST(Coroutines, AllOfARange) {
  Play p([](Probe*) -> Task<std::string> {
    std::vector<Future<std::string>> calls;
    std::vector<Future<void>> timers, none;
    for (const char* name : {"a", "b", "c"}) calls.push_back(call(name));
    for (int i = 1; i <= 2; ++i) timers.push_back(workflow::sleep(1s * i));
    co_await workflow::all(none);
    co_await workflow::all(timers);
    std::string joined;
    for (const auto& one : co_await workflow::all(calls)) joined += one;
    calls.push_back(call("d"));
    try {
      co_await workflow::all(calls);
    } catch (const ActivityFailure& e) {
      joined += e.failure().root().message();
    }
    co_return joined;
  });
  p(init());
  EXPECT_EQ(p(fired(2), ok(3, "C"), ok(1, "A")), "");
  EXPECT_EQ(p(fired(1)), "");
  EXPECT_EQ(p(ok(2, "B")), R"(ScheduleActivity4("d"))");
  EXPECT_EQ(p(bad(4, "!")), R"(Complete("ABC!"))");
}

TEST(Coroutines, AnyOfNothingIsAMistake) {
  Play p([](Probe*) -> Task<std::string> {
    std::vector<Future<void>> none;
    co_await workflow::any(none);
    co_return "";
  });
  EXPECT_EQ(p(init()), "task failed: workflow::any: no Future given: it would wait for ever");
}

TEST(Coroutines, SeveralWaitersOfOneFutureGoOnInTheOrderTheyCame) {
  Play p([](Probe*) -> Task<std::string> {
    auto shared = call("x");
    std::string order;
    auto wait = [](Future<std::string>* f, std::string* out, char name) -> Task<> {
      co_await *f;
      *out += name;
    };
    auto a = workflow::spawn(wait(&shared, &order, 'a'));
    auto b = workflow::spawn(wait(&shared, &order, 'b'));
    co_await shared;
    order += 'm';
    co_await workflow::all(a, b);
    co_return order;
  });
  p(init());
  EXPECT_EQ(p(ok(1, "")), R"(Complete("abm"))");
}

TEST(Coroutines, ABugInASpawnedTaskFailsTheTaskEvenIfItsFutureWasDropped) {
  Play p([](Probe*) -> Task<std::string> {
    {
      auto f = workflow::spawn(bug());
    }
    co_await call("x");
    co_return "";
  });
  EXPECT_EQ(p(init()), "task failed: a bug");
}

TEST(Coroutines, ArgumentsThatDoNotDecodeFailTheTask) {
  Play p(&order);
  EXPECT_NE(p(init("7")).find("task failed: $ is no string"), std::string::npos);
}

// --- wait_until

Task<> close(Probe* self, Future<void> opened) {
  co_await opened;
  self->open = false;
}
TEST(Conditions, OnlyTheFirstTrueOneGoesOnBeforeTheOthersAreAskedAgain) {
  Play p([](Probe* self) -> Task<std::string> {
    bool ready = co_await workflow::wait_until([] { return true; }, 1s);  // true already: no timer
    auto first = workflow::wait_until([self] { return self->open; });
    auto second = workflow::wait_until([self] { return self->open; });
    auto closing = workflow::spawn(close(self, std::move(first)));
    {
      int local = 0;
      auto dropped = workflow::wait_until([&] { return local > 0; }, 9s);
    }
    bool late = co_await workflow::wait_until([] { return false; }, 1s);
    bool soon =
        co_await workflow::wait_until([self] { return self->open || !self->notes.empty(); }, 1s);
    co_await closing;
    co_return std::to_string(ready) + std::to_string(late) + std::to_string(soon) +
        (second.ready() ? "1" : "0");
  });
  EXPECT_EQ(p(init()), "StartTimer1(9000) StartTimer2(1000)");
  EXPECT_EQ(p(fired(2)), "StartTimer3(1000)");
  EXPECT_EQ(p(fired(1)), "");
  EXPECT_EQ(p(noted("open")), R"(CancelTimer3 Complete("1010"))");
}

TEST(Conditions, AConditionMakesNoCommand) {
  Play p([](Probe*) -> Task<std::string> {
    co_await workflow::wait_until([] { return call("no").ready(); });
    co_return "";
  });
  EXPECT_EQ(p(init()),
            "task failed: workflow::execute_activity: a query, validator or condition makes no "
            "command");
}

TEST(Timers, ZeroIsAMillisecondAndNegativeIsAMistake) {
  Play zero([](Probe*) -> Task<std::string> {
    co_await workflow::sleep(0s);
    co_return "";
  });
  EXPECT_EQ(zero(init()), "StartTimer1(1)");
  Play negative([](Probe*) -> Task<std::string> {
    co_await workflow::sleep(-1s);
    co_return "";
  });
  EXPECT_EQ(negative(init()), "task failed: workflow::sleep: the duration is negative");
}

// --- Outside, and in the wrong place

TEST(Coroutines, OutsideAWorkflowACallIsAMistake) {
  EXPECT_THROW((void)call("nowhere"), std::logic_error);
  EXPECT_THROW((void)workflow::now(), std::logic_error);
}

TEST(Coroutines, AMovedFutureSaysSo) {
  Play p([](Probe*) -> Task<std::string> {
    auto f = call("x");
    auto g = std::move(f);
    co_await f;  // NOLINT(bugprone-use-after-move): what is tested
    co_return "";
  });
  EXPECT_EQ(p(init()), "task failed: this Future was moved from");
}

}  // namespace
}  // namespace temporal::testing
