// Evictions: at each await of every kind, destructors run and nothing else; a replay makes the same
// commands again.
#include "temporal/saga.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

Task<> never() {
  seen.push_back("ran");
  co_return;
}
struct Guard {  // its destructor does what users' destructors do
  std::string name;
  std::optional<workflow::Scope> scope = {};
  ~Guard() {
    seen.push_back("~" + name);
    if (!scope) return;
    scope->cancel("from a destructor");
    auto f = call("from a destructor");
    auto w = workflow::wait_until([] { return true; }, 1s);
    auto t = workflow::spawn(never());
    auto c = workflow::start_child_workflow(probe_type, {.id = "never"}, "from a destructor");
  }
  Guard(std::string n, std::optional<workflow::Scope> s = {}) : name(std::move(n)), scope(s) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

Task<> nested() {
  Guard inner{"inner"};
  co_await call("nested");
}
Task<> nested_in_parameters(std::shared_ptr<Guard> inner) {
  (void)inner;
  co_await call("nested");
}

Task<std::string> awaits(Probe* self) {  // one await of every kind, each with something to destroy
  Guard outer{"outer", workflow::Scope()};
  try {
    co_await call("1");
    auto r = co_await call("2").settled();
    auto a = call("3"), b = call("4");
    co_await workflow::select(a, b);
    co_await workflow::all(a, b);
    co_await nested();
    auto s = workflow::spawn(nested_in_parameters(std::make_shared<Guard>("inner")));
    co_await workflow::wait_until([self] { return self->notes.size() == 1; }, 1h);
    co_await workflow::in_scope(workflow::Scope(), nested());
    co_await s;
    co_await [](Probe*) -> Task<> {
      Guard g{"lambda"};
      co_await nested();
    }(self);
  } catch (...) {
    seen.push_back("caught");
    throw;
  }
  co_return "end";
}

TEST(Eviction, RunsDestructorsAndNothingElse) {
  const std::vector<std::vector<Job>> jobs = {{init()},    {ok(1, "")}, {ok(2, "")},   {ok(4, "")},
                                              {ok(3, "")}, {ok(5, "")}, {noted("go")}, {ok(7, "")},
                                              {ok(6, "")}, {ok(8, "")}};
  std::vector<std::string> want;
  {
    Play p(&awaits);
    for (const auto& j : jobs) want.push_back(text(p.feed(j)));
  }
  EXPECT_EQ(
      want.back(),
      R"(ScheduleActivity9("from a destructor") StartChild1("from a destructor") Complete("end"))");
  for (std::size_t k = 1; k < jobs.size(); ++k) {
    {
      Play p(&awaits);
      for (std::size_t i = 0; i < k; ++i) p.feed(jobs[i]);
      seen.clear();
      EXPECT_EQ(p(evicted()), "");
      EXPECT_EQ(seen.back(), "~outer") << "at " << k;
      EXPECT_EQ(std::ranges::count(seen, "caught") + std::ranges::count(seen, "ran"), 0);
    }
    Play again(&awaits);
    for (std::size_t i = 0; i < jobs.size(); ++i)
      EXPECT_EQ(text(again.instance.activate(activation(jobs[i], i < k))), want[i]);
  }
}

TEST(Eviction, TheSecondActivationAfterItIsRefused) {
  Play p(&Probe::one_call);
  p(init());
  EXPECT_EQ(p(evicted()), "");
  EXPECT_EQ(p(ok(1, "x")),
            "task failed: this run was evicted, or its task failed: a new Instance goes on");
}

TEST(Eviction, OfARunThatNeverBegan) {
  Play p(&Probe::one_call);
  EXPECT_EQ(p(evicted()), "");
}

TEST(Eviction, AfterAFailedTask) {
  Play p([](Probe*) -> Task<std::string> {
    Guard g{"guard", workflow::Scope()};
    auto other = workflow::spawn(nested());
    throw std::runtime_error("a bug");
    co_return "";
  });
  EXPECT_EQ(p(init(), added("u", 1)), "task failed: a bug");
  EXPECT_EQ(p(evicted()), "");
  EXPECT_EQ(seen.back(), "~inner");
}

// --- Activations that do not fit

TEST(Nondeterminism, AResultNobodyAskedForFailsTheTask) {
  const char* advice =
      ": the workflow's code does not do what it did when its history was written. See patched() "
      "in temporal/workflow.h.";
  for (const auto& [job, what] :
       {std::pair(ok(7, ""), "an activity ended that was not scheduled, number 7"),
        std::pair(fired(7), "a timer fired that was not started, number 7")}) {
    Play p(&Probe::one_call);
    p(init());
    auto c = p.feed({job});
    EXPECT_EQ(text(c), std::string("task failed: [TMPRL1100] ") + what + advice);
    EXPECT_EQ(c.failed().force_cause(),
              api::enums::v1::WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR);
  }
}

TEST(Nondeterminism, ARunThatWasNeverStarted) {
  Play p(&Probe::one_call);
  EXPECT_TRUE(p(noted("x")).starts_with("task failed: [TMPRL1100] this run is not in the worker"));
}

}  // namespace
}  // namespace temporal::testing
