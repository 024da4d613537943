// Worker: runs workflows and activities of one task queue.
//
//   temporal::Registry registry;
//   registry.workflow<OrderSaga>();
//   registry.activity(charge_payment, &Payments::charge, payments);
//   temporal::Worker worker(client, {.task_queue = "orders", .registry = registry});
//   worker.run(stop);  // until a stop is requested; or start() and shutdown()
//
// Threads. Workflows run on a small pool, one activation of a run at a time; blocking activities on
// another, as large as their slots; both make threads as they are needed. Coroutine activities run
// on the executor. Everything of Temporal's own is on the runtime's.
//
// The server may be away, before the start and at any time after it: the worker dials with a
// back-off, its status() says what is wrong, and it goes on when the server is back.
//
// Shutdown. The worker takes no more tasks, finishes the workflow tasks it has, and waits for its
// activities; those that still run after graceful_shutdown_timeout are asked to cancel, with the
// reason worker_shutdown. It waits until the last one has ended.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "temporal/activity_interceptor.h"
#include "temporal/client.h"
#include "temporal/options.h"
#include "temporal/registry.h"
#include "temporal/tuner.h"
#include "temporal/workflow_info.h"
#include "temporal/workflow_interceptor.h"

namespace temporal {

// How many calls wait for tasks of one kind at a time.
struct SimplePollers {
  std::size_t maximum = 5;  // at least 2 for workflow tasks where workflows are cached
};
struct AutoscalingPollers {  // as many as the server advises
  std::size_t minimum = 1;
  std::size_t maximum = 100;
  std::size_t initial = 5;
};
using Pollers = std::variant<SimplePollers, AutoscalingPollers>;

// Worker Versioning: this process is one build of a deployment.
struct WorkerDeploymentOptions {
  WorkerDeploymentVersion version = {};  // required, both names
  // Whether the server sends each build its own workflows; false: the names are only shown.
  bool use_worker_versioning = true;
  // Of workflows whose definition says none. Unspecified: then each of them has to; std::
  // invalid_argument names the one that does not. Not without use_worker_versioning.
  VersioningBehavior default_versioning_behavior = VersioningBehavior::unspecified;
};

struct WorkerOptions {
  std::string task_queue = {};  // required
  Registry registry = {};       // required: at least one workflow or activity
  // Who this worker is, in the UI and in histories. Unset: the client's.
  std::string identity = {};

  // Workflows kept in memory between their tasks. 0: none; each task then replays its history, and
  // Core runs a local activity again that another run's task interrupts, and may leave one of
  // several queries of a run without an answer.
  std::size_t max_cached_workflows = 1000;
  // Slots: how many tasks of a kind the worker has at a time. At least 2 for workflow tasks where
  // workflows are cached, at least 1 for the others, at most kMaxSlots. Workflow tasks beyond
  // max_cached_workflows wait in the worker for a place; those that wait as it ends come again after
  // their timeout.
  std::size_t max_concurrent_workflow_tasks = 100;
  std::size_t max_concurrent_activities = 100;
  std::size_t max_concurrent_local_activities = 100;
  // Unset: autoscaling where the namespace wants it, else 5.
  std::optional<Pollers> workflow_task_pollers = {};
  std::optional<Pollers> activity_pollers = {};
  // Of workflow task polls, the share that is not for this worker's own cached workflows.
  double nonsticky_to_sticky_poll_ratio = 0.2;
  // How long a task of a cached workflow waits for this worker before any other may have it; above
  // zero, as are the next two.
  std::chrono::milliseconds sticky_schedule_to_start_timeout = std::chrono::seconds(10);

  // Between heartbeats of one activity that are really sent, at most; and for activities without a
  // heartbeat_timeout (with one it is 0.8 of it).
  std::chrono::milliseconds max_heartbeat_throttle_interval = std::chrono::seconds(60);
  std::chrono::milliseconds default_heartbeat_throttle_interval = std::chrono::seconds(30);
  // Unset: no limit. The second is of the whole task queue, kept by the server, set by whichever
  // worker polled last; it also turns eager activities off.
  std::optional<double> max_activities_per_second = {};
  std::optional<double> max_task_queue_activities_per_second = {};
  // Activities started at once, without a poll, when a workflow task on this queue schedules them.
  // 0: none.
  std::size_t max_eager_activities_per_workflow_task = 3;
  // The registry's activities serve this worker's workflows, as local ones, and no task queue.
  bool local_activities_only = false;

  // Before activities that still run are asked to cancel. 0: at once.
  std::chrono::milliseconds graceful_shutdown_timeout = {};

  // Names this build to the server; ignored where `deployment` is set. Unset: it has no name.
  std::string build_id = {};
  // Versioning as it was before deployments, which take its place: tasks go to builds by the sets of
  // build ids that the queue has (UpdateWorkerBuildIdCompatibility; a server has it off unless
  // frontend.workerVersioningDataAPIs is set). Needs build_id, and no `deployment`.
  bool legacy_build_id_versioning = false;
  std::optional<WorkerDeploymentOptions> deployment = {};

  // A workflow whose code does not match its history fails, where its task would fail and be
  // repeated: all of them, or those of these types.
  bool nondeterminism_fails_workflow = false;
  std::vector<std::string> nondeterminism_fails_workflow_types = {};
  // Exceptions that fail the workflow they leave, besides those of its definition; any other that
  // is no TemporalFailure fails the task.
  std::vector<workflow::FailureType> failure_types = {};
  // Unset: a patch is taken by each run that meets it.
  workflow::PatchActivationCallback patch_activation_callback = {};
  std::vector<workflow::InterceptorFactory> workflow_interceptors = {};  // the first is outermost
  std::vector<ActivityInterceptorFactory> activity_interceptors = {};    // likewise
  // Completions above the namespace's size limits are sent for the server to refuse, where the task
  // would be failed here.
  bool disable_payload_error_limit = false;

  // Threads for workflow code. 0: one a core, from 2 to 8.
  std::size_t workflow_threads = 0;
  // Threads for blocking activities, local ones included. 0: as many as their slots; they are made as
  // they are needed.
  std::size_t activity_threads = 0;
  // For coroutine activities. Unset: the runtime's.
  std::shared_ptr<Executor> executor = {};
  // A workflow that runs longer without awaiting fails its task: it blocks, and deadlocks others.
  // 0: never, for a debugger; so does TEMPORAL_DEBUG in the environment.
  std::chrono::milliseconds deadlock_timeout = std::chrono::seconds(2);
  // A real-time signal, as SIGRTMIN + 3, that the SDK may take for this process: with it the log of
  // such a workflow has the stack of its thread, whose system calls are begun again after it. Names
  // of the program's own functions come from its dynamic symbols (-rdynamic, CMake's
  // ENABLE_EXPORTS); others are addresses for addr2line. 0: no stack, no signal. Else
  // std::invalid_argument for another kind of signal, or one that the program handles.
  int stack_signal = 0;

  // Other sources of slots than the max_concurrent_… above, which count for what it leaves unset.
  Tuner tuner = {};
};

enum class WorkerState : std::uint8_t {
  created,     // neither run() nor start() was called
  connecting,  // dials, or asks for the namespace; last_error says why it takes so long
  running,     // polls
  stopping,    // waits for what it has begun
  stopped,
};
std::string_view to_string(WorkerState state);  // "connecting"

// The slots of one kind of task.
struct SlotStatus {
  std::size_t used = 0;                       // tasks that the worker works on
  std::size_t polling = 0;                    // of polls that wait for a task
  std::optional<std::size_t> available = {};  // more than these; unset: the supplier cannot say
};

struct WorkerStatus {
  WorkerState state = WorkerState::created;
  std::string last_error = {};  // empty while all is well
  std::size_t cached_workflows = 0;
  std::size_t running_activities = 0;
  std::uint64_t completed_workflow_tasks = 0;
  std::uint64_t completed_activities = 0;
  std::size_t max_cached_workflows = 0;
  SlotStatus workflow_tasks = {};
  SlotStatus activities = {};
  SlotStatus local_activities = {};
  // Why the worker takes no tasks, a sentence; empty: it does. A server that goes away while the
  // worker polls is not seen here: the polls go on, and so does the worker when it is back.
  std::string not_ready = {};
  bool ready() const { return not_ready.empty(); }
};

class Worker {
 public:
  // Throws std::invalid_argument for options that cannot be right, and std::logic_error if another
  // worker of the same client is on the same queue, kinds and build: it would take tasks that this
  // one has cached. Who needs it opens a second client. No I/O.
  Worker(Client client, WorkerOptions options);
  ~Worker();  // shutdown()
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) = delete;

  // Works until a stop is requested, then shuts down; returns when that is done. A worker has one
  // life: run() or start() is called once, else std::logic_error.
  void run(std::stop_token stop);
  // Works until `until` has ended, then shuts down; gives its result or throws its error.
  template <class T>
  T run_until(Async<T> until) {
    start();
    Shutdown after{*this};
    return std::move(until).get();
  }
  // Until a function, which may block, returns.
  template <class F>
    requires std::is_invocable_v<F>
  auto run_until(F body) {
    start();
    Shutdown after{*this};
    return body();
  }
  // Works on a thread of its own.
  void start();
  // Returns when the worker has ended. May be called again, by any thread, and before start().
  void shutdown();

  // The worker goes on with another client: its connection, credentials and identity; what else the
  // worker has of the first one stays. The namespace and the Runtime are the same, else
  // std::invalid_argument. Throws std::logic_error where the other client has such a worker already,
  // or this one has stopped, and RpcError where it cannot connect; then nothing has changed. Polls
  // that wait end with the first client.
  Async<void> replace_client(Client client);

  WorkerStatus status() const;  // any thread, at any time

 private:
  friend class WorkerGroup;
  class Impl;
  struct Shutdown {
    Worker& worker;
    ~Shutdown() { worker.shutdown(); }
  };
  explicit Worker(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with a replace_client that is under way
};

}  // namespace temporal
