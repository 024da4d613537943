// What calls for schedules ask of the server, and what its answers become.
#include <google/protobuf/util/message_differencer.h>
#include <temporal/api/schedule/v1/message.pb.h>

#include "client/test_answers.h"

namespace temporal {
namespace {

using namespace std::chrono_literals;
namespace enums = temporal::api::enums::v1;

ScheduledWorkflow workflow() {
  return {.id = "audit", .task_queue = "orders"};
}
Schedule plain() {
  return {.action = scheduled(Order::type, workflow(), {.number = 7})};
}

// With every field set.
Schedule full() {
  return {.action = {.workflow_type = "Order",
                     .workflow = {.id = "audit",
                                  .task_queue = "orders",
                                  .execution_timeout = 3h,
                                  .run_timeout = 2h,
                                  .task_timeout = 20s,
                                  .retry_policy = RetryPolicy{.maximum_attempts = 3},
                                  .memo = {{"who", Value::of(std::string("me"))}},
                                  .search_attributes = {KeywordKey{"Code"}.is("A1")},
                                  .static_summary = "summary",
                                  .static_details = "details",
                                  .priority = {.priority_key = 2},
                                  .versioning_override = VersioningOverride{}},
                     .args = {Value::of(Input{.number = 7})},
                     .headers = {{"trace", {.data = "t"}}}},
          .spec = {.calendars = {{.minute = {{0, 30, 15}},
                                  .hour = {{9}},
                                  .year = {{2026, 2030}},
                                  .day_of_week = {{1, 5}},
                                  .comment = "office"}},
                   .intervals = {{.every = 10min, .offset = 3s}},
                   .cron_expressions = {"0 12 * * *"},
                   .skip = {{.month = {{12}}}},
                   .start_at = Time(1000s),
                   .end_at = Time(2000s),
                   .jitter = 1500ms,
                   .time_zone_name = "Asia/Seoul"},
          .policies = {.overlap = ScheduleOverlapPolicy::buffer_one,
                       .catchup_window = 90s,
                       .pause_on_failure = true},
          .state = {.note = "why", .paused = true, .remaining_actions = 5}};
}

TEST_F(ClientTest, CreatesAScheduleWithEveryOption) {
  transport->answers = {with(service::CreateScheduleResponse())};
  auto handle = client()
                    .create_schedule("nightly", full(),
                                     {.trigger_immediately = true,
                                      .backfill = {{.start_at = Time(1s),
                                                    .end_at = Time(9s),
                                                    .overlap = ScheduleOverlapPolicy::allow_all}},
                                      .memo = {{"m", Value::of(1)}},
                                      .search_attributes = {KeywordKey{"Team"}.is("T")},
                                      .request_id = "once"})
                    .get();
  EXPECT_EQ(handle.id(), "nightly");
  EXPECT_EQ(transport->calls[0].method, "CreateSchedule");
  const auto r = transport->request<service::CreateScheduleRequest>(0);
  EXPECT_EQ(r.namespace_(), "default");
  EXPECT_EQ(r.schedule_id(), "nightly");
  EXPECT_EQ(r.identity(), "me");
  EXPECT_EQ(r.request_id(), "once");
  EXPECT_EQ(r.memo().fields().at("m").data(), "1");
  EXPECT_EQ(r.search_attributes().indexed_fields().at("Team").data(), R"("T")");
  EXPECT_TRUE(r.initial_patch().has_trigger_immediately());
  EXPECT_EQ(r.initial_patch().backfill_request(0).end_time().seconds(), 9);
  EXPECT_EQ(r.initial_patch().backfill_request(0).overlap_policy(),
            enums::SCHEDULE_OVERLAP_POLICY_ALLOW_ALL);
  const auto& spec = r.schedule().spec();
  EXPECT_EQ(spec.structured_calendar(0).minute(0).step(), 15);
  EXPECT_EQ(spec.structured_calendar(0).second(0).start(), 0);
  EXPECT_EQ(spec.structured_calendar(0).day_of_month(0).end(), 31);
  EXPECT_EQ(spec.exclude_structured_calendar(0).month(0).start(), 12);
  EXPECT_EQ(spec.cron_string(0), "0 12 * * *");
  EXPECT_EQ(spec.interval(0).interval().seconds(), 600);
  EXPECT_EQ(spec.interval(0).phase().seconds(), 3);
  EXPECT_EQ(spec.start_time().seconds(), 1000);
  EXPECT_EQ(spec.end_time().seconds(), 2000);
  EXPECT_EQ(spec.jitter().nanos(), 500'000'000);
  EXPECT_EQ(spec.timezone_name(), "Asia/Seoul");
  EXPECT_EQ(r.schedule().policies().overlap_policy(), enums::SCHEDULE_OVERLAP_POLICY_BUFFER_ONE);
  EXPECT_EQ(r.schedule().policies().catchup_window().seconds(), 90);
  EXPECT_TRUE(r.schedule().policies().pause_on_failure());
  EXPECT_EQ(r.schedule().state().notes(), "why");
  EXPECT_EQ(r.schedule().state().remaining_actions(), 5);
  const auto& start = r.schedule().action().start_workflow();
  EXPECT_EQ(start.workflow_id(), "audit");
  EXPECT_EQ(start.task_queue().name(), "orders");
  EXPECT_EQ(start.input().payloads(0).data(), R"({"number":7})");
  EXPECT_EQ(start.header().fields().at("trace").data(), "t");
  EXPECT_EQ(start.user_metadata().summary().data(), R"("summary")");
  EXPECT_EQ(start.workflow_execution_timeout().seconds(), 3 * 3600);
}

TEST_F(ClientTest, LeavesTheUnsetOfAScheduleToTheServer) {
  transport->answers = {with(service::CreateScheduleResponse())};
  client().create_schedule("plain", plain()).get();
  const auto r = transport->request<service::CreateScheduleRequest>(0);
  EXPECT_EQ(r.request_id().size(), 36U);
  EXPECT_FALSE(r.has_initial_patch() || r.has_memo() || r.has_search_attributes());
  EXPECT_FALSE(r.schedule().policies().has_catchup_window() || r.schedule().spec().has_jitter() ||
               r.schedule().state().limited_actions());
  const auto& start = r.schedule().action().start_workflow();
  EXPECT_FALSE(start.has_workflow_run_timeout() || start.has_retry_policy() || start.has_memo() ||
               start.has_user_metadata() || start.has_header());
}

TEST_F(ClientTest, AScheduleThatCannotBeRightIsRefusedWithoutACall) {
  EXPECT_THROW(client().create_schedule("s", Schedule{}).get(), std::invalid_argument);
  auto without_queue = plain();
  without_queue.action.workflow.task_queue.clear();
  EXPECT_THROW(client().create_schedule("s", without_queue).get(), std::invalid_argument);
  EXPECT_TRUE(transport->calls.empty());
}

// What the server was told comes back as it was; so an update that changes one thing changes that.
TEST_F(ClientTest, UpdatesWhatItDescribed) {
  transport->answers = {with(service::CreateScheduleResponse())};
  client().create_schedule("nightly", full()).get();
  service::DescribeScheduleResponse known;
  *known.mutable_schedule() = transport->request<service::CreateScheduleRequest>(0).schedule();
  known.set_conflict_token("version 3");
  transport->answers.push_back(with(known));
  transport->answers.push_back(with(service::UpdateScheduleResponse()));
  ScheduleDescription described;
  client()
      .schedule_handle("nightly")
      .update([&](const ScheduleDescription& d) {
        described = d;
        auto schedule = d.schedule;
        schedule.state.note = "changed";
        return schedule;
      })
      .get();
  EXPECT_EQ(described.id, "nightly");
  EXPECT_EQ(described.schedule.spec, full().spec);
  EXPECT_EQ(described.schedule.policies, full().policies);
  EXPECT_EQ(described.schedule.state, full().state);
  EXPECT_EQ(described.schedule.action.args.at(0).as<Input>().number, 7);
  const auto r = transport->request<service::UpdateScheduleRequest>(2);
  EXPECT_EQ(r.conflict_token(), "version 3");
  EXPECT_EQ(r.schedule().state().notes(), "changed");
  auto expected = known.schedule();
  expected.mutable_state()->set_notes("changed");
  // Not by their bytes: in which order a map is written is not fixed.
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(r.schedule(), expected));
}

TEST_F(ClientTest, AnUpdateThatChangesNothingIsNotSent) {
  service::DescribeScheduleResponse known;
  transport->answers = {with(known)};
  client()
      .schedule_handle("nightly")
      .update([](const ScheduleDescription&) { return std::nullopt; })
      .get();
  EXPECT_EQ(transport->calls.size(), 1U);
}

TEST_F(ClientTest, PatchesSayOneThingEach) {
  transport->answers.assign(4, with(service::PatchScheduleResponse()));
  auto handle = client().schedule_handle("nightly");
  handle.trigger(ScheduleOverlapPolicy::allow_all).get();
  handle.backfill({{.start_at = Time(1s), .end_at = Time(2s)}}).get();
  handle.pause("night").get();
  handle.unpause("day").get();
  const auto patch = [this](std::size_t i) {
    return transport->request<service::PatchScheduleRequest>(i).patch();
  };
  EXPECT_EQ(patch(0).trigger_immediately().overlap_policy(),
            enums::SCHEDULE_OVERLAP_POLICY_ALLOW_ALL);
  EXPECT_EQ(patch(0).pause() + patch(0).unpause(), "");
  EXPECT_FALSE(patch(1).has_trigger_immediately());
  EXPECT_EQ(patch(1).backfill_request_size(), 1);
  EXPECT_EQ(patch(2).pause() + "/" + patch(2).unpause(), "night/");
  EXPECT_EQ(patch(3).pause() + "/" + patch(3).unpause(), "/day");
}

TEST_F(ClientTest, DescribesWhatAScheduleHasDone) {
  service::DescribeScheduleResponse known;
  auto& info = *known.mutable_info();
  info.set_action_count(4);
  info.set_overlap_skipped(2);
  info.add_running_workflows()->set_workflow_id("audit-now");
  auto& action = *info.add_recent_actions();
  action.mutable_schedule_time()->set_seconds(600);
  action.mutable_actual_time()->set_seconds(601);
  action.mutable_start_workflow_result()->set_workflow_id("audit-600");
  action.set_start_workflow_status(enums::WORKFLOW_EXECUTION_STATUS_COMPLETED);
  info.add_future_action_times()->set_seconds(1200);
  info.mutable_create_time()->set_seconds(1);
  transport->answers = {with(known)};
  const auto d = client().schedule_handle("nightly").describe().get();
  EXPECT_EQ(d.info.actions, 4);
  EXPECT_EQ(d.info.skipped_overlap, 2);
  EXPECT_EQ(d.info.running_workflows.at(0).workflow_id, "audit-now");
  EXPECT_EQ(d.info.recent_actions.at(0).started_at, Time(601s));
  EXPECT_EQ(d.info.recent_actions.at(0).status, WorkflowStatus::completed);
  EXPECT_EQ(d.info.next_action_times.at(0), Time(1200s));
  EXPECT_EQ(d.info.created_at, Time(1s));
  EXPECT_FALSE(d.info.updated_at);
  EXPECT_FALSE(d.schedule.state.remaining_actions);
}

TEST_F(ClientTest, ListsSchedulesPageByPage) {
  service::ListSchedulesResponse response;
  auto& entry = *response.add_schedules();
  entry.set_schedule_id("nightly");
  entry.mutable_info()->mutable_workflow_type()->set_name("Order");
  entry.mutable_info()->set_paused(true);
  response.set_next_page_token("more");
  transport->answers = {with(response)};
  const auto page =
      client().list_schedules({.query = "q", .page_size = 2, .next_page_token = "t"}).get();
  EXPECT_EQ(page.next_page_token, "more");
  EXPECT_EQ(page.schedules.at(0).id, "nightly");
  EXPECT_EQ(page.schedules.at(0).workflow_type, "Order");
  EXPECT_TRUE(page.schedules.at(0).paused);
  const auto r = transport->request<service::ListSchedulesRequest>(0);
  EXPECT_EQ(r.query(), "q");
  EXPECT_EQ(r.maximum_page_size(), 2);
  EXPECT_EQ(r.next_page_token(), "t");
}

TEST_F(ClientTest, SchedulesPassTheInterceptors) {
  struct Noting final : ClientInterceptor {
    Async<void> create_schedule(CreateScheduleInput input) override {
      input.schedule.state.note = "noted";
      co_await next->create_schedule(std::move(input));
    }
    Async<void> delete_schedule(DeleteScheduleInput) override { co_return; }  // answers itself
  };
  transport->answers = {with(service::CreateScheduleResponse()),
                        with(service::PatchScheduleResponse())};
  auto handle = client({std::make_shared<Noting>()}).create_schedule("nightly", plain()).get();
  EXPECT_EQ(transport->request<service::CreateScheduleRequest>(0).schedule().state().notes(),
            "noted");
  handle.pause().get();
  handle.remove().get();
  EXPECT_EQ(transport->calls.size(), 2U);
}

}  // namespace
}  // namespace temporal
