// Schedules: workflows that the server starts by itself, at the times of a spec.
//
//   auto schedule = co_await client.create_schedule(
//       "nightly", {.action = temporal::scheduled(Audit::type, {.id = "audit", .task_queue = "q"}, in),
//                   .spec = {.intervals = {{.every = 24h}}},
//                   .policies = {.overlap = temporal::ScheduleOverlapPolicy::skip}});
//   co_await schedule.trigger();                       // now, besides its times
//   auto known = co_await schedule.describe();         // known.info.recent_actions
//   co_await schedule.update([](const temporal::ScheduleDescription& d) {
//     auto changed = d.schedule;
//     changed.spec.intervals = {{.every = 12h}};
//     return changed;
//   });
//
// The id of a workflow that a schedule starts is its action's id, "-" and the time it was due at, in
// UTC and to the second: "audit-2026-01-02T03:00:00Z".
//
// Everything here is a value. A zero duration, and an empty list, mean "unset"; the comment says what
// unset means. What the server refuses is RpcError{invalid_argument}, whose text names the field.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "temporal/definition.h"
#include "temporal/options.h"
#include "temporal/payload.h"
#include "temporal/rpc.h"
#include "temporal/search_attributes.h"
#include "temporal/workflow_description.h"

namespace temporal {

// What happens when an action is due while the one before it still runs. By the numbers of
// temporal.api.enums.v1.ScheduleOverlapPolicy.
enum class ScheduleOverlapPolicy : std::uint8_t {
  unspecified = 0,   // the schedule's; of a schedule: skip
  skip = 1,          // nothing is started
  buffer_one = 2,    // one is started when that one ends, however many were due
  buffer_all = 3,    // all are, one after the other
  cancel_other = 4,  // that one is cancelled, and this one started when it has ended
  terminate_other = 5,
  allow_all = 6,  // both run
};

// From `start` to `end`, each `step`-th.
struct ScheduleRange {
  std::int32_t start = 0;
  std::int32_t end = 0;   // below start: start alone
  std::int32_t step = 0;  // unset: 1
  bool operator==(const ScheduleRange&) const = default;
};

// Times whose every field is in one of that field's ranges: 09:30 on working days is
//   {.minute = {{30}}, .hour = {{9}}, .day_of_week = {{1, 5}}}
struct ScheduleCalendar {
  using Ranges = std::vector<ScheduleRange>;
  Ranges second = {{0}};
  Ranges minute = {{0}};
  Ranges hour = {{0}};
  Ranges day_of_month = {{1, 31}};
  Ranges month = {{1, 12}};
  Ranges year = {};               // unset: every year
  Ranges day_of_week = {{0, 6}};  // 0 is Sunday
  std::string comment = {};
  bool operator==(const ScheduleCalendar&) const = default;
};

// All times that are a multiple of `every` after the Unix epoch, plus `offset`.
struct ScheduleInterval {
  std::chrono::seconds every = {};  // required
  std::chrono::seconds offset = {};
  bool operator==(const ScheduleInterval&) const = default;
};

// When: at every time that one of calendars, intervals and cron expressions has, and none of `skip`.
struct ScheduleSpec {
  std::vector<ScheduleCalendar> calendars = {};
  std::vector<ScheduleInterval> intervals = {};
  // "0 9 * * 1-5", "@every 15m". The server keeps them as calendars and intervals, and describes
  // those.
  std::vector<std::string> cron_expressions = {};
  std::vector<ScheduleCalendar> skip = {};
  std::optional<Time> start_at = {};      // unset: at once
  std::optional<Time> end_at = {};        // unset: for ever
  std::chrono::milliseconds jitter = {};  // each time is late by up to this; unset: none
  std::string time_zone_name = {};        // "Asia/Seoul", of calendars and cron; unset: UTC
  bool operator==(const ScheduleSpec&) const = default;
};

struct SchedulePolicies {
  ScheduleOverlapPolicy overlap = ScheduleOverlapPolicy::unspecified;  // unset: skip
  // How late an action may still be started after the server was away. Unset: one year.
  std::chrono::milliseconds catchup_window = {};
  bool pause_on_failure = false;  // when a workflow it started fails or times out
  bool operator==(const SchedulePolicies&) const = default;
};

struct ScheduleState {
  std::string note = {};  // for people; pause and unpause write it
  bool paused = false;
  // Set: after so many more actions it does nothing; triggers are not counted.
  std::optional<std::int64_t> remaining_actions = {};
  bool operator==(const ScheduleState&) const = default;
};

// The workflow that a schedule starts; as WorkflowOptions has it.
struct ScheduledWorkflow {
  std::string id = {};          // required: what the ids of its workflows begin with
  std::string task_queue = {};  // required
  std::chrono::milliseconds execution_timeout = {};
  std::chrono::milliseconds run_timeout = {};
  std::chrono::milliseconds task_timeout = {};
  std::optional<RetryPolicy> retry_policy = {};
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  std::string static_summary = {};
  std::string static_details = {};
  Priority priority = {};
  std::optional<VersioningOverride> versioning_override = {};
};
struct ScheduleAction {
  std::string workflow_type = {};
  ScheduledWorkflow workflow = {};
  Values args = {};
  std::map<std::string, Payload> headers = {};
};
template <class R, class... A>
ScheduleAction scheduled(const WorkflowType<R(A...)>& type, ScheduledWorkflow workflow,
                         std::type_identity_t<A>... args) {
  return {.workflow_type = std::string(type.name),
          .workflow = std::move(workflow),
          .args = detail::Arguments<A...>::pack(std::move(args)...)};
}

struct Schedule {
  ScheduleAction action = {};
  ScheduleSpec spec = {};  // unset: it starts only what is triggered
  SchedulePolicies policies = {};
  ScheduleState state = {};
};

struct ScheduleBackfill {  // the actions of a span of time, as if it passed now
  Time start_at = {};
  Time end_at = {};
  ScheduleOverlapPolicy overlap = ScheduleOverlapPolicy::unspecified;  // unset: the schedule's
};

// An action that was taken.
struct ScheduleActionResult {
  Time scheduled_at = {};
  Time started_at = {};
  WorkflowExecutionId workflow = {};
  WorkflowStatus status = WorkflowStatus::unspecified;  // as far as the schedule knows
};

struct ScheduleInfo {
  std::int64_t actions = 0;  // that were taken
  std::int64_t missed_catchup_window = 0;
  std::int64_t skipped_overlap = 0;
  std::int64_t buffer_dropped = 0;
  std::int64_t buffer_size = 0;
  std::vector<WorkflowExecutionId> running_workflows = {};
  std::vector<ScheduleActionResult> recent_actions = {};  // the last ten, oldest first
  std::vector<Time> next_action_times = {};               // up to ten
  std::optional<Time> created_at = {};
  std::optional<Time> updated_at = {};
};

struct ScheduleDescription {
  std::string id = {};
  Schedule schedule = {};
  ScheduleInfo info = {};
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  std::string conflict_token = {};  // bytes: this version of the schedule
  // The whole answer, a temporal.api.workflowservice.v1.DescribeScheduleResponse in protobuf
  // (temporal/api.h).
  std::string raw = {};
};

// What a list gives for each; it lags behind.
struct ScheduleListEntry {
  std::string id = {};
  std::string workflow_type = {};
  ScheduleSpec spec = {};
  std::string note = {};
  bool paused = false;
  std::vector<ScheduleActionResult> recent_actions = {};  // the last five
  std::vector<Time> next_action_times = {};
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
};
struct SchedulePage {
  std::vector<ScheduleListEntry> schedules = {};
  std::string next_page_token = {};  // empty: the last page
};

struct ScheduleOptions {
  bool trigger_immediately = false;             // one action at once
  std::vector<ScheduleBackfill> backfill = {};  // and those of the past
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  // The same create twice with one request id is one. Unset: a new UUID for each call, kept over
  // its repeats.
  std::string request_id = {};
  RpcOptions rpc = {};
};
struct ScheduleListOptions {
  std::string query = {};            // a List Filter; empty: all
  std::int32_t page_size = 0;        // 0: the server's
  std::string next_page_token = {};  // of the page before
  RpcOptions rpc = {};
};

// What a schedule becomes; nothing: it stays as it is.
using ScheduleChange = std::move_only_function<std::optional<Schedule>(const ScheduleDescription&)>;

// --- What interceptors see (temporal/client_interceptor.h)

struct CreateScheduleInput {
  std::string id = {};
  Schedule schedule = {};
  ScheduleOptions options = {};
};
struct DescribeScheduleInput {
  std::string id = {};
  RpcOptions rpc = {};
};
// Of the four at most one is set by the calls of a handle.
struct PatchScheduleInput {
  std::string id = {};
  std::optional<ScheduleOverlapPolicy> trigger = {};
  std::vector<ScheduleBackfill> backfill = {};
  std::optional<std::string> pause = {};    // with this note
  std::optional<std::string> unpause = {};  // with this note
  RpcOptions rpc = {};
};
struct UpdateScheduleInput {
  std::string id = {};
  Schedule schedule = {};
  std::string conflict_token = {};  // empty: whatever it has become meanwhile
  RpcOptions rpc = {};
};
struct DeleteScheduleInput {
  std::string id = {};
  RpcOptions rpc = {};
};

}  // namespace temporal
