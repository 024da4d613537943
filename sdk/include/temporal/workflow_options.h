// Options of the calls a workflow makes. Every one is an aggregate for designated initializers:
//
//   {.task_queue = "PaymentTaskQueue", .start_to_close_timeout = 10s,
//    .retry_policy = {{.maximum_attempts = 3}}, .summary = "charge the card"}
//
// A duration of zero means "unset" throughout; the comment says what unset means. A mistake that the
// server would refuse (no timeout at all, a negative one) throws std::invalid_argument at the call,
// and so fails the workflow task with a sentence that names the field.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "temporal/options.h"
#include "temporal/search_attributes.h"
#include "temporal/value.h"

namespace temporal::workflow {

using std::chrono::milliseconds;

// What a cancelled scope does to an activity, as Temporal has it
// (temporal/sdk/core/workflow_commands: ActivityCancellationType).
enum class ActivityCancellationType : std::uint8_t {
  try_cancel,                   // ask, and fail with CanceledFailure at once
  wait_cancellation_completed,  // ask, and wait for how the activity ends; it must heartbeat to hear
  abandon,                      // do not ask, and fail with CanceledFailure at once
};

// Of legacy build-id versioning alone; with Worker Deployments leave it unset.
enum class VersioningIntent : std::uint8_t { unspecified, compatible, use_default };

struct ActivityOptions {
  std::string task_queue = {};  // unset: the workflow's own
  // One of the next two must be set.
  milliseconds start_to_close_timeout = {};     // of one attempt; unset: schedule_to_close_timeout
  milliseconds schedule_to_close_timeout = {};  // of all attempts; unset: the run's own timeout
  milliseconds schedule_to_start_timeout = {};  // in the queue; unset: schedule_to_close_timeout
  milliseconds heartbeat_timeout = {};          // between heartbeats; unset: none are needed
  // Unset: the server's policy, by default for ever, from 1 s to 100 s, doubling.
  std::optional<RetryPolicy> retry_policy = {};
  ActivityCancellationType cancellation_type = ActivityCancellationType::try_cancel;
  std::string activity_id = {};  // unset: a number, unique in the run
  // Not to be started at once, without a poll, in a free slot of this worker (which does that for its
  // own task queue alone).
  bool disable_eager_execution = false;
  Priority priority = {};    // unset: the workflow's
  std::string summary = {};  // one line for the UI; at most 400 bytes
  VersioningIntent versioning_intent = VersioningIntent::unspecified;
};

// An activity in the workflow's own worker, without a task queue: for short, cheap work. Its retries
// run in the worker; a wait longer than local_retry_threshold becomes a timer of the workflow.
struct LocalActivityOptions {
  // One of the next two must be set.
  milliseconds start_to_close_timeout = {};      // of one attempt; unset: schedule_to_close_timeout
  milliseconds schedule_to_close_timeout = {};   // of all attempts; unset: without limit
  milliseconds schedule_to_start_timeout = {};   // until a slot is free; unset: without limit
  std::optional<RetryPolicy> retry_policy = {};  // unset: for ever, from 1 s, doubling
  milliseconds local_retry_threshold = {};       // unset: 1 minute
  ActivityCancellationType cancellation_type =
      ActivityCancellationType::wait_cancellation_completed;
  std::string activity_id = {};              // unset: a number, unique in the run
  std::string summary = {};                  // one line for the UI; at most 400 bytes
  bool include_arguments_in_marker = false;  // into the history, to be seen in the UI
};

struct TimerOptions {
  std::string summary = {};  // one line for the UI; at most 400 bytes
};

// What a cancelled scope does to a child workflow, as Temporal has it. The server forgets a request
// whose workflow ends before it is sent on, as may be after try_cancel.
enum class ChildWorkflowCancellationType : std::uint8_t {
  abandon,                      // do not ask, and fail with CanceledFailure at once
  try_cancel,                   // ask, and fail with CanceledFailure at once
  wait_cancellation_completed,  // ask, and wait for how the child ends
  wait_cancellation_requested,  // ask, and wait until it is asked; before its start, until it ends
};

struct ChildWorkflowOptions {
  std::string id = {};          // unset: a UUID, the same in a replay
  std::string task_queue = {};  // unset: the workflow's own
  // Which of the child's earlier runs forbid a new one.
  WorkflowIdReusePolicy id_reuse_policy = WorkflowIdReusePolicy::allow_duplicate;
  ParentClosePolicy parent_close_policy = ParentClosePolicy::terminate;
  ChildWorkflowCancellationType cancellation_type =
      ChildWorkflowCancellationType::wait_cancellation_completed;
  milliseconds execution_timeout = {};           // of all runs; unset: without limit
  milliseconds run_timeout = {};                 // of one run; unset: execution_timeout
  milliseconds task_timeout = {};                // of one workflow task; unset: 10 s
  std::optional<RetryPolicy> retry_policy = {};  // unset: a failed child is not started again
  std::string cron_schedule = {};                // unset: it runs once
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  Priority priority = {};           // unset: the workflow's
  std::string static_summary = {};  // one line for the UI; at most 400 bytes
  std::string static_details = {};  // more for the UI; at most 20,000 bytes
  VersioningIntent versioning_intent = VersioningIntent::unspecified;
  // Unset: as the parent's. Needs Temporal 1.32 or later.
  std::optional<VersioningOverride> versioning_override = {};
};

// Of a workflow that a signal starts where none of its id runs (temporal/workflow_signal_with_start.h).
struct SignalWithStartOptions {
  std::string id = {};          // required
  std::string task_queue = {};  // unset: the caller's own
  // If one of that id has ended. Unset: it may be started again.
  WorkflowIdReusePolicy id_reuse_policy = WorkflowIdReusePolicy::allow_duplicate;
  // If one of that id runs. Unset: use_existing. The server refuses fail.
  WorkflowIdConflictPolicy id_conflict_policy = WorkflowIdConflictPolicy::unspecified;
  milliseconds execution_timeout = {};           // of all runs; unset: without limit
  milliseconds run_timeout = {};                 // of one run; unset: execution_timeout
  milliseconds task_timeout = {};                // of one workflow task; unset: 10 s
  std::optional<RetryPolicy> retry_policy = {};  // unset: a failed one is not started again
  std::string cron_schedule = {};                // unset: it runs once
  milliseconds start_delay = {};  // until its first task, which brings the signal; not with a cron
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  std::string static_summary = {};  // one line for the UI; at most 400 bytes
  std::string static_details = {};  // more for the UI; at most 20,000 bytes
  Priority priority = {};
  std::optional<VersioningOverride> versioning_override = {};
};

// Which version of a worker deployment gets the first task of a new run; after it the run's own behavior
// holds. A pinned override of the workflow wins over it. By the numbers of
// temporal.api.enums.v1.ContinueAsNewVersioningBehavior; needs Temporal 1.31 or later.
enum class ContinueAsNewVersioning : std::uint8_t {
  unspecified = 0,   // a pinned run's own version, otherwise the current one
  auto_upgrade = 1,  // as an auto-upgrade workflow: the current one, or by chance the ramping
  use_ramping_version = 2,  // the ramping one; where there is none, the current one
};

// The new run keeps the workflow's id, priority and execution_timeout.
struct ContinueAsNewOptions {
  std::string task_queue = {};                             // unset: the workflow's own
  milliseconds run_timeout = {};                           // unset: the workflow's own
  milliseconds task_timeout = {};                          // unset: the workflow's own
  std::optional<RetryPolicy> retry_policy = {};            // unset: the workflow's own
  std::optional<std::map<std::string, Value>> memo = {};   // unset: as it now is
  std::optional<SearchAttributes> search_attributes = {};  // unset: as they now are
  milliseconds backoff_start_interval = {};  // before the new run's first task; unset: none
  VersioningIntent versioning_intent = VersioningIntent::unspecified;
  ContinueAsNewVersioning initial_versioning_behavior = ContinueAsNewVersioning::unspecified;
};

}  // namespace temporal::workflow
