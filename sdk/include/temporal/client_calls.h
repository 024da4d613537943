// What one may say with each call of a client. Unset members leave it to the server.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "temporal/definition.h"
#include "temporal/options.h"
#include "temporal/rpc.h"
#include "temporal/search_attributes.h"

namespace temporal {

struct WorkflowOptions {
  // Required: the business's own name of the thing. What happens if a workflow of that id
  // runs, or has run, is said by the two policies.
  std::string id = {};
  std::string task_queue = {};  // required: where its worker listens
  // If one of that id has ended. Unset: it may be started again.
  WorkflowIdReusePolicy id_reuse_policy = WorkflowIdReusePolicy::allow_duplicate;
  // If one of that id runs. Unset: WorkflowAlreadyStartedError.
  WorkflowIdConflictPolicy id_conflict_policy = WorkflowIdConflictPolicy::unspecified;
  // The same start twice with one request id starts one workflow, and both get its run id. Unset: a
  // new UUID for each call, kept over its repeats.
  std::string request_id = {};
  // Zero: without limit.
  std::chrono::milliseconds execution_timeout = {};  // of all runs: retries, continue-as-new
  std::chrono::milliseconds run_timeout = {};        // of one run
  std::chrono::milliseconds task_timeout = {};       // of one workflow task; zero: 10 s
  // Unset: a failed workflow is not started again.
  std::optional<RetryPolicy> retry_policy = {};
  std::string cron_schedule = {};
  // Until its first workflow task. Not with a cron schedule.
  std::chrono::milliseconds start_delay = {};
  std::map<std::string, Value> memo = {};
  SearchAttributes search_attributes = {};
  // Shown by the UI: one line, and more; Markdown without HTML.
  std::string static_summary = {};
  std::string static_details = {};
  Priority priority = {};
  std::optional<VersioningOverride> versioning_override = {};
  // Whether the first workflow task may come with the answer, to a worker of this client that has room
  // on the task queue: one call and a way through the server less. Not with a signal or an update.
  bool request_eager_start = false;
  RpcOptions rpc = {};
  // Sent along beside the arguments, for interceptors and handlers to read.
  Headers headers = {};
};

struct SignalOptions {
  // The same signal twice with one request id arrives once. Unset: a new UUID.
  std::string request_id = {};
  RpcOptions rpc = {};
  Headers headers = {};
};

// By the numbers of temporal.api.enums.v1.QueryRejectCondition.
enum class QueryRejectCondition : std::uint8_t {
  none = 1,
  not_open = 2,               // the workflow has ended
  not_completed_cleanly = 3,  // it has ended other than completed or continued-as-new
};
struct QueryOptions {
  QueryRejectCondition reject_condition = QueryRejectCondition::none;
  RpcOptions rpc = {};
  Headers headers = {};
};

// How far an update must be before start_update returns. By the numbers of
// temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage.
enum class UpdateStage : std::uint8_t {
  accepted = 2,   // the workflow has taken it on: it survives from here
  completed = 3,  // its outcome is known
};
struct UpdateOptions {
  std::string id = {};  // unset: a new UUID. The same id twice is one update
  UpdateStage wait_for = UpdateStage::accepted;
  // Only if the workflow's chain of runs began with this one; unset: any.
  std::string first_execution_run_id = {};
  RpcOptions rpc = {};
  Headers headers = {};
};

struct ResultOptions {
  // Whether a run that was continued as new, retried or went on by cron is followed to the last one;
  // else WorkflowContinuedAsNewError names the next run.
  bool follow_runs = true;
  RpcOptions rpc = {};
};

struct CancelOptions {
  std::string reason = {};
  RpcOptions rpc = {};
};
struct TerminateOptions {
  std::string reason = {};
  Values details = {};
  RpcOptions rpc = {};
};

enum class HistoryEventFilter : std::uint8_t { all_events = 1, close_event = 2 };
struct HistoryOptions {
  HistoryEventFilter filter = HistoryEventFilter::all_events;
  // Whether to wait for events to come, until the run has ended. A page then comes as soon as there
  // is an event, or empty after some 20 s.
  bool wait_new_event = false;
  std::int32_t page_size = 0;        // 0: the server's. The next two are of fetch_history_page
  std::string next_page_token = {};  // of the page before
  bool skip_archival = false;
  RpcOptions rpc = {};
};

struct ListOptions {
  // The List Filter of docs.temporal.io/list-filter: "WorkflowType = 'Order'". Empty: all.
  std::string query = {};
  std::int32_t page_size = 0;        // 0: the server's
  std::string next_page_token = {};  // of the page before
  RpcOptions rpc = {};
};

struct CountOptions {
  std::string query = {};  // may end in "GROUP BY ExecutionStatus"
  RpcOptions rpc = {};
};

// A signal or an update together with its arguments, for what also starts a workflow:
//
//   client.signal_with_start(Order::type, options, temporal::call(Order::note, {"hello"}), input)
struct SignalCall {
  std::string name = {};
  Values args = {};
  std::map<std::string, Payload> headers = {};
};
template <class R>
struct UpdateCall {
  std::string name = {};
  Values args = {};
  UpdateOptions options = {};
};

template <class... A>
SignalCall call(const SignalType<void(A...)>& type, std::type_identity_t<A>... args) {
  return {.name = std::string(type.name),
          .args = detail::Arguments<A...>::pack(std::move(args)...)};
}
template <class R, class... A>
UpdateCall<R> call(const UpdateType<R(A...)>& type, std::type_identity_t<A>... args) {
  return {.name = std::string(type.name),
          .args = detail::Arguments<A...>::pack(std::move(args)...)};
}
template <class R, class... A>
UpdateCall<R> call(const UpdateType<R(A...)>& type, UpdateOptions options,
                   std::type_identity_t<A>... args) {
  return {.name = std::string(type.name),
          .args = detail::Arguments<A...>::pack(std::move(args)...),
          .options = std::move(options)};
}

}  // namespace temporal
