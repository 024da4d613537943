// Schedules on the real server: what they start, and how they are changed.
#include "fixture.h"

namespace temporal::tests {
namespace {

constexpr WorkflowType<int(int)> twice{"Twice"};
struct Twice {
  static auto definition() { return workflow_definition(twice, &Twice::run); }
  workflow::Task<int> run(int n) { co_return 2 * n; }
};
constexpr WorkflowType<int()> counting{"Counting"};
struct Counting {  // how many have completed, itself included
  static auto definition() { return workflow_definition(counting, &Counting::run); }
  workflow::Task<int> run() { co_return workflow::last_completion_result<int>().value_or(0) + 1; }
};
constexpr WorkflowType<void()> wait_for_end{"WaitForEnd"};
struct WaitForEnd {
  static auto definition() { return workflow_definition(wait_for_end, &WaitForEnd::run); }
  workflow::Task<> run() { co_await workflow::sleep(1h); }
};

class Schedules : public ServerTest {
 protected:
  ~Schedules() override {
    for (auto& schedule : made_) {
      try {
        schedule.remove().get();
      } catch (const RpcError&) {  // NOLINT(bugprone-empty-catch): the test has
      }
    }
  }
  ScheduleHandle make(Schedule schedule, ScheduleOptions options = {}) {
    made_.push_back(client.create_schedule(queue, std::move(schedule), std::move(options)).get());
    return made_.back();
  }
  Schedule of_twice() {
    return {.action = scheduled(twice, {.id = queue, .task_queue = queue}, 21),
            .spec = {.intervals = {{.every = 1h}}}};
  }
  // The schedule once it has taken so many actions.
  ScheduleDescription after(const ScheduleHandle& schedule, std::int64_t actions) {
    ScheduleDescription known;
    eventually(
        [&] {
          known = schedule.describe().get();
          return known.info.actions >= actions &&
                 static_cast<std::int64_t>(known.info.recent_actions.size()) >= actions;
        },
        std::to_string(actions) + " actions");
    return known;
  }
  int result_of(const ScheduleActionResult& action) {
    return client.workflow_handle<int>(action.workflow.workflow_id, action.workflow.run_id)
        .result({.rpc = {.timeout = kPatience}})
        .get();
  }

 private:
  std::vector<ScheduleHandle> made_;
};

RpcCode code_of(auto call) {
  try {
    std::move(call).get();
  } catch (const RpcError& e) {
    return e.code();
  }
  return RpcCode::ok;
}

TEST_F(Schedules, StartsItsWorkflowWhenTriggered) {
  work_on<Twice>();
  auto schedule = make(of_twice());
  schedule.trigger().get();
  const auto known = after(schedule, 1);
  const auto& action = known.info.recent_actions.at(0);
  EXPECT_THAT(action.workflow.workflow_id, ::testing::StartsWith(queue + "-20"));
  EXPECT_EQ(result_of(action), 42);
}

TEST_F(Schedules, StartsItsWorkflowAtItsTimes) {
  work_on<Twice>();
  auto every_second = of_twice();
  every_second.spec.intervals = {{.every = 1s}};
  every_second.state.remaining_actions = 2;
  auto schedule = make(std::move(every_second));
  const auto known = after(schedule, 2);
  for (const auto& action : known.info.recent_actions) EXPECT_EQ(result_of(action), 42);
  eventually([&] { return schedule.describe().get().schedule.state.remaining_actions == 0; },
             "the end of its actions");
}

TEST_F(Schedules, AnActionKnowsTheResultOfTheOneBefore) {
  work_on<Counting>();
  auto schedule = make({.action = scheduled(counting, {.id = queue, .task_queue = queue})});
  for (int n = 1; n <= 3; ++n) {
    schedule.trigger().get();
    EXPECT_EQ(result_of(after(schedule, n).info.recent_actions.back()), n);
    eventually([&] { return schedule.describe().get().info.running_workflows.empty(); },
               "its end, which the schedule hears of");
  }
}

TEST_F(Schedules, DescribesWhatItWasMadeOf) {
  auto made = of_twice();
  made.action.workflow.static_summary = "the answer";
  made.action.workflow.memo = {{"who", Value::of(std::string("me"))}};
  made.spec.calendars = {{.hour = {{9, 17, 4}}, .day_of_week = {{1, 5}}, .comment = "office"}};
  made.spec.time_zone_name = "Asia/Seoul";
  made.spec.jitter = 1s;
  made.policies = {.overlap = ScheduleOverlapPolicy::buffer_one,
                   .catchup_window = 60s,
                   .pause_on_failure = true};
  made.state.note = "why";
  auto schedule = make(made, {.memo = {{"team", Value::of(std::string("shop"))}}});
  const auto known = schedule.describe().get();
  EXPECT_EQ(known.id, queue);
  EXPECT_EQ(known.schedule.action.workflow_type, "Twice");
  EXPECT_EQ(known.schedule.action.args.at(0).as<int>(), 21);
  EXPECT_EQ(known.schedule.action.workflow.id, queue);
  EXPECT_EQ(known.schedule.action.workflow.static_summary, "the answer");
  EXPECT_EQ(known.schedule.action.workflow.memo.at("who").as<std::string>(), "me");
  EXPECT_EQ(known.schedule.spec.intervals, made.spec.intervals);
  EXPECT_EQ(known.schedule.spec.calendars.at(0).comment, "office");
  EXPECT_EQ(known.schedule.spec.time_zone_name, "Asia/Seoul");
  EXPECT_EQ(known.schedule.spec.jitter, 1s);
  EXPECT_EQ(known.schedule.policies, made.policies);
  EXPECT_EQ(known.schedule.state.note, "why");
  EXPECT_EQ(known.memo.at("team").as<std::string>(), "shop");
  EXPECT_FALSE(known.info.next_action_times.empty());
  EXPECT_TRUE(known.info.created_at);
  EXPECT_FALSE(known.conflict_token.empty());
}

TEST_F(Schedules, AnIdIsTakenOnce) {
  make(of_twice());
  EXPECT_EQ(code_of(client.create_schedule(queue, of_twice())), RpcCode::already_exists);
}

TEST_F(Schedules, PausesAndGoesOn) {
  auto schedule = make(of_twice());
  schedule.pause("at night").get();
  eventually([&] { return schedule.describe().get().schedule.state.paused; }, "the pause");
  EXPECT_EQ(schedule.describe().get().schedule.state.note, "at night");
  schedule.unpause().get();
  eventually([&] { return !schedule.describe().get().schedule.state.paused; }, "its end");
}

TEST_F(Schedules, UpdatesOneThingAndKeepsTheRest) {
  work_on<Twice>();
  auto schedule = make(of_twice());
  schedule
      .update([](const ScheduleDescription& d) {
        auto changed = d.schedule;
        changed.spec.intervals = {{.every = 2h}};
        return changed;
      })
      .get();
  eventually(
      [&] {
        const auto spec = schedule.describe().get().schedule.spec;
        return spec.intervals == std::vector<ScheduleInterval>{{.every = 2h}};
      },
      "the new interval");
  schedule.trigger().get();
  EXPECT_EQ(result_of(after(schedule, 1).info.recent_actions.at(0)), 42);
}

TEST_F(Schedules, SkipsWhatOverlaps) {
  work_on<WaitForEnd>();
  auto schedule = make({.action = scheduled(wait_for_end, {.id = queue, .task_queue = queue}),
                        .policies = {.overlap = ScheduleOverlapPolicy::skip}});
  schedule.trigger().get();
  const auto known = after(schedule, 1);
  schedule.trigger().get();
  eventually([&] { return schedule.describe().get().info.skipped_overlap == 1; }, "the skip");
  const auto first = known.info.recent_actions.at(0).workflow;
  EXPECT_EQ(schedule.describe().get().info.running_workflows,
            std::vector<WorkflowExecutionId>{first});
  client.workflow_handle(first.workflow_id).terminate().get();
}

TEST_F(Schedules, BackfillsASpanOfThePast) {
  work_on<Twice>();
  auto schedule = make(of_twice());
  const auto hour = std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now());
  schedule
      .backfill({{.start_at = hour - 3h + 1min,
                  .end_at = hour - 1min,
                  .overlap = ScheduleOverlapPolicy::allow_all}})
      .get();
  const auto known = after(schedule, 2);
  EXPECT_EQ(known.info.actions, 2);
}

TEST_F(Schedules, AreListedAndGoneOnceRemoved) {
  auto schedule = make(of_twice());
  const auto listed = [&] {
    for (const auto& entry : client.list_schedules().get().schedules)
      if (entry.id == queue) return entry.workflow_type == "Twice";
    return false;
  };
  eventually(listed, "the schedule in the list");
  schedule.remove().get();
  EXPECT_EQ(code_of(schedule.describe()), RpcCode::not_found);
  EXPECT_EQ(code_of(schedule.trigger()), RpcCode::not_found);
}

}  // namespace
}  // namespace temporal::tests
