#include "worker/activity_tasks.h"

#include <temporal/sdk/core/activity_task/activity_task.pb.h>
#include <temporal/sdk/core/core_interface.pb.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "data/proto.h"
#include "temporal/tracing.h"
#include "worker/activity_execution.h"
#include "worker/codec.h"
#include "worker/listed.h"
#include "workflow/side_effects.h"

namespace temporal::detail {

namespace {

using coresdk::ActivityHeartbeat;
using coresdk::ActivityTaskCompletion;
using coresdk::activity_result::ActivityExecutionResult;
using coresdk::activity_task::ActivityTask;
using coresdk::activity_task::Start;

std::optional<std::chrono::milliseconds> timeout(bool set, const google::protobuf::Duration& d) {
  auto value = from_proto(d);
  if (!set || value == std::chrono::milliseconds::zero()) return {};
  return value;
}

activity::Info info_of(const std::string& task_token, const Start& start,
                       const std::string& task_queue) {
  activity::Info info = {
      .activity_id = start.activity_id(),
      .activity_type = start.activity_type(),
      .task_queue = task_queue,
      .workflow_namespace = start.workflow_namespace(),
      .workflow_id = start.workflow_execution().workflow_id(),
      .workflow_run_id = start.workflow_execution().run_id(),
      .workflow_type = start.workflow_type(),
      .activity_run_id = start.run_id(),
      .task_token = task_token,
      .attempt = start.attempt(),
      .is_local = start.is_local(),
      .scheduled_time = from_proto(start.scheduled_time()),
      .current_attempt_scheduled_time = from_proto(start.current_attempt_scheduled_time()),
      .started_time = from_proto(start.started_time()),
      .schedule_to_close_timeout =
          timeout(start.has_schedule_to_close_timeout(), start.schedule_to_close_timeout()),
      .start_to_close_timeout =
          timeout(start.has_start_to_close_timeout(), start.start_to_close_timeout()),
      .heartbeat_timeout = timeout(start.has_heartbeat_timeout(), start.heartbeat_timeout()),
      .priority = from_proto(start.priority())};
  if (start.has_retry_policy()) info.retry_policy = from_proto(start.retry_policy());
  return info;
}

const std::shared_ptr<const ActivityBinding>& side_effect_binding() {
  static const auto binding = std::make_shared<const ActivityBinding>(ActivityBinding{
      .name = std::string(kSideEffectActivity), .blocking = [](activity::Context, Values args) {
        return record_side_effect(std::move(args));
      }});
  return binding;
}

activity::CancelDetails details_of(const coresdk::activity_task::Cancel& cancel) {
  const auto& details = cancel.details();
  return {.not_found = details.is_not_found(),
          .canceled = details.is_cancelled(),
          .timed_out = details.is_timed_out(),
          .worker_shutdown = details.is_worker_shutdown(),
          .paused = details.is_paused(),
          .reset = details.is_reset()};
}

}  // namespace

// One attempt of an activity, from its task to its completion. Kept by ActivityTasks until then.
class RunningActivity final : public ActivityExecution,
                              public std::enable_shared_from_this<RunningActivity> {
 public:
  RunningActivity(ActivityTasks& tasks, ActivityTask task);
  void begin();
  void heartbeat(Values details) override;

 private:
  void decode();
  activity::Context arrive();
  void dispatch();
  void run_blocking();
  void run_coroutine();
  ActivityInboundInterceptor& make_chain();
  Async<Value> run_innermost(ExecuteActivityInput input);
  void finish(Outcome<Value> outcome);
  void fill(Outcome<Value> outcome, ActivityExecutionResult& result);
  void fill_failure(const std::exception_ptr& error, ActivityExecutionResult& result);
  void fill_plain_failure(const std::exception_ptr& error);
  void complete();

  void encode_heartbeat();
  void send_heartbeat(std::vector<Payload> details);
  ActivityTasks& tasks_;  // not after the completion
  const DataConverter converter_;
  const SerializationContext context_;
  Start start_;
  std::shared_ptr<const ActivityBinding> binding_;
  Values arguments_;
  ActivityTaskCompletion completion_;
  std::optional<Async<void>> decoding_, encoding_;
  std::optional<Async<Value>> coroutine_;

  struct Innermost final : ActivityInboundInterceptor {  // the activity itself
    explicit Innermost(RunningActivity& a) : activity(a) {}
    Async<Value> execute(ExecuteActivityInput input) override {
      return activity.run_innermost(std::move(input));
    }
    RunningActivity& activity;
  };
  Innermost innermost_{*this};
  std::vector<std::unique_ptr<ActivityInboundInterceptor>> interceptors_;

  std::mutex heartbeat_mutex_;
  bool ended_ = false;
  bool encoding_heartbeat_ = false;
  std::optional<std::vector<Payload>> next_heartbeat_;
  std::optional<Async<std::vector<Payload>>> heartbeat_encoding_;
};

RunningActivity::RunningActivity(ActivityTasks& tasks, ActivityTask task)
    : ActivityExecution(tasks.options_.executor, tasks.options_.timers),
      tasks_(tasks),
      converter_(tasks.options_.converter),
      context_({.workflow_namespace = task.start().workflow_namespace(),
                .workflow_id = task.start().workflow_execution().workflow_id(),
                .workflow_type = task.start().workflow_type(),
                .activity_type = task.start().activity_type(),
                .activity_task_queue = tasks.options_.task_queue,
                .is_local_activity = task.start().is_local()}),
      start_(std::move(*task.mutable_start())) {
  info_ = info_of(task.task_token(), start_, tasks.options_.task_queue);
  unlabelled_meter_ = tasks.options_.meter;
  worker_shutdown_ = tasks.shutdown_.get_token();
  logger_ = tasks.options_.logger.with({{"activity_type", info_.activity_type},
                                        {"activity_id", info_.activity_id},
                                        {"attempt", std::to_string(info_.attempt)},
                                        {"workflow_id", info_.workflow_id},
                                        {"workflow_run_id", info_.workflow_run_id}});
}

// On a thread of Core: hands over to where the user's code may run.
void RunningActivity::begin() {
  const auto& registry = tasks_.options_.registry;
  binding_ = info_.is_local && info_.activity_type == kSideEffectActivity
                 ? side_effect_binding()
                 : registry.find_activity(info_.activity_type);
  auto self = shared_from_this();
  if (!binding_ || converter_.codec())
    executor()->post([self] {
      Continuing mark;
      self->decode();
    });
  else
    dispatch();
}

void RunningActivity::decode() {
  if (!binding_)
    return finish(detail::thrown(
        ApplicationFailure("activity type \"" + info_.activity_type +
                               "\" is not registered with this worker; registered are: " +
                               listed(tasks_.options_.registry.activity_names()),
                           {.type = "NotFoundError"})));
  decoding_ = detail::decode(converter_.codec(), payloads_in(start_), context_);
  decoding_->start([self = shared_from_this()](Outcome<void> decoded) {
    if (!decoded) return self->finish(std::unexpected(decoded.error()));
    self->dispatch();
  });
}

void RunningActivity::dispatch() {
  auto self = shared_from_this();
  if (binding_->blocking &&
      (tasks_.options_.interceptors.empty() || binding_ == side_effect_binding()))
    tasks_.pool_->post([self] { self->run_blocking(); });
  else
    executor()->post([self] {
      Continuing mark;
      self->run_coroutine();
    });
}

// On the thread that will run the user's code: Core's is not kept waiting for copies.
activity::Context RunningActivity::arrive() {
  last_details_ = from_proto(start_.heartbeat_details(), converter_, context_);
  arguments_ = from_proto(start_.input(), converter_, context_);
  headers_ = from_proto(start_.header_fields());
  if (auto caller = tracing::read_from(headers_); caller.valid())
    logger_ = logger_.with({{"trace_id", tracing::to_hex(caller.trace_id)}});
  start_.Clear();
  return activity::Context(shared_from_this());
}

void RunningActivity::run_blocking() {
  Outcome<Value> outcome;
  try {
    auto context = arrive();
    outcome = binding_->blocking(std::move(context), std::move(arguments_));
  } catch (...) {
    outcome = std::unexpected(std::current_exception());
  }
  finish(std::move(outcome));
}

void RunningActivity::run_coroutine() {
  try {
    auto context = arrive();
    coroutine_ = make_chain().execute({std::move(context), std::move(arguments_)});
  } catch (...) {
    return finish(std::unexpected(std::current_exception()));
  }
  coroutine_->start(
      [self = shared_from_this()](Outcome<Value> outcome) { self->finish(std::move(outcome)); });
}

ActivityInboundInterceptor& RunningActivity::make_chain() {
  for (const auto& make : tasks_.options_.interceptors) interceptors_.push_back(make());
  ActivityInboundInterceptor* first = &innermost_;
  for (auto i = interceptors_.rbegin(); i != interceptors_.rend(); ++i)
    if (*i) first = ((*i)->next = first, i->get());
  return *first;
}

Async<Value> RunningActivity::run_innermost(ExecuteActivityInput input) {
  if (binding_->async) return binding_->async(std::move(input.context), std::move(input.args));
  return Async<Value>(executor(), [self = shared_from_this(), input = std::move(input)](
                                      std::stop_token, Callback<Value> callback) mutable {
    auto& pool = *self->tasks_.pool_;
    pool.post([self = std::move(self), input = std::move(input),
               callback = std::move(callback)]() mutable {
      Outcome<Value> outcome;
      try {
        outcome = self->binding_->blocking(std::move(input.context), std::move(input.args));
      } catch (...) {
        outcome = std::unexpected(std::current_exception());
      }
      callback(std::move(outcome));
    });
  });
}

void RunningActivity::heartbeat(Values details) {
  if (info_.is_local) return;
  auto payloads = converter_.to_payloads(details, context_);
  {
    std::lock_guard lock(heartbeat_mutex_);
    if (ended_) return;
    if (!converter_.codec()) return send_heartbeat(std::move(payloads));
    next_heartbeat_ = std::move(payloads);  // the newest counts
    if (std::exchange(encoding_heartbeat_, true)) return;
  }
  executor()->post([self = shared_from_this()] {
    Continuing mark;
    self->encode_heartbeat();
  });
}

// One at a time, so that a later one is never overtaken.
void RunningActivity::encode_heartbeat() {
  std::vector<Payload> payloads;
  {
    std::lock_guard lock(heartbeat_mutex_);
    encoding_heartbeat_ = next_heartbeat_.has_value();
    if (!encoding_heartbeat_) return;
    payloads = *std::exchange(next_heartbeat_, std::nullopt);
  }
  heartbeat_encoding_ = converter_.codec()->encode(std::move(payloads), context_);
  heartbeat_encoding_->start([self = shared_from_this()](Outcome<std::vector<Payload>> encoded) {
    {
      std::lock_guard lock(self->heartbeat_mutex_);
      if (!encoded)
        self->logger_.warn("a heartbeat's details were not encoded",
                           {{"reason", Failure::from(encoded.error()).message()}});
      else if (!self->ended_)
        self->send_heartbeat(std::move(*encoded));
    }
    self->encode_heartbeat();
  });
}

void RunningActivity::send_heartbeat(std::vector<Payload> details) {
  ActivityHeartbeat heartbeat;
  heartbeat.set_task_token(info_.task_token);
  to_proto(std::move(details), heartbeat.mutable_details());
  tasks_.port_.heartbeat(heartbeat.SerializeAsString());
}

void RunningActivity::finish(Outcome<Value> outcome) {
  completion_.set_task_token(info_.task_token);
  fill(std::move(outcome), *completion_.mutable_result());
  if (!converter_.codec()) return complete();
  encoding_ = detail::encode(converter_.codec(), payloads_in(completion_), context_);
  encoding_->start([self = shared_from_this()](Outcome<void> encoded) {
    if (!encoded) self->fill_plain_failure(encoded.error());
    self->complete();
  });
}

void RunningActivity::fill(Outcome<Value> outcome, ActivityExecutionResult& result) {
  if (outcome) {
    try {
      return to_proto(*outcome, converter_, context_, result.mutable_completed()->mutable_result());
    } catch (...) {
      outcome = std::unexpected(std::current_exception());
    }
  }
  try {
    fill_failure(outcome.error(), result);
  } catch (...) {  // its details do not convert
    fill_plain_failure(std::current_exception());
  }
}

// Without anything to convert or encode.
void RunningActivity::fill_plain_failure(const std::exception_ptr& error) {
  auto failure = Failure::from(error);
  logger_.error("the activity's answer cannot be sent", {{"reason", failure.message()}});
  auto& out = *completion_.mutable_result()->mutable_failed()->mutable_failure();
  out.Clear();
  out.set_message(failure.message());
  out.set_source(failure.source());
  out.mutable_application_failure_info()->set_type(failure.type());
}

void RunningActivity::fill_failure(const std::exception_ptr& error,
                                   ActivityExecutionResult& result) {
  auto failed = [&](const Failure& failure) {
    const auto* application = failure.info<ApplicationFailureInfo>();
    const bool benign = application && application->category == ApplicationErrorCategory::benign;
    logger_.log(benign ? LogLevel::debug : LogLevel::warn, "the activity failed",
                {{"reason", failure.message()}});
    to_proto(failure, converter_, context_, result.mutable_failed()->mutable_failure());
  };
  try {
    std::rethrow_exception(error);
  } catch (const CompleteLater&) {
    result.mutable_will_complete_async();
  } catch (const CanceledFailure& e) {
    // An operator's pause or reset is no end: the server starts the activity again.
    auto reason = cancel_reason();
    if (reason == activity::CancelReason::paused)
      return failed(
          ApplicationFailure("the activity was paused", {.type = "ActivityPause"}).failure());
    if (reason == activity::CancelReason::reset)
      return failed(
          ApplicationFailure("the activity was reset", {.type = "ActivityReset"}).failure());
    if (!reason) return failed(e.failure());
    to_proto(e.failure(), converter_, context_, result.mutable_cancelled()->mutable_failure());
  } catch (const std::bad_alloc&) {
    logger_.error("out of memory in an activity: the process ends");
    std::abort();
  } catch (...) {
    failed(Failure::from(error));
  }
}

void RunningActivity::complete() {
  {
    std::lock_guard lock(heartbeat_mutex_);
    ended_ = true;
  }
  tasks_.port_.complete(completion_.SerializeAsString());
  tasks_.ended(info_.task_token);
}

ActivityTasks::ActivityTasks(ActivityTasksOptions options, ActivityPort& port)
    : options_(std::move(options)),
      port_(port),
      pool_(options_.pool ? options_.pool
                          : std::make_shared<ThreadPool>("temporal-act", options_.threads)) {}

ActivityTasks::~ActivityTasks() {
  wait_until_idle();
}

void ActivityTasks::handle(std::string_view bytes) {
  ActivityTask task;
  if (!task.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return options_.logger.error("Core's activity task is not protobuf of this version");
  if (task.has_start()) {
    auto token = task.task_token();
    auto activity = std::make_shared<RunningActivity>(*this, std::move(task));
    {
      std::lock_guard lock(mutex_);
      running_.emplace(std::move(token), activity);
    }
    activity->begin();
  } else if (task.has_cancel()) {
    cancel(task.task_token(), static_cast<activity::CancelReason>(task.cancel().reason()),
           details_of(task.cancel()));
  }
}

void ActivityTasks::cancel(const std::string& task_token, activity::CancelReason reason,
                           activity::CancelDetails details) {
  std::shared_ptr<RunningActivity> activity;
  {
    std::lock_guard lock(mutex_);
    auto found = running_.find(task_token);
    if (found == running_.end()) return;  // it has ended meanwhile
    activity = found->second;
  }
  options_.executor->post([activity, reason, details] {  // stop callbacks are the user's
    Continuing mark;
    activity->request_cancel(reason, details);
  });
}

std::size_t ActivityTasks::running() const {
  std::lock_guard lock(mutex_);
  return running_.size();
}

void ActivityTasks::ended(const std::string& task_token) {
  std::shared_ptr<RunningActivity> ended;
  std::lock_guard lock(mutex_);
  if (auto node = running_.extract(task_token)) ended = std::move(node.mapped());
  if (running_.empty()) idle_.notify_all();
}

void ActivityTasks::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return running_.empty(); });
}

}  // namespace temporal::detail
