// Scopes, cancellation, and how a run ends.
#include "temporal/scope.h"

#include "temporal/saga.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Task<> late() {
  try {
    auto f = call("never");
  } catch (const CanceledFailure&) {
    seen.push_back("at the call");
  }
  auto r = co_await call("never").settled();
  seen.push_back(r ? "settled" : "expected");
  co_await call("never");
}

Task<std::string> scopes(Probe* self) {
  auto one = workflow::spawn(workflow::in_scope(self->scope, self->twice("in")));
  auto two = workflow::spawn(self->twice("out"));
  auto kept =
      workflow::spawn(workflow::in_scope(self->scope, workflow::shielded(self->twice("kept"))));
  co_await workflow::wait_until([self] { return self->open; });
  self->scope.cancel("enough");
  try {
    co_await workflow::in_scope(self->scope, late());
  } catch (const CanceledFailure& e) {
    seen.push_back(e.what());
  }
  auto r = co_await one.settled();
  seen.push_back(!r && r.error().root().kind() == FailureKind::canceled ? "canceled" : "not");
  co_return co_await two + co_await kept;
}

TEST(Scopes, ACancelReachesWhatIsInItAndNothingElse) {
  Play p(&scopes);
  EXPECT_EQ(p(init()),
            R"(ScheduleActivity1("in1") ScheduleActivity2("out1") ScheduleActivity3("kept1"))");
  EXPECT_EQ(p(ok(1, ""), ok(2, ""), ok(3, "")),
            R"(ScheduleActivity4("in2") ScheduleActivity5("out2") ScheduleActivity6("kept2"))");
  EXPECT_EQ(p(noted("open")), "RequestCancelActivity4");
  // In a cancelled scope a call makes no command and does not throw; awaiting it does.
  EXPECT_EQ(seen, (std::vector<std::string>{"expected", "enough"}));
  EXPECT_EQ(p(gone(4), ok(5, "O"), ok(6, "K")), R"(Complete("OK"))");
  EXPECT_EQ(seen.back(), "canceled");
}

TEST(Scopes, OwnCommandsInTheOrderOfTheCallsThenTheChildren) {
  Play p([](Probe* self) -> Task<std::string> {
    workflow::Scope inner;
    auto spawned = workflow::spawn(workflow::in_scope(inner, self->twice("inner")));
    auto timer = workflow::sleep(1h);
    auto activity = call("outer");
    auto condition = workflow::wait_until([] { return false; }, 1h);
    auto r = co_await condition.settled();
    co_return r ? "true" : r.error().message();
  });
  EXPECT_EQ(
      p(init()),
      R"(ScheduleActivity1("inner1") StartTimer1(3600000) ScheduleActivity2("outer") StartTimer2(3600000))");
  EXPECT_EQ(
      p(cancel("stop")),
      R"(CancelTimer1 RequestCancelActivity2 CancelTimer2 RequestCancelActivity1 Complete("stop"))");
}

// A command outlives the Task that made it, and the scope it belongs to with it.
TEST(Scopes, ARequestReachesACommandWhoseTaskHasEnded) {
  struct Kept {
    static Task<> make(std::optional<Future<std::string>>* out) {
      *out = call("x");
      co_return;
    }
  };
  Play p([](Probe*) -> Task<std::string> {
    std::optional<Future<std::string>> f;
    co_await workflow::in_scope(workflow::Scope(), Kept::make(&f));
    co_return co_await *f;
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), "RequestCancelActivity1");
}

TEST(Scopes, ADroppedTimerIsCancelledWithItsScope) {
  Play p([](Probe*) -> Task<std::string> {
    {
      auto dropped = workflow::sleep(1h);
    }
    co_await call("x");
    co_return "";
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), "CancelTimer1 RequestCancelActivity1");
}

TEST(Scopes, ASecondCancelDoesNothing) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(cancel("stop")), "RequestCancelActivity1");
  EXPECT_EQ(p(cancel("again")), "");
}

// --- Ends

TEST(Ends, ByAFailure) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(bad(1, "x")), "Fail(x)");
}

TEST(Ends, CanceledByEndCanceledWithoutARequest) {
  Play p([](Probe*) -> Task<std::string> {
    throw workflow::EndCanceled{"mine"};
    co_return "";
  });
  EXPECT_EQ(p(init()), R"(Cancel("mine"))");
}

TEST(Ends, CanceledByAHandler) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(added("u", 11)), R"(UpdateAccepted:u Cancel("by a handler"))");
}

TEST(Ends, CanceledByARequestThatLeavesRun) {
  Play p([](Probe*) -> Task<std::string> {
    co_await workflow::wait_until([] { return false; });
    co_return "";
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), "Cancel()");
}

TEST(Ends, CanceledByAFailureWhoseRootIsTheCancellation) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(cancel("stop")), "RequestCancelActivity1");
  EXPECT_EQ(p(gone(1)), "Cancel()");
}

TEST(Ends, ACancellationWithoutARequestFailsTheRun) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(gone(1)), "Fail(by request)");
}

TEST(Ends, ShieldedCleanupRunsFirst) {
  Play p([](Probe* self) -> Task<std::string> {  // what co_await in a catch would be
    std::optional<Failure> f;
    try {
      co_await call("x");
    } catch (const TemporalFailure& e) {
      f = e.failure();
    }
    if (f) co_await workflow::shielded(self->twice("clean"));
    throw_failure(*f);
  });
  p(init());
  p(cancel("stop"));
  EXPECT_EQ(p(gone(1)), R"(ScheduleActivity2("clean1"))");
  p(ok(2, ""));
  EXPECT_EQ(p(ok(3, "")), "Cancel()");
}

TEST(Ends, ObservedRequestsCancelNothing) {
  Play p(probe(
      [](Probe*) -> Task<std::string> {
        auto call_x = call("x");
        auto reason = co_await workflow::cancel_requested();
        co_return reason + co_await call_x + co_await workflow::cancel_requested();
      },
      {.cancel_requests = workflow::observe}));
  p(init());
  EXPECT_EQ(p(cancel("please")), "");
  EXPECT_EQ(p(ok(1, "!")), R"(Complete("please!please"))");
}

struct Declined : std::runtime_error {
  using std::runtime_error::runtime_error;
};
Task<std::string> decline(Probe*) {
  throw Declined("declined");
  co_return "";
}
TEST(Ends, AnExceptionFailsTheTaskUnlessItsTypeIsListed) {
  EXPECT_EQ(Play(&decline)(init()), "task failed: declined");
  EXPECT_EQ(Play(probe(&decline, {.failure_types = {workflow::failure_type<Declined>()}}))(init()),
            "Fail(declined)");
  EXPECT_EQ(Play(&decline, {.failure_types = {workflow::failure_type<std::exception>()}})(init()),
            "Fail(declined)");
}

// A step's undo that is started again, once the first was cancelled; and no other cancel reaches it.
TEST(Scopes, ASagasStepIsCancelledWithTheScopeItWasStartedIn) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::Saga saga;
    saga.compensate_with(echo, {.start_to_close_timeout = 1s}, "undo");
    auto step = saga.pop().value();
    workflow::Scope current, attempt;
    auto first = step.start(attempt);
    auto second = step.start();
    current.cancel("not these");
    attempt.cancel("this");
    auto settled = co_await first.settled();
    auto done = co_await second;
    co_return settled ? "done" : "canceled, then " + done.as<std::string>();
  });
  EXPECT_EQ(p(init()),
            R"(ScheduleActivity1("undo") ScheduleActivity2("undo") RequestCancelActivity1)");
  EXPECT_EQ(p(gone(1)), "");
  EXPECT_EQ(p(ok(2, "undone")), R"(Complete("canceled, then undone"))");
}

TEST(Ends, ContinueAsNew) {
  Play p([](Probe*) -> Task<std::string> {
    co_await call("x");
    workflow::continue_as_new(probe_type, {.backoff_start_interval = 2s}, "next");
  });
  p(init());
  auto c = p.feed({ok(1, "")});
  EXPECT_EQ(text(c), R"(ContinueAsNew("next"))");
  const auto& next = c.successful().commands(0).continue_as_new_workflow_execution();
  EXPECT_EQ(next.workflow_type(), "probe");
  EXPECT_EQ(next.task_queue(), "probes");
  EXPECT_EQ(next.backoff_start_interval().seconds(), 2);
}

// --- Event groups

// "1:outer 2:inner" of each command, in their order.
std::vector<std::string> groups(const WorkflowActivationCompletion& c) {
  std::vector<std::string> all;
  for (const auto& command : c.successful().commands()) {
    std::string t;
    for (const auto& marker : command.event_group_markers())
      t += (t.empty() ? "" : " ") + marker.label().id() + ":" + marker.label().label().data();
    all.push_back(t);
  }
  return all;
}
Task<> parcel(std::string name) {
  co_await call(name);
  co_await workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, "local");
}
Task<std::string> shipping(Probe*) {
  auto shipment = workflow::event_group("shipment");
  co_await call("none");
  auto one = workflow::spawn(workflow::in_scope(shipment, [](Probe*) -> Task<> {
    auto first = workflow::event_group("parcel");
    auto a = workflow::spawn(workflow::in_scope(first, parcel("a")));
    auto b = workflow::spawn(workflow::in_scope(workflow::event_group("parcel"), parcel("b")));
    auto undo = workflow::spawn(workflow::shielded(parcel("c")));  // apart, but in the group
    auto timer = workflow::sleep(1s);
    co_await workflow::all(a, b, undo, timer);
  }(nullptr)));
  co_await one;
  co_return "";
}
TEST(EventGroups, AreOnWhatIsMadeInTheirScope) {
  Play p(&shipping);
  using Groups = std::vector<std::string>;
  EXPECT_EQ(groups(p.feed({init()})), Groups{""});
  const std::string shipment = R"(1:"shipment")", a = shipment + R"( 2:"parcel")",
                    b = shipment + R"( 3:"parcel")";
  EXPECT_EQ(groups(p.feed({ok(1, "")})), (Groups{a, b, shipment, shipment}));
  EXPECT_EQ(groups(p.feed({ok(3, ""), fired(1)})), Groups{b});
  Job back_off;  // of the local one: its timer is of the group, and so is what comes after
  back_off.mutable_resolve_activity()->set_seq(5);
  back_off.mutable_resolve_activity()->set_is_local(true);
  back_off.mutable_resolve_activity()
      ->mutable_result()
      ->mutable_backoff()
      ->mutable_backoff_duration()
      ->set_seconds(90);
  EXPECT_EQ(groups(p.feed({back_off})), Groups{b});
  EXPECT_EQ(groups(p.feed({fired(2)})), Groups{b});
}

}  // namespace
}  // namespace temporal::testing
