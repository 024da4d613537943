#include "temporal/worker.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <expected>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bridge/worker.h"
#include "client/client_core.h"
#include "worker/core_options.h"
#include "worker/session.h"
#include "worker/thread_stack.h"
#include "worker/worker_claim.h"

namespace temporal {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff(100);
constexpr milliseconds kLongestBackoff(10'000);
constexpr std::size_t kLeastWorkflowThreads = 2;
constexpr std::size_t kMostWorkflowThreads = 8;

template <class T>
using Answer = std::expected<T, std::string>;
using Failed = std::unexpected<std::string>;

// Waits for what Core will call back with, or for the stop: then whatever comes is dropped.
template <class T>
class Awaited {
 public:
  std::move_only_function<void(Answer<T>)> callback() {
    return [state = state_](Answer<T> result) {
      std::lock_guard lock(state->mutex);
      state->result = std::move(result);
      state->came.notify_all();
    };
  }
  Answer<T> get(std::stop_token stop) {
    std::unique_lock lock(state_->mutex);
    state_->came.wait(lock, std::move(stop), [this] { return state_->result.has_value(); });
    if (!state_->result) return Failed("asked to stop");
    return std::move(*state_->result);
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable_any came;
    std::optional<Answer<T>> result;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

milliseconds deadlock_timeout(const WorkerOptions& options) {
  const char* debugging = std::getenv("TEMPORAL_DEBUG");
  return debugging && *debugging ? milliseconds::zero() : options.deadlock_timeout;
}

std::size_t workflow_threads(const WorkerOptions& options) {
  if (options.workflow_threads > 0) return options.workflow_threads;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), kLeastWorkflowThreads,
                                 kMostWorkflowThreads);
}

std::size_t activity_threads(const WorkerOptions& options) {
  if (options.activity_threads > 0) return options.activity_threads;
  return options.max_concurrent_activities +
         (options.registry.has_workflows() ? options.max_concurrent_local_activities : 0);
}

}  // namespace

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::created:
      return "created";
    case WorkerState::connecting:
      return "connecting";
    case WorkerState::running:
      return "running";
    case WorkerState::stopping:
      return "stopping";
    case WorkerState::stopped:
      return "stopped";
  }
  return "unknown";
}

class Worker::Impl {
 public:
  Impl(Client client, WorkerOptions options);
  ~Impl() { shutdown(); }

  void run(std::stop_token stop);
  void start();
  void shutdown();
  WorkerStatus status() const;

 private:
  void begin();
  void work(const std::stop_token& stop);
  // Nothing when `core` may serve. What it has made stays there for the next attempt.
  std::optional<std::string> connect(std::shared_ptr<bridge::Worker>& core,
                                     const std::stop_token& stop);
  Answer<std::shared_ptr<bridge::Worker>> make(const std::stop_token& stop);
  std::optional<std::string> validate(bridge::Worker& core, const std::stop_token& stop);
  std::optional<std::string> serve(std::shared_ptr<bridge::Worker> core,
                                   const std::stop_token& stop);
  void pause(const std::stop_token& stop, milliseconds duration);
  void change(WorkerState state);
  void note(std::string error);
  std::optional<detail::WorkflowTasksOptions> workflow_options() const;
  detail::ActivityTasksOptions activity_options() const;

  const Client client_;
  const WorkerOptions options_;
  std::optional<detail::WorkerClaim> claim_;  // until it has stopped
  const Logger logger_;
  const std::shared_ptr<detail::TaskCounts> counts_ = std::make_shared<detail::TaskCounts>();

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  WorkerState state_ = WorkerState::created;
  std::string last_error_;
  std::unique_ptr<detail::Session> session_;
  bool begun_ = false;
  std::stop_source stop_;
  std::thread thread_;
};

Worker::Impl::Impl(Client client, WorkerOptions options)
    : client_(std::move(client)),
      options_((detail::check(options), std::move(options))),
      claim_(std::in_place, client_, options_),
      logger_(client_.runtime().logger("worker").with({{"task_queue", options_.task_queue}})) {
  if (options_.stack_signal) detail::take_stack_signal(options_.stack_signal);
}

void Worker::Impl::begin() {
  std::lock_guard lock(mutex_);
  if (begun_) throw std::logic_error("a worker has one life: it was started, or shut down, before");
  begun_ = true;
}

void Worker::Impl::run(std::stop_token stop) {
  begin();
  std::stop_callback forward(stop, [this] { stop_.request_stop(); });
  work(stop_.get_token());
}

void Worker::Impl::start() {
  begin();
  try {
    std::lock_guard lock(mutex_);
    thread_ = std::thread([this] { work(stop_.get_token()); });
  } catch (...) {  // no thread: this was its life
    claim_.reset();
    change(WorkerState::stopped);
    throw;
  }
}

void Worker::Impl::shutdown() {
  stop_.request_stop();
  std::thread ended;
  {
    std::unique_lock lock(mutex_);
    if (!std::exchange(begun_, true)) state_ = WorkerState::stopped;
    changed_.wait(lock, [this] { return state_ == WorkerState::stopped; });
    ended.swap(thread_);
  }
  if (ended.joinable()) ended.join();
}

WorkerStatus Worker::Impl::status() const {
  std::lock_guard lock(mutex_);
  return {.state = state_,
          .last_error = last_error_,
          .cached_workflows = session_ ? session_->cached_workflows() : 0,
          .running_activities = session_ ? session_->running_activities() : 0,
          .completed_workflow_tasks = counts_->workflow_tasks,
          .completed_activities = counts_->activities};
}

void Worker::Impl::change(WorkerState state) {
  std::lock_guard lock(mutex_);
  state_ = state;
  if (state == WorkerState::running) last_error_.clear();
  changed_.notify_all();
}

void Worker::Impl::note(std::string error) {
  logger_.warn("the worker cannot take tasks", {{"reason", error}});
  std::lock_guard lock(mutex_);
  last_error_ = std::move(error);
}

void Worker::Impl::pause(const std::stop_token& stop, milliseconds duration) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, duration, [] { return false; });
}

// Until the stop: connect, serve, and after what ended one of them begin again.
void Worker::Impl::work(const std::stop_token& stop) {
  auto backoff = kFirstBackoff;
  std::shared_ptr<bridge::Worker> core;  // kept until it has served: Core frees none by itself
  while (!stop.stop_requested()) {
    change(WorkerState::connecting);
    auto error = connect(core, stop);
    if (!error) {
      backoff = kFirstBackoff;
      error = serve(std::exchange(core, nullptr), stop);
    } else if (!stop.stop_requested()) {
      note(*error);
    }
    if (!error || stop.stop_requested()) break;
    pause(stop, backoff);
    backoff = std::min(backoff * 2, kLongestBackoff);
  }
  if (core) {  // Core ends no worker that was not polled to its end
    core->initiate_shutdown();
    detail::Session(std::move(core), workflow_options(), activity_options(), logger_, counts_)
        .shutdown();
  }
  claim_.reset();
  change(WorkerState::stopped);
}

std::optional<std::string> Worker::Impl::connect(std::shared_ptr<bridge::Worker>& core,
                                                 const std::stop_token& stop) {
  if (!core) {
    auto made = make(stop);
    if (!made) return std::move(made.error());
    core = std::move(*made);
  }
  return validate(*core, stop);
}

Answer<std::shared_ptr<bridge::Worker>> Worker::Impl::make(const std::stop_token& stop) {
  Awaited<std::shared_ptr<bridge::Connection>> dialled;
  client_.core()->core_transport().connect(
      std::nullopt, stop,
      [callback = dialled.callback()](detail::SharedDial::Connected connected) mutable {
        callback(connected ? Answer<std::shared_ptr<bridge::Connection>>(std::move(*connected))
                           : Failed(connected.error().what()));
      });
  auto connection = dialled.get(stop);
  if (!connection) return Failed(std::move(connection.error()));
  try {
    detail::CoreOptions options(client_.name_space(), options_);
    return std::make_shared<bridge::Worker>(std::move(*connection), options.get());
  } catch (const std::exception& e) {
    return Failed(e.what());
  }
}

std::optional<std::string> Worker::Impl::validate(bridge::Worker& core,
                                                  const std::stop_token& stop) {
  Awaited<std::string> validated;
  core.validate([callback = validated.callback()](bridge::Result<std::string> info) mutable {
    callback(info ? Answer<std::string>(std::move(*info))
                  : Failed(std::move(info.error().message)));
  });
  auto info = validated.get(stop);
  if (info) return std::nullopt;
  return "namespace \"" + client_.name_space() + "\": " + info.error();
}

std::optional<std::string> Worker::Impl::serve(std::shared_ptr<bridge::Worker> core,
                                               const std::stop_token& stop) {
  {
    std::lock_guard lock(mutex_);
    session_ = std::make_unique<detail::Session>(std::move(core), workflow_options(),
                                                 activity_options(), logger_, counts_);
  }
  change(WorkerState::running);
  auto error = session_->wait(stop);
  if (error) note(*error);  // the rest may take as long as its activities
  change(WorkerState::stopping);
  session_->shutdown();
  std::unique_ptr<detail::Session> ended;  // runs destructors of the user's, so not under the lock
  std::lock_guard lock(mutex_);
  ended = std::move(session_);
  return error;
}

std::optional<detail::WorkflowTasksOptions> Worker::Impl::workflow_options() const {
  if (!options_.registry.has_workflows()) return {};
  return detail::WorkflowTasksOptions{
      .registry = options_.registry,
      .instance = {.name_space = client_.name_space(),
                   .task_queue = options_.task_queue,
                   .converter = client_.data_converter(),
                   .log_sink = client_.runtime().log_sink(),
                   .meter = client_.runtime().meter(),
                   .failure_types = options_.failure_types,
                   .patch_activation_callback = options_.patch_activation_callback,
                   .interceptors = options_.workflow_interceptors},
      .logger = logger_,
      .threads = workflow_threads(options_),
      .deadlock_timeout = deadlock_timeout(options_),
      .stack_signal = options_.stack_signal};
}

// Of every worker: one with workflows has to answer for local activities.
detail::ActivityTasksOptions Worker::Impl::activity_options() const {
  const auto& runtime = client_.runtime();
  return detail::ActivityTasksOptions{
      .registry = options_.registry,
      .task_queue = options_.task_queue,
      .converter = client_.data_converter(),
      .logger = runtime.logger("activity"),
      .executor = options_.executor ? options_.executor : runtime.executor(),
      .timers = runtime.timers(),
      .threads = activity_threads(options_),
      .interceptors = options_.activity_interceptors};
}

Worker::Worker(Client client, WorkerOptions options)
    : impl_(std::make_unique<Impl>(std::move(client), std::move(options))) {}
Worker::~Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
void Worker::run(std::stop_token stop) {
  impl_->run(std::move(stop));
}
void Worker::start() {
  impl_->start();
}
void Worker::shutdown() {
  impl_->shutdown();
}
WorkerStatus Worker::status() const {
  return impl_->status();
}

}  // namespace temporal
