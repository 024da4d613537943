// What the server knows of workflows: the lines of a list, and the description of one.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "temporal/error.h"
#include "temporal/options.h"
#include "temporal/search_attributes.h"
#include "temporal/value.h"

namespace temporal {

using Time = std::chrono::system_clock::time_point;

struct WorkflowExecutionId {
  std::string workflow_id = {};
  std::string run_id = {};
  bool operator==(const WorkflowExecutionId&) const = default;
};

// temporal.api.workflow.v1.WorkflowExecutionInfo: what a list gives for each run.
struct WorkflowExecution {
  std::string workflow_id = {};
  std::string run_id = {};
  std::string workflow_type = {};
  std::string task_queue = {};
  WorkflowStatus status = WorkflowStatus::unspecified;
  Time start_time = {};                     // when the run was started
  std::optional<Time> execution_time = {};  // when it began to run: after a start delay or cron
  std::optional<Time> close_time = {};      // unset: it runs
  std::int64_t history_length = 0;          // events
  std::int64_t history_size = 0;            // bytes
  std::int64_t state_transitions = 0;
  std::optional<WorkflowExecutionId> parent = {};
  std::optional<WorkflowExecutionId> root = {};
  std::string first_run_id = {};
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  Priority priority = {};
};

// By the numbers of temporal.api.enums.v1.PendingActivityState.
enum class PendingActivityState : std::uint8_t {
  unspecified = 0,
  scheduled = 1,
  started = 2,
  cancel_requested = 3,
  paused = 4,
  pause_requested = 5,
};

struct PendingActivity {
  std::string activity_id = {};
  std::string activity_type = {};
  PendingActivityState state = PendingActivityState::unspecified;
  std::int32_t attempt = 1;
  std::int32_t max_attempts = 0;  // 0: without limit
  std::optional<Failure> last_failure = {};
  Values heartbeat_details = {};
  std::string last_worker_identity = {};
  std::optional<Time> scheduled_time = {};
  std::optional<Time> last_started_time = {};
  std::optional<Time> last_heartbeat_time = {};
  std::optional<Time> next_attempt_time = {};
  std::optional<Time> expiration_time = {};
};

struct PendingChild {
  std::string workflow_id = {};
  std::string run_id = {};
  std::string workflow_type = {};
};

struct PendingWorkflowTask {
  bool started = false;
  std::int32_t attempt = 1;  // above 1: it fails or times out again and again
  std::optional<Time> scheduled_time = {};
  std::optional<Time> started_time = {};
};

struct WorkflowDescription : WorkflowExecution {
  std::vector<PendingActivity> pending_activities = {};
  std::vector<PendingChild> pending_children = {};
  std::optional<PendingWorkflowTask> pending_workflow_task = {};
  std::string static_summary = {};
  std::string static_details = {};
  std::chrono::milliseconds execution_timeout = {};  // zero: without limit, as the next
  std::chrono::milliseconds run_timeout = {};
  std::chrono::milliseconds task_timeout = {};
  bool cancel_requested = false;
  // The whole answer, a temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse in
  // protobuf (temporal/api.h).
  std::string raw = {};
};

struct ListPage {
  std::vector<WorkflowExecution> workflows = {};
  std::string next_page_token = {};  // empty: the last page
};

struct WorkflowCountGroup {
  Values values = {};  // of the attributes in GROUP BY
  std::int64_t count = 0;
};
struct WorkflowCount {
  std::int64_t count = 0;
  std::vector<WorkflowCountGroup> groups = {};  // of a query with GROUP BY
};

}  // namespace temporal
