#include "temporal/worker.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <utility>

#include "client/client_core.h"
#include "worker/core_options.h"
#include "worker/thread_stack.h"
#include "worker/worker_impl.h"

namespace temporal {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff(100);
constexpr milliseconds kLongestBackoff(10'000);
constexpr std::size_t kLeastWorkflowThreads = 2;
constexpr std::size_t kMostWorkflowThreads = 8;
constexpr std::size_t kMostActivityThreads = 10'000;

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

std::size_t most(const SlotSource& source) {
  if (const auto* fixed = std::get_if<FixedSlots>(&source)) return fixed->count;
  if (const auto* resources = std::get_if<ResourceSlots>(&source)) return resources->maximum;
  if (const auto* pooled = std::get_if<PooledSlots>(&source)) return pooled->pool.count();
  return kMostActivityThreads;
}

SlotStatus slot_status(const tb_slot_counts& counts) {
  SlotStatus status = {.used = counts.used, .polling = counts.reserved - counts.used};
  if (counts.available != std::numeric_limits<std::uint64_t>::max())
    status.available = counts.available;
  return status;
}

Async<std::shared_ptr<bridge::Connection>> connection_of(Client client) {
  using Connection = std::shared_ptr<bridge::Connection>;
  auto executor = client.runtime().executor();
  return {executor, [client = std::move(client)](std::stop_token stop, Callback<Connection> done) {
            client.core()->core_transport().connect(
                std::nullopt, std::move(stop),
                [done = std::move(done)](detail::SharedDial::Connected connected) mutable {
                  if (connected) return done(std::move(*connected));
                  done(detail::thrown(std::move(connected.error())));
                });
          }};
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

std::size_t Worker::Impl::activity_threads(const WorkerOptions& options) {
  if (options.activity_threads > 0) return options.activity_threads;
  auto local = options.registry.has_workflows() ? most(detail::local_activity_slots(options)) : 0;
  return std::min(most(detail::activity_slots(options)) + local, kMostActivityThreads);
}

Worker::Impl::Impl(Client client, WorkerOptions options, std::shared_ptr<detail::ThreadPool> pool)
    : options_((detail::check(options), std::move(options))),
      name_space_(client.name_space()),
      runtime_(client.runtime()),
      converter_(client.data_converter()),
      logger_(runtime_.logger("worker").with({{"task_queue", options_.task_queue}})),
      pool_(std::move(pool)),
      client_(std::move(client)),
      claim_(std::make_unique<detail::WorkerClaim>(client_, options_)) {
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
  WorkerStatus status = {.state = state_,
                         .last_error = last_error_,
                         .cached_workflows = session_ ? session_->cached_workflows() : 0,
                         .running_activities = session_ ? session_->running_activities() : 0,
                         .completed_workflow_tasks = counts_->workflow_tasks,
                         .completed_activities = counts_->activities,
                         .max_cached_workflows = options_.max_cached_workflows};
  if (core_) {
    auto slots = core_->slots();
    status.workflow_tasks = slot_status(slots.workflow);
    status.activities = slot_status(slots.activity);
    status.local_activities = slot_status(slots.local_activity);
  }
  status.not_ready = not_ready(status);
  return status;
}

std::string Worker::Impl::not_ready(const WorkerStatus& status) const {
  auto idle = [](const SlotStatus& slots) { return slots.used + slots.polling == 0; };
  switch (status.state) {
    case WorkerState::created:
      return "the worker was not started";
    case WorkerState::connecting:
      return "the worker connects" + (last_error_.empty() ? "" : ": " + last_error_);
    case WorkerState::running:
      if (options_.registry.has_workflows() && idle(status.workflow_tasks))
        return "the worker does not poll for workflow tasks yet";
      if (detail::polls_activities(options_) && idle(status.activities))
        return "the worker does not poll for activities yet";
      return {};
    case WorkerState::stopping:
      return "the worker shuts down";
    case WorkerState::stopped:
      return "the worker has stopped";
  }
  return "unknown";
}

Client Worker::Impl::client() const {
  std::lock_guard lock(mutex_);
  return client_;
}

Async<void> Worker::Impl::replace_client(std::shared_ptr<Impl> self, Client client) {
  if (client.name_space() != self->name_space_)
    throw std::invalid_argument("replace_client: the namespace is \"" + client.name_space() +
                                "\", not \"" + self->name_space_ + "\"");
  if (client.runtime() != self->runtime_)
    throw std::invalid_argument("replace_client: the client has another Runtime");
  if (client.core() == self->client().core()) co_return;
  auto claim = std::make_unique<detail::WorkerClaim>(client, self->options_);
  auto connection = co_await connection_of(client);
  self->adopt(client, claim, *connection);
}

void Worker::Impl::adopt(Client& client, std::unique_ptr<detail::WorkerClaim>& claim,
                         const bridge::Connection& connection) {
  std::lock_guard lock(mutex_);
  if (state_ == WorkerState::stopped)
    throw std::logic_error("replace_client: the worker has stopped");
  if (core_) core_->replace_connection(connection);
  std::swap(client_, client);
  claim_.swap(claim);
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
  while (!stop.stop_requested()) {
    change(WorkerState::connecting);
    auto error = connect(stop);
    if (!error) {
      backoff = kFirstBackoff;
      error = serve(stop);
    } else if (!stop.stop_requested()) {
      note(*error);
    }
    if (!error || stop.stop_requested()) break;
    pause(stop, backoff);
    backoff = std::min(backoff * 2, kLongestBackoff);
  }
  if (core_) {  // Core ends no worker that was not polled to its end
    core_->initiate_shutdown();
    detail::Session(core_, workflow_options(), activity_options(), logger_, counts_).shutdown();
  }
  std::shared_ptr<bridge::Worker> ended;
  std::unique_ptr<detail::WorkerClaim> claim;
  std::lock_guard lock(mutex_);
  ended = std::move(core_);
  claim = std::move(claim_);
  state_ = WorkerState::stopped;
  changed_.notify_all();
}

std::optional<std::string> Worker::Impl::connect(const std::stop_token& stop) {
  if (!core_) {  // only this thread changes it
    auto made = make(stop);
    if (!made) return std::move(made.error());
    std::lock_guard lock(mutex_);
    core_ = std::move(*made);
  }
  return validate(*core_, stop);
}

Worker::Impl::Answer<std::shared_ptr<bridge::Worker>> Worker::Impl::make(
    const std::stop_token& stop) {
  const auto client = this->client();
  Awaited<std::shared_ptr<bridge::Connection>> dialled;
  client.core()->core_transport().connect(
      std::nullopt, stop,
      [callback = dialled.callback()](detail::SharedDial::Connected connected) mutable {
        callback(connected ? Answer<std::shared_ptr<bridge::Connection>>(std::move(*connected))
                           : Failed(connected.error().what()));
      });
  auto connection = dialled.get(stop);
  if (!connection) return Failed(std::move(connection.error()));
  try {
    detail::CoreOptions options(name_space_, options_, slot_places());
    return std::make_shared<bridge::Worker>(std::move(*connection), options.get());
  } catch (const std::exception& e) {
    return Failed(e.what());
  }
}

detail::SlotBroker::Places Worker::Impl::slot_places() const {
  return {.executor = executor(), .timers = runtime_.timers(), .logger = logger_};
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
  return "namespace \"" + name_space_ + "\": " + info.error();
}

std::optional<std::string> Worker::Impl::serve(const std::stop_token& stop) {
  {
    std::lock_guard lock(mutex_);
    session_ = std::make_unique<detail::Session>(core_, workflow_options(), activity_options(),
                                                 logger_, counts_);
  }
  change(WorkerState::running);
  auto error = session_->wait(stop);
  if (error) note(*error);  // the rest may take as long as its activities
  change(WorkerState::stopping);
  session_->shutdown();
  std::unique_ptr<detail::Session> ended;  // runs destructors of the user's, so not under the lock
  std::shared_ptr<bridge::Worker> core;
  std::lock_guard lock(mutex_);
  ended = std::move(session_);
  core = std::move(core_);
  return error;
}

std::optional<detail::WorkflowTasksOptions> Worker::Impl::workflow_options() const {
  if (!options_.registry.has_workflows()) return {};
  return detail::WorkflowTasksOptions{
      .registry = options_.registry,
      .instance = {.name_space = name_space_,
                   .task_queue = options_.task_queue,
                   .converter = converter_,
                   .log_sink = runtime_.log_sink(),
                   .meter = runtime_.meter(),
                   .failure_types = options_.failure_types,
                   .patch_activation_callback = options_.patch_activation_callback,
                   .interceptors = options_.workflow_interceptors},
      .logger = logger_,
      .threads = workflow_threads(options_),
      .most_cached = options_.max_cached_workflows,
      .deadlock_timeout = deadlock_timeout(options_),
      .stack_signal = options_.stack_signal};
}

// Of every worker: one with workflows has to answer for local activities.
detail::ActivityTasksOptions Worker::Impl::activity_options() const {
  return detail::ActivityTasksOptions{.registry = options_.registry,
                                      .task_queue = options_.task_queue,
                                      .converter = converter_,
                                      .logger = runtime_.logger("activity"),
                                      .meter = runtime_.meter(),
                                      .executor = executor(),
                                      .timers = runtime_.timers(),
                                      .threads = activity_threads(options_),
                                      .pool = pool_,
                                      .interceptors = options_.activity_interceptors};
}

Worker::Worker(Client client, WorkerOptions options)
    : Worker(std::make_shared<Impl>(std::move(client), std::move(options))) {}
Worker::Worker(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Worker::~Worker() {
  if (impl_) impl_->shutdown();
}
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
Async<void> Worker::replace_client(Client client) {
  return Impl::replace_client(impl_, std::move(client));
}
WorkerStatus Worker::status() const {
  return impl_->status();
}

}  // namespace temporal
