#include "temporal/activity.h"

#include <functional>
#include <stdexcept>

#include "worker/activity_execution.h"

namespace temporal {
namespace detail {

ActivityExecution::ActivityExecution(std::shared_ptr<Executor> executor,
                                     std::shared_ptr<TimerQueue> timers)
    : executor_(std::move(executor)), timers_(std::move(timers)) {}
ActivityExecution::~ActivityExecution() = default;

MetricMeter& ActivityExecution::meter() {
  std::call_once(metered_, [this] {
    meter_ = with_labels(std::move(unlabelled_meter_), {{"namespace", info_.workflow_namespace},
                                                        {"task_queue", info_.task_queue},
                                                        {"activity_type", info_.activity_type},
                                                        {"workflow_type", info_.workflow_type}});
  });
  return *meter_;
}

std::optional<activity::CancelReason> ActivityExecution::cancel_reason() const {
  int reason = reason_;
  if (reason == kNotCanceled) return {};
  return static_cast<activity::CancelReason>(reason);
}

namespace {

unsigned bit(activity::CancelReason reason) {
  return 1U << static_cast<unsigned>(reason);
}

}  // namespace

activity::CancelDetails ActivityExecution::cancel_details() const {
  using enum activity::CancelReason;
  const unsigned bits = details_;
  auto has = [bits](activity::CancelReason reason) { return (bits & bit(reason)) != 0; };
  return {.not_found = has(not_found),
          .canceled = has(canceled),
          .timed_out = has(timed_out),
          .worker_shutdown = has(worker_shutdown),
          .paused = has(paused),
          .reset = has(reset)};
}

void ActivityExecution::request_cancel(activity::CancelReason reason,
                                       activity::CancelDetails details) {
  using enum activity::CancelReason;
  auto bits = bit(reason);
  auto add = [&bits](bool yes, activity::CancelReason r) { bits |= yes ? bit(r) : 0U; };
  add(details.not_found, not_found);
  add(details.canceled, canceled);
  add(details.timed_out, timed_out);
  add(details.worker_shutdown, worker_shutdown);
  add(details.paused, paused);
  add(details.reset, reset);
  details_ |= bits;
  int none = kNotCanceled;
  reason_.compare_exchange_strong(none, static_cast<int>(reason));
  stop_.request_stop();
}

Failure ActivityExecution::canceled_failure() const {
  auto reason = cancel_reason();
  return Failure::canceled("activity asked to end: " +
                           std::string(reason ? to_string(*reason) : "canceled"));
}

namespace {

// One wait of activity::sleep: ended once, by the timer, by the activity's cancellation, or by
// whoever gave up the Async. The timer owns it; a stop callback runs only while it lives.
struct Sleep : std::enable_shared_from_this<Sleep> {
  using StopCallback = std::stop_callback<std::move_only_function<void()>>;

  std::shared_ptr<ActivityExecution> execution;
  Callback<void> done;
  std::atomic<bool> ended = false;
  std::atomic<TimerQueue::Id> timer = 0;
  std::optional<StopCallback> on_cancel,
      on_stop;  // last: they die first, and wait for one that runs

  void begin(std::chrono::milliseconds duration, std::stop_token stop) {
    auto self = shared_from_this();
    timer = execution->timers()->schedule(duration, [self] { self->end({}); });
    auto cancel = [this] { canceled(); };
    on_cancel.emplace(execution->stop_token(), cancel);
    on_stop.emplace(std::move(stop), cancel);
  }
  void canceled() {
    auto timers = execution->timers();
    auto id = timer.load();
    end(detail::thrown(CanceledFailure(execution->canceled_failure())));
    timers->cancel(id);  // may be the end of this object
  }
  void end(Outcome<void> outcome) {
    if (!ended.exchange(true)) done(std::move(outcome));
  }
};

// What fits the clock that timers run on.
constexpr auto kLongestSleep = std::chrono::hours(24 * 365 * 100);

}  // namespace
}  // namespace detail

namespace activity {

std::string_view to_string(CancelReason reason) {
  switch (reason) {
    case CancelReason::not_found:
      return "not_found";
    case CancelReason::canceled:
      return "canceled";
    case CancelReason::timed_out:
      return "timed_out";
    case CancelReason::worker_shutdown:
      return "worker_shutdown";
    case CancelReason::paused:
      return "paused";
    case CancelReason::reset:
      return "reset";
  }
  return "unknown";
}

Context::Context(std::shared_ptr<detail::ActivityExecution> execution)
    : execution_(std::move(execution)) {}
const Info& Context::info() const {
  return execution_->info();
}
const Headers& Context::headers() const {
  return headers_ ? *headers_ : execution_->headers();
}
Context Context::with_headers(Headers headers) const {
  Context other = *this;
  other.headers_ = std::make_shared<const Headers>(std::move(headers));
  return other;
}
const Values& Context::details() const {
  return execution_->last_details();
}
std::stop_token Context::stop_token() const {
  return execution_->stop_token();
}
std::optional<CancelReason> Context::cancel_reason() const {
  return execution_->cancel_reason();
}
CancelDetails Context::cancel_details() const {
  return execution_->cancel_details();
}
std::stop_token Context::worker_shutdown_token() const {
  return execution_->worker_shutdown_token();
}
MetricMeter& Context::metric_meter() const {
  return execution_->meter();
}
const Logger& Context::logger() const {
  return execution_->logger();
}

void Context::record(Values details) const {
  execution_->heartbeat(std::move(details));
}

void Context::throw_if_canceled() const {
  if (execution_->cancel_reason()) throw CanceledFailure(execution_->canceled_failure());
}

void Context::complete_later() const {
  if (info().is_local)
    throw std::logic_error("complete_later(): a local activity ends where it runs");
  throw detail::CompleteLater();
}

Async<void> sleep(std::chrono::milliseconds duration, Context context) {
  auto execution = context.execution_;
  return Async<void>(execution->executor(), [execution, duration](std::stop_token stop,
                                                                  Callback<void> done) mutable {
    auto sleep = std::make_shared<detail::Sleep>();
    sleep->execution = std::move(execution);
    sleep->done = std::move(done);
    sleep->begin(std::min<std::chrono::milliseconds>(duration, detail::kLongestSleep),
                 std::move(stop));
  });
}

}  // namespace activity
}  // namespace temporal
