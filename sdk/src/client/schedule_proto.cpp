#include "client/schedule_proto.h"

#include <iterator>

namespace temporal::detail {

namespace {

namespace enums = temporal::api::enums::v1;
using Ranges = google::protobuf::RepeatedPtrField<schedule_api::Range>;

// --- To the server

void write(const ScheduleCalendar::Ranges& ranges, Ranges* out) {
  for (const auto& range : ranges) {
    auto& r = *out->Add();
    r.set_start(range.start);
    r.set_end(range.end);
    r.set_step(range.step);
  }
}

void write(const ScheduleCalendar& calendar, schedule_api::StructuredCalendarSpec* out) {
  write(calendar.second, out->mutable_second());
  write(calendar.minute, out->mutable_minute());
  write(calendar.hour, out->mutable_hour());
  write(calendar.day_of_month, out->mutable_day_of_month());
  write(calendar.month, out->mutable_month());
  write(calendar.year, out->mutable_year());
  write(calendar.day_of_week, out->mutable_day_of_week());
  out->set_comment(calendar.comment);
}

schedule_api::ScheduleSpec written(const ScheduleSpec& spec) {
  schedule_api::ScheduleSpec out;
  for (const auto& calendar : spec.calendars) write(calendar, out.add_structured_calendar());
  for (const auto& interval : spec.intervals) {
    auto& i = *out.add_interval();
    *i.mutable_interval() = to_proto(interval.every);
    *i.mutable_phase() = to_proto(interval.offset);
  }
  for (const auto& cron : spec.cron_expressions) out.add_cron_string(cron);
  for (const auto& calendar : spec.skip) write(calendar, out.add_exclude_structured_calendar());
  if (spec.start_at) *out.mutable_start_time() = to_proto(*spec.start_at);
  if (spec.end_at) *out.mutable_end_time() = to_proto(*spec.end_at);
  if (spec.jitter.count() != 0) *out.mutable_jitter() = to_proto(spec.jitter);
  out.set_timezone_name(spec.time_zone_name);
  return out;
}

void check(const ScheduleAction& action) {
  auto refuse = [](const char* what) {
    throw std::invalid_argument(std::string("ScheduleAction: ") + what);
  };
  if (action.workflow_type.empty()) refuse("the workflow's type has no name");
  if (action.workflow.id.empty()) refuse("id is empty");
  if (action.workflow.task_queue.empty()) refuse("task_queue is empty");
}

using StartInfo = temporal::api::workflow::v1::NewWorkflowExecutionInfo;

void set_metadata(const ScheduledWorkflow& w, const Core& core, const SerializationContext& context,
                  StartInfo* out) {
  const auto& converter = core->converter();
  if (!w.memo.empty()) to_proto(w.memo, converter, context, out->mutable_memo()->mutable_fields());
  if (!w.search_attributes.empty())
    *out->mutable_search_attributes() = to_proto(w.search_attributes);
  if (!w.static_summary.empty())
    to_proto(Value::of(w.static_summary), converter, context,
             out->mutable_user_metadata()->mutable_summary());
  if (!w.static_details.empty())
    to_proto(Value::of(w.static_details), converter, context,
             out->mutable_user_metadata()->mutable_details());
}

void write(const ScheduleAction& action, const Core& core, StartInfo* out) {
  check(action);
  const auto& w = action.workflow;
  const auto context = workflow_context(core, w.id, action.workflow_type);
  out->set_workflow_id(w.id);
  out->mutable_workflow_type()->set_name(action.workflow_type);
  out->mutable_task_queue()->set_name(w.task_queue);
  to_proto(action.args, core->converter(), context, out->mutable_input()->mutable_payloads());
  if (w.execution_timeout.count() != 0)
    *out->mutable_workflow_execution_timeout() = to_proto(w.execution_timeout);
  if (w.run_timeout.count() != 0) *out->mutable_workflow_run_timeout() = to_proto(w.run_timeout);
  if (w.task_timeout.count() != 0) *out->mutable_workflow_task_timeout() = to_proto(w.task_timeout);
  if (w.retry_policy) *out->mutable_retry_policy() = to_proto(*w.retry_policy);
  if (w.priority != Priority{}) *out->mutable_priority() = to_proto(w.priority);
  if (w.versioning_override) *out->mutable_versioning_override() = to_proto(*w.versioning_override);
  if (!action.headers.empty()) to_proto(action.headers, out->mutable_header()->mutable_fields());
  set_metadata(w, core, context, out);
}

// --- From the server

ScheduleCalendar::Ranges read(const Ranges& ranges) {
  ScheduleCalendar::Ranges out;
  for (const auto& r : ranges)
    out.push_back({.start = r.start(), .end = r.end(), .step = r.step()});
  return out;
}

ScheduleCalendar read(const schedule_api::StructuredCalendarSpec& calendar) {
  return {.second = read(calendar.second()),
          .minute = read(calendar.minute()),
          .hour = read(calendar.hour()),
          .day_of_month = read(calendar.day_of_month()),
          .month = read(calendar.month()),
          .year = read(calendar.year()),
          .day_of_week = read(calendar.day_of_week()),
          .comment = calendar.comment()};
}

std::chrono::seconds seconds_of(const google::protobuf::Duration& duration) {
  return std::chrono::floor<std::chrono::seconds>(from_proto(duration));
}

ScheduleSpec read(const schedule_api::ScheduleSpec& spec) {
  ScheduleSpec out;
  for (const auto& calendar : spec.structured_calendar()) out.calendars.push_back(read(calendar));
  for (const auto& interval : spec.interval())
    out.intervals.push_back(
        {.every = seconds_of(interval.interval()), .offset = seconds_of(interval.phase())});
  for (const auto& cron : spec.cron_string()) out.cron_expressions.push_back(cron);
  for (const auto& calendar : spec.exclude_structured_calendar())
    out.skip.push_back(read(calendar));
  if (spec.has_start_time()) out.start_at = from_proto(spec.start_time());
  if (spec.has_end_time()) out.end_at = from_proto(spec.end_time());
  out.jitter = from_proto(spec.jitter());
  out.time_zone_name = spec.timezone_name();
  return out;
}

std::string text_of(const temporal::api::common::v1::Payload& payload, const Core& core,
                    const SerializationContext& context) {
  return from_proto(payload, core->converter(), context).as<std::string>();
}

ScheduledWorkflow workflow_of(const StartInfo& info, const Core& core,
                              const SerializationContext& context) {
  ScheduledWorkflow w{.id = info.workflow_id(),
                      .task_queue = info.task_queue().name(),
                      .execution_timeout = from_proto(info.workflow_execution_timeout()),
                      .run_timeout = from_proto(info.workflow_run_timeout()),
                      .task_timeout = from_proto(info.workflow_task_timeout()),
                      .memo = from_proto(info.memo().fields(), core->converter(), context),
                      .search_attributes = from_proto(info.search_attributes()),
                      .priority = from_proto(info.priority())};
  if (info.has_retry_policy()) w.retry_policy = from_proto(info.retry_policy());
  if (info.has_versioning_override())
    w.versioning_override = from_proto(info.versioning_override());
  if (info.user_metadata().has_summary())
    w.static_summary = text_of(info.user_metadata().summary(), core, context);
  if (info.user_metadata().has_details())
    w.static_details = text_of(info.user_metadata().details(), core, context);
  return w;
}

ScheduleAction read(const StartInfo& info, const Core& core) {
  const auto context = workflow_context(core, info.workflow_id(), info.workflow_type().name());
  return {.workflow_type = info.workflow_type().name(),
          .workflow = workflow_of(info, core, context),
          .args = from_proto(info.input().payloads(), core->converter(), context),
          .headers = from_proto(info.header().fields())};
}

Schedule read(const schedule_api::Schedule& schedule, const Core& core) {
  const auto& state = schedule.state();
  Schedule out{.action = read(schedule.action().start_workflow(), core),
               .spec = read(schedule.spec()),
               .policies = {.overlap = static_cast<ScheduleOverlapPolicy>(
                                schedule.policies().overlap_policy()),
                            .catchup_window = from_proto(schedule.policies().catchup_window()),
                            .pause_on_failure = schedule.policies().pause_on_failure()},
               .state = {.note = state.notes(), .paused = state.paused()}};
  if (state.limited_actions()) out.state.remaining_actions = state.remaining_actions();
  return out;
}

template <class Results>
std::vector<ScheduleActionResult> results_of(const Results& results) {
  std::vector<ScheduleActionResult> out;
  for (const auto& result : results)
    out.push_back({.scheduled_at = from_proto(result.schedule_time()),
                   .started_at = from_proto(result.actual_time()),
                   .workflow = {result.start_workflow_result().workflow_id(),
                                result.start_workflow_result().run_id()},
                   .status = static_cast<WorkflowStatus>(result.start_workflow_status())});
  return out;
}

template <class Times>
std::vector<Time> times_of(const Times& times) {
  std::vector<Time> out;
  for (const auto& time : times) out.push_back(from_proto(time));
  return out;
}

ScheduleInfo read(const schedule_api::ScheduleInfo& info) {
  ScheduleInfo out{.actions = info.action_count(),
                   .missed_catchup_window = info.missed_catchup_window(),
                   .skipped_overlap = info.overlap_skipped(),
                   .buffer_dropped = info.buffer_dropped(),
                   .buffer_size = info.buffer_size(),
                   .recent_actions = results_of(info.recent_actions()),
                   .next_action_times = times_of(info.future_action_times())};
  for (const auto& running : info.running_workflows())
    out.running_workflows.push_back({running.workflow_id(), running.run_id()});
  if (info.has_create_time()) out.created_at = from_proto(info.create_time());
  if (info.has_update_time()) out.updated_at = from_proto(info.update_time());
  return out;
}

}  // namespace

enums::ScheduleOverlapPolicy to_proto(ScheduleOverlapPolicy policy) {
  return static_cast<enums::ScheduleOverlapPolicy>(policy);
}

schedule_api::BackfillRequest to_proto(const ScheduleBackfill& backfill) {
  schedule_api::BackfillRequest out;
  *out.mutable_start_time() = to_proto(backfill.start_at);
  *out.mutable_end_time() = to_proto(backfill.end_at);
  out.set_overlap_policy(to_proto(backfill.overlap));
  return out;
}

schedule_api::Schedule to_proto(const Schedule& schedule, const Core& core) {
  schedule_api::Schedule out;
  *out.mutable_spec() = written(schedule.spec);
  write(schedule.action, core, out.mutable_action()->mutable_start_workflow());
  const auto& policies = schedule.policies;
  out.mutable_policies()->set_overlap_policy(to_proto(policies.overlap));
  if (policies.catchup_window.count() != 0)
    *out.mutable_policies()->mutable_catchup_window() = to_proto(policies.catchup_window);
  out.mutable_policies()->set_pause_on_failure(policies.pause_on_failure);
  auto& state = *out.mutable_state();
  state.set_notes(schedule.state.note);
  state.set_paused(schedule.state.paused);
  state.set_limited_actions(schedule.state.remaining_actions.has_value());
  state.set_remaining_actions(schedule.state.remaining_actions.value_or(0));
  return out;
}

ScheduleDescription description(std::string id, const service::DescribeScheduleResponse& response,
                                const Core& core) {
  return {.id = std::move(id),
          .schedule = read(response.schedule(), core),
          .info = read(response.info()),
          .memo = from_proto(response.memo().fields(), core->converter()),
          .search_attributes = from_proto(response.search_attributes()),
          .conflict_token = response.conflict_token(),
          .raw = response.SerializeAsString()};
}

ScheduleListEntry list_entry(const schedule_api::ScheduleListEntry& entry, const Core& core) {
  const auto& info = entry.info();
  return {.id = entry.schedule_id(),
          .workflow_type = info.workflow_type().name(),
          .spec = read(info.spec()),
          .note = info.notes(),
          .paused = info.paused(),
          .recent_actions = results_of(info.recent_actions()),
          .next_action_times = times_of(info.future_action_times()),
          .memo = from_proto(entry.memo().fields(), core->converter()),
          .search_attributes = from_proto(entry.search_attributes())};
}

}  // namespace temporal::detail
