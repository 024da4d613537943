// What workflow code calls. A workflow is a class whose run is a coroutine (temporal/task.h), bound to
// its definition (temporal/workflow_definition.h):
//
//   workflow::Task<Completed> run(OrderInput in) {
//     co_await workflow::execute_activity(charge_payment,
//                                         {.task_queue = "PaymentTaskQueue",
//                                          .start_to_close_timeout = 10s},
//                                         {.order_id = in.order_id, .amount = in.amount});
//     co_await workflow::wait_until([this] { return packed_; }, 24h);
//     co_return Completed{in.order_id};
//   }
//
// Workflow code is replayed from its history, so it must do the same again: no clock, random device,
// thread, environment, I/O, no iteration over unordered containers, no order by pointers, no
// thread_local (a run moves between threads). now(), random(), uuid4() and logger() stand in. What
// sees to it is in temporal/determinism.h.
//
// Beside this header: temporal/saga.h, workflow_sync.h (Mutex, Semaphore, Channel),
// workflow_side_effect.h, workflow_signal_with_start.h.
//
// Called outside a workflow all of these throw std::logic_error. In a query, a validator or a
// condition so does whatever makes a command or draws a random number. In the destructors that an
// eviction runs they do nothing.
//
// A TemporalFailure that leaves run, or a type that the definition lists, fails the run; anything else
// fails the workflow task, which the server tries again until corrected code is deployed.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "temporal/child_workflow.h"
#include "temporal/determinism.h"
#include "temporal/log.h"
#include "temporal/metrics.h"
#include "temporal/scope.h"
#include "temporal/workflow_definition.h"
#include "temporal/workflow_handlers.h"
#include "temporal/workflow_info.h"
#include "temporal/workflow_interceptor.h"
#include "temporal/workflow_options.h"
#include "temporal/workflow_random.h"

namespace temporal {

namespace detail {
// Throws std::invalid_argument.
void check_options(const std::string& activity, const workflow::ActivityOptions& options);
workflow::Future<Value> execute_activity(workflow::ActivityInput in);
workflow::Future<Value> execute_in(std::shared_ptr<ScopeState> scope, workflow::ActivityInput in);
workflow::Future<Value> execute_local_activity(workflow::LocalActivityInput in);
workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in);
[[noreturn]] void continue_as_new(workflow::ContinueAsNewInput in);
std::optional<Value> memo(std::string_view key);
std::optional<Value> last_completion_result();
}  // namespace detail

namespace workflow {

// --- Activities

template <class R, class... A>
Future<R> execute_activity(const ActivityType<R(A...)>& type, ActivityOptions options,
                           std::type_identity_t<A>... args) {
  return Future<R>::of(
      detail::execute_activity({.name = std::string(type.name),
                                .options = std::move(options),
                                .args = detail::Arguments<A...>::pack(std::move(args)...)}));
}

template <class R, class... A>
Future<R> execute_local_activity(const ActivityType<R(A...)>& type, LocalActivityOptions options,
                                 std::type_identity_t<A>... args) {
  return Future<R>::of(
      detail::execute_local_activity({.name = std::string(type.name),
                                      .options = std::move(options),
                                      .args = detail::Arguments<A...>::pack(std::move(args)...)}));
}

// --- Time and conditions

// A timer of the server, exact to about a second, that outlives the worker. Zero is 1 ms; a negative
// duration is std::invalid_argument.
Future<void> sleep(milliseconds duration, TimerOptions options = {});

// The time at which the task being processed was started: the same in a replay.
std::chrono::system_clock::time_point now();

// Settled once the predicate is true. It is asked at the call, then whenever the run comes to rest;
// of several true ones the first made goes on first, and the others are asked again after it. The
// predicate makes no command, and lives as long as the Future: dropping that forgets it.
Future<void> wait_until(std::move_only_function<bool()> predicate);
// With true; or with false after the timeout. A condition true at the call makes no timer. A timer
// goes on when the Future is dropped.
Future<bool> wait_until(std::move_only_function<bool()> predicate, milliseconds timeout,
                        TimerOptions options = {});

// --- Cancellation and ending

// Settled, with its reason, by the first cancel request from outside. It is in no scope.
Future<std::string> cancel_requested();

// Thrown anywhere in a workflow, it ends the run as Canceled, with or without a request. It is no
// std::exception, so that a handler of those lets it pass.
struct EndCanceled {
  std::string details = {};
};

// Ends this run and starts the next of the same workflow id, with a new history. It throws what
// leaves run; it may be called in a handler or a spawned Task too.
//
//   if (workflow::info().continue_as_new_suggested)
//     workflow::continue_as_new(Audit::type, {}, next_page);
template <class R, class... A>
[[noreturn]] void continue_as_new(const WorkflowType<R(A...)>& type, ContinueAsNewOptions options,
                                  std::type_identity_t<A>... args) {
  detail::continue_as_new({.name = std::string(type.name),
                           .options = std::move(options),
                           .args = detail::Arguments<A...>::pack(std::move(args)...)});
}

// --- Other workflows

// Settled once the child has started. Fails with ChildWorkflowFailure where it could not.
template <class R, class... A>
Future<ChildWorkflowHandle<R>> start_child_workflow(const WorkflowType<R(A...)>& type,
                                                    ChildWorkflowOptions options,
                                                    std::type_identity_t<A>... args) {
  auto child =
      detail::start_child_workflow({.name = std::string(type.name),
                                    .options = std::move(options),
                                    .args = detail::Arguments<A...>::pack(std::move(args)...)});
  auto result = child.result.shared();
  return spawn([](std::string id, Future<std::string> started,
                  detail::State state) -> Task<ChildWorkflowHandle<R>> {
    auto run_id = co_await std::move(started);
    co_return ChildWorkflowHandle<R>(std::move(id), std::move(run_id), std::move(state));
  }(std::move(child.id), std::move(child.started), std::move(result)));
}

// Starts a child and gives its result.
template <class R, class... A>
Future<R> execute_child_workflow(const WorkflowType<R(A...)>& type, ChildWorkflowOptions options,
                                 std::type_identity_t<A>... args) {
  auto child =
      detail::start_child_workflow({.name = std::string(type.name),
                                    .options = std::move(options),
                                    .args = detail::Arguments<A...>::pack(std::move(args)...)});
  return Future<R>::of(std::move(child.result));
}

// --- Of the run itself

const Info& info();
// In an update's validator and handler, and in what the handler awaits and spawns; elsewhere unset. By
// its id a workflow tells that an update was sent again to its next run.
std::optional<UpdateInfo> current_update();

// The run's random numbers, the same in a replay.
Random& random();
// A stream of its own for each name, kept as long as the run. Named as packages are: "com.acme.jitter".
Random& random(std::string_view name);
std::string uuid4();

// Silent while a history is replayed, so that each line is written once. Carries the ids of the run.
Logger logger();
// The meter of the worker's Runtime, silent while a history is replayed, so that each event counts
// once. Its series have the labels namespace, task_queue and workflow_type; do not add the ids of a
// run, of which there are too many. It, and its series, may be kept as long as the run.
//
//   workflow::metric_meter().counter({.name = "orders_ended"}, {{"status", "FAILED"}})->add(1);
MetricMeter& metric_meter();

// What the client and upserts have set.
const SearchAttributes& search_attributes();
// Adds, replaces and (by unset) removes search attributes.
void upsert_search_attributes(SearchAttributes changes);

// A memo's entry as a T, if it has one.
template <class T>
std::optional<T> memo(std::string_view key) {
  auto value = detail::memo(key);
  return value ? std::optional<T>(value->template as<T>()) : std::nullopt;
}
// Adds, replaces and (by nullopt) removes entries.
void upsert_memo(std::map<std::string, std::optional<Value>> changes);

// What the run before gave, where a cron schedule or a schedule of the server started this one; kept over
// runs that failed. Throws ConversionError if it is no T.
template <class T>
std::optional<T> last_completion_result() {
  auto value = detail::last_completion_result();
  return value ? std::optional<T>(value->template as<T>()) : std::nullopt;
}
// Why the run before failed, where this one is its retry or next turn.
std::optional<Failure> last_failure();

// What the run is about now, for people: a few lines of Markdown that the Web UI shows, asked for by
// the query __temporal_workflow_metadata. Nothing of it is in the history.
void set_current_details(std::string markdown);
const std::string& current_details();

// For a change of code under running workflows: true where the new code is to run, which a replay of a
// history made before the change is not.
//
//   if (workflow::patched("reserve-first")) … else …   // both, while old runs exist
//   workflow::deprecate_patch("reserve-first"); …       // the new alone, while patched runs exist
//   …                                                   // then nothing of it
bool patched(std::string_view id);
void deprecate_patch(std::string_view id);

namespace unsafe {
// Whether a history is being replayed. A workflow that acts on it is no longer deterministic.
bool is_replaying();
}  // namespace unsafe

}  // namespace workflow
}  // namespace temporal
