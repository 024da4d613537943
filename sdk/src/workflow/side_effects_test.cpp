// Side effects: run once, recorded once, repeated by a replay; the mutable kind only where it changed.
#include "workflow/side_effects.h"

#include "data/proto.h"
#include "temporal/workflow_side_effect.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

int ran = 0;

// What the worker's own activity answers, as Core hands it on.
Job recorded(unsigned seq, const coresdk::workflow_commands::WorkflowCommand& command) {
  const auto& schedule = command.schedule_local_activity();
  EXPECT_EQ(schedule.activity_type(), detail::kSideEffectActivity);
  Job j;
  j.mutable_resolve_activity()->set_seq(seq);
  j.mutable_resolve_activity()->set_is_local(true);
  detail::to_proto(
      detail::record_side_effect(detail::from_proto(schedule.arguments(), DataConverter())),
      DataConverter(), {},
      j.mutable_resolve_activity()->mutable_result()->mutable_completed()->mutable_result());
  return j;
}
Job recorded(unsigned seq, const WorkflowActivationCompletion& c) {
  return recorded(seq, c.successful().commands(0));
}

struct SideEffects : ::testing::Test {
  SideEffects() { ran = 0; }
  // Feeds what a worker would; gives the jobs, to be replayed.
  static std::string live(Play& p, std::vector<std::vector<Job>>& history, std::vector<Job> first) {
    auto c = p.feed(first);
    history.push_back(std::move(first));
    while (c.has_successful() && c.successful().commands_size() == 1 &&
           c.successful().commands(0).has_schedule_local_activity()) {
      history.push_back({recorded(c.successful().commands(0).schedule_local_activity().seq(), c)});
      c = p.feed(history.back());
    }
    return text(c);
  }
};

Task<std::string> dice(Probe*) {
  auto thrown = workflow::side_effect([] { return ++ran; }, {.summary = "a throw of dice"});
  auto named = co_await workflow::side_effect([] { return "run " + std::to_string(++ran); });
  co_return named + ", " + std::to_string(co_await thrown);
}

TEST_F(SideEffects, RunAtTheCallAndNotInAReplay) {
  Play p(&dice);
  auto c = p.feed({init()});
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(text(c), R"(ScheduleLocalActivity1(1) ScheduleLocalActivity2("run 2"))");
  EXPECT_EQ(c.successful().commands(0).user_metadata().summary().data(), R"("a throw of dice")");
  auto one = recorded(1, c.successful().commands(0)), two = recorded(2, c.successful().commands(1));
  EXPECT_EQ(p(two, one), R"(Complete("run 2, 1"))");

  Play again(&dice);
  EXPECT_EQ(again.replay(init()), "ScheduleLocalActivity1() ScheduleLocalActivity2()");
  EXPECT_EQ(again.replay(two, one), R"(Complete("run 2, 1"))");
  EXPECT_EQ(ran, 2);
}

// The worker died before the task in which it ran was recorded: Core runs the activity again.
TEST_F(SideEffects, OneWithoutARecordRunsAfterAll) {
  Play p([](Probe*) -> Task<std::string> {
    co_return std::to_string(co_await workflow::side_effect([] { return 6 + ran++; }));
  });
  auto none = p.instance.activate(activation({init()}, true));
  EXPECT_EQ(ran, 0);
  auto c = p.feed({recorded(1, none)});
  EXPECT_EQ(text(c), "ScheduleLocalActivity2(6)");
  EXPECT_EQ(p(recorded(2, c)), R"(Complete("6"))");
}

TEST_F(SideEffects, WhatItThrowsFailsTheTaskWhateverItIs) {
  Play p([](Probe*) -> Task<std::string> {
    auto f = workflow::side_effect([]() -> int { throw ApplicationFailure("no dice"); });
    auto r = co_await f.settled();
    co_return r ? "value" : "caught";
  });
  EXPECT_EQ(p(init()), "task failed: no dice");
}

TEST_F(SideEffects, MakeNoCommand) {
  Play p([](Probe*) -> Task<std::string> {
    co_return co_await workflow::side_effect([] {
      auto f = call("no");
      return std::string();
    });
  });
  EXPECT_EQ(p(init()),
            "task failed: workflow::execute_activity: a query, validator or condition makes no "
            "command");
}

TEST_F(SideEffects, NoCancellationReachesThem) {
  Play p([](Probe*) -> Task<std::string> {
    auto before = workflow::side_effect([] { return 1; });
    auto stopped = co_await workflow::sleep(1h).settled();
    auto after = co_await workflow::side_effect([] { return 2; });
    co_return std::to_string(co_await before + after) + (stopped ? "" : " canceled");
  });
  auto c = p.feed({init()});
  auto one = recorded(1, c);
  c = p.feed({cancel("stop")});
  EXPECT_EQ(text(c), "CancelTimer1 ScheduleLocalActivity2(2)");
  EXPECT_EQ(p(one, recorded(2, c.successful().commands(1))), R"(Complete("3 canceled"))");
}

Task<std::string> settings(Probe*) {
  std::string got;
  for (int i = 0; i < 5; ++i)
    got +=
        std::to_string(co_await workflow::mutable_side_effect("limit", [] { return ++ran / 2; }));
  got += co_await workflow::mutable_side_effect(
      "name", [] { return std::string(ran == 5 ? "a" : "b"); },
      [](const std::string& x, const std::string& y) { return x.size() == y.size(); });
  co_return got;
}

TEST_F(SideEffects, AMutableOneIsRecordedWhereItChangedAndAReplayGivesTheSame) {
  std::vector<std::vector<Job>> history;
  Play p(&settings);
  EXPECT_EQ(live(p, history, {init()}), R"(Complete("01122a"))");
  EXPECT_EQ(ran, 5);
  ASSERT_EQ(history.size(), 7U);
  auto data = [&](std::size_t i) {
    return history[i][0].resolve_activity().result().completed().result().data();
  };
  EXPECT_EQ(data(1) + data(2) + data(4), "012");
  EXPECT_EQ(data(3), "");  // unchanged: no value
  EXPECT_EQ(data(5), "");

  Play again(&settings);
  std::string last;
  for (const auto& jobs : history) last = text(again.instance.activate(activation(jobs, true)));
  EXPECT_EQ(last, R"(Complete("01122a"))");
  EXPECT_EQ(ran, 5);
}

TEST_F(SideEffects, MutableOnesOfOneIdBesideEachOther) {
  Play p([](Probe*) -> Task<std::string> {
    auto first = co_await workflow::mutable_side_effect("x", [] { return 1; });
    auto changed = workflow::mutable_side_effect("x", [] { return 2; });
    auto same = workflow::mutable_side_effect("x", [] { return 1; });  // as it was at the call
    co_await workflow::all(changed, same);
    auto last = co_await workflow::mutable_side_effect("x", [] { return 2; });
    co_return std::to_string(first) + std::to_string(co_await changed) +
        std::to_string(co_await same) + std::to_string(last);
  });
  auto c = p.feed({init()});
  c = p.feed({recorded(1, c)});
  EXPECT_EQ(text(c), "ScheduleLocalActivity2(2) ScheduleLocalActivity3()");
  auto two = recorded(2, c.successful().commands(0)),
       three = recorded(3, c.successful().commands(1));
  c = p.feed({two, three});
  EXPECT_EQ(text(c), "ScheduleLocalActivity4()");
  EXPECT_EQ(p(recorded(4, c)), R"(Complete("1212"))");
}

}  // namespace
}  // namespace temporal::testing
