// Signals, updates and queries.
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Task<std::string> wait_for_ever(Probe*) {
  co_await workflow::wait_until([] { return false; });
  co_return "";
}

TEST(Updates, AreAcceptedRejectedAndCompleted) {
  Play p(&Probe::one_call);
  EXPECT_EQ(p(added("u0", 1), init()),  // handlers run before run does
            R"(UpdateAccepted:u0 UpdateCompleted:u0(1) ScheduleActivity1("x"))");
  EXPECT_EQ(p(added("u1", -1)), "UpdateRejected:u1(negative)");
  EXPECT_EQ(p(updated("u2", "none", {})),
            "UpdateRejected:u2(no handler for the update none; this workflow has: add)");
  EXPECT_EQ(p(updated("u3", "add", {R"("x")"})), "UpdateRejected:u3($ is no whole number)");
  EXPECT_EQ(p(updated("u4", "add", {})), "UpdateRejected:u4(0 arguments given, 1 wanted)");
  EXPECT_EQ(p(added("u5", 12)), "UpdateAccepted:u5 UpdateRejected:u5(refused)");
  EXPECT_EQ(p(added("u6", 6)), "UpdateAccepted:u6 StartTimer1(1000)");
  EXPECT_EQ(p(fired(1)), "UpdateCompleted:u6(7)");
}

TEST(Updates, AReplayDoesNotRunTheValidator) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p.replay(updated("u", "add", {"-1"}, false)), "UpdateAccepted:u UpdateCompleted:u(-1)");
}

// Which update runs, to be seen.
std::string current() {
  const auto update = workflow::current_update();
  return update ? update->id + ":" + update->name : "none";
}

struct Updated {
  static auto definition() {
    return workflow_definition(probe_type, &Updated::run)
        .update(add, &Updated::on_add, &Updated::check_add)
        .signal(note, &Updated::on_note);
  }
  Task<std::string> run(std::string) {
    seen.push_back("run " + current());
    co_await workflow::wait_until([this] { return notes > 0; });
    co_return "";
  }
  static Task<> spawned() {
    seen.push_back("spawned " + current());
    co_return;
  }
  Task<int> on_add(int n) {
    co_await workflow::sleep(std::chrono::seconds(n));
    seen.push_back("handler " + current());
    auto beside = workflow::spawn(spawned());
    co_await workflow::shielded(spawned());
    co_await beside;
    co_return n;
  }
  void check_add(int) const { seen.push_back("validator " + current()); }
  void on_note(std::string) {
    ++notes;
    seen.push_back("signal " + current());
  }
  int notes = 0;
};

TEST(Updates, AreKnownToWhatTheyRun) {
  Play p(Updated::definition());
  p(init());
  p(added("one", 2), added("two", 1));
  p(fired(2));
  p(fired(1));
  p(noted("end"));
  EXPECT_EQ(seen, (std::vector<std::string>{"run none", "validator one:add", "validator two:add",
                                            "handler two:add", "spawned two:add", "spawned two:add",
                                            "handler one:add", "spawned one:add", "spawned one:add",
                                            "signal none"}));
}

TEST(Updates, ABugInAHandlerFailsTheTask) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(added("u", 13)), "task failed: a bug");
}

TEST(Signals, RunInTheirOrderBeforeRun) {
  Play p([](Probe* self) -> Task<std::string> { co_return self->notes.at(0) + self->notes.at(1); });
  EXPECT_EQ(p(init(), noted("a"), noted("b")), R"(Complete("ab"))");
}

struct Sink : LogSink {
  std::vector<std::string> lines;
  void write(const LogRecord& r) override { lines.push_back(r.message); }
};

TEST(Signals, WithBadArgumentsAreDropped) {
  auto sink = std::make_shared<Sink>();
  Play p(&wait_for_ever, {.log_sink = sink});
  p(init());
  EXPECT_EQ(p(signaled("note", {"7"}), added("u", 1)), "UpdateAccepted:u UpdateCompleted:u(1)");
  EXPECT_EQ(sink->lines, std::vector<std::string>{"signal dropped: its arguments do not decode"});
}

TEST(Signals, BeyondAllBoundsAreDropped) {
  constexpr int kBound = 10'000;
  auto sink = std::make_shared<Sink>();
  Play p(
      [](Probe* self) -> Task<std::string> {
        co_await workflow::wait_until([self] { return self->open; });
        int handled = 0;
        workflow::set_signal_handler(SignalType<void()>{"early"}, [&handled] { ++handled; });
        co_await workflow::sleep(1s);
        co_return std::to_string(handled);
      },
      {.log_sink = sink});
  p(init());
  p.feed(std::vector(kBound + 1, signaled("early", {})));
  EXPECT_EQ(sink->lines, std::vector<std::string>{"signal dropped: too many wait for a handler"});
  p(noted("open"));
  EXPECT_EQ(p(fired(1)), R"(Complete("10000"))");
}

inline constexpr SignalType<void(int, std::string)> later{"later"};
TEST(Signals, WaitForAHandlerBoundAtRunTime) {
  Play p([](Probe* self) -> Task<std::string> {
    co_await workflow::sleep(1s);
    // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
    workflow::set_signal_handler(later, [self](int n, std::string s) -> Task<> {
      co_await workflow::sleep(2s);
      self->notes.push_back(s + std::to_string(n));
    });
    co_await workflow::wait_until([self] { return self->notes.size() == 3; });
    co_return self->notes[0] + self->notes[1] + self->notes[2];
  });
  p(init(), signaled("later", {"1", R"("a")"}), signaled("other", {}));
  EXPECT_EQ(p(signaled("later", {"2", R"("b")"})), "");
  EXPECT_EQ(p(fired(1)), "StartTimer2(2000) StartTimer3(2000)");
  EXPECT_EQ(p(signaled("later", {"3", R"("c")"})), "StartTimer4(2000)");
  EXPECT_EQ(p(fired(3), fired(2), fired(4)), R"(Complete("b2a1c3"))");
}

struct Signaled {
  static auto definition() {
    return workflow_definition(probe_type, &Signaled::run).signal(note, &Signaled::on_note);
  }
  Task<std::string> run(std::string) {
    co_await workflow::wait_until([] { return false; });
    co_return "";
  }
  Task<> on_note(std::string what) {
    if (what == "fail") throw ApplicationFailure("the signal's");
    if (what == "bug") throw std::runtime_error("a bug");
    co_await workflow::sleep(1h);
  }
};
TEST(Signals, AFailureFailsTheRunAndABugTheTask) {
  Play failing(Signaled::definition());
  failing(init());
  EXPECT_EQ(failing(noted("fail")), "Fail(the signal's)");
  Play bug(Signaled::definition());
  bug(init());
  EXPECT_EQ(bug(noted("bug")), "task failed: a bug");
}
TEST(Signals, AHandlersOwnCancellationIsNotTheRuns) {
  Play p(Signaled::definition());
  p(init(), noted("sleep"));
  EXPECT_EQ(p(cancel("stop")), "CancelTimer1 Cancel()");  // by run, whose condition it cancels
}

TEST(Queries, AreAnsweredAndMakeNoCommand) {
  Play p(&Probe::one_call);
  p(init(), added("u", 1));
  EXPECT_EQ(p(queried("q1", "total"), queried("q2", "naughty"), queried("q3", "none")),
            "QuerySucceeded:q1(1) "
            "QueryFailed:q2(workflow::execute_activity: a query, validator or condition makes no "
            "command) "
            "QueryFailed:q3(no handler for the query none; this workflow has: naughty total)");
}

TEST(Queries, TheLegacyOneIsTheOnlyCommand) {
  Play p([](Probe* self) -> Task<std::string> {
    co_await workflow::wait_until([self] { return self->sum > 0; });
    co_return "";
  });
  p(init());
  EXPECT_EQ(p.replay(queried("legacy_query", "total")), "QuerySucceeded:legacy_query(0)");
}

TEST(Handlers, AFailureThatDoesNotConvertFailsTheTaskAllTheSame) {
  Play p([](Probe* self) -> Task<std::string> {
    co_await workflow::wait_until([self]() -> bool {
      if (!self->open) return false;
      throw ApplicationFailure("odd", {.details = {Value::local(1)}});
    });
    co_return "";
  });
  p(init());
  EXPECT_EQ(
      p(noted("open")),
      "task failed: odd (its details do not convert: temporal: a local value has no payload)");
}

TEST(Handlers, AllFinished) {
  Play p([](Probe*) -> Task<std::string> {
    co_await call("x");
    co_await workflow::wait_until(workflow::all_handlers_finished);
    co_return "end";
  });
  p(init(), added("u", 6));
  EXPECT_EQ(p(ok(1, "")), "");
  EXPECT_EQ(p(fired(1)), R"(UpdateCompleted:u(6) Complete("end"))");
}

struct Raw {
  static constexpr WorkflowType<int(RawArgs)> type{"raw"};
  static constexpr QueryType<std::string(RawArgs)> say{"say"};
  static auto definition() { return workflow_definition(type, &Raw::run).query(say, &Raw::on_say); }
  std::size_t count = 0;
  Task<int> run(RawArgs args) {
    count = args.size();
    co_await workflow::sleep(1s);
    co_return args.as<int>(0);
  }
  std::string on_say(RawArgs args) const { return std::to_string(count + args.size()); }
};
TEST(Handlers, RawArgumentsAreDecodedByHand) {
  Play p(Raw::definition());
  p(init("7"));
  EXPECT_EQ(p(queried("q", "say")), R"(QuerySucceeded:q("1"))");
  EXPECT_EQ(p(fired(1)), "Complete(7)");
}

TEST(Handlers, OfTheSameNameOrTemporalsOwnAreRefused) {
  EXPECT_THROW(Signaled::definition().signal(note, &Signaled::on_note), std::logic_error);
  EXPECT_THROW(Signaled::definition().signal(SignalType<void(std::string)>{"__temporal_x"},
                                             &Signaled::on_note),
               std::logic_error);
}

}  // namespace
}  // namespace temporal::testing
