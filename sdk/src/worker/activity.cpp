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

std::optional<activity::CancelReason> ActivityExecution::cancel_reason() const {
  int reason = reason_;
  if (reason == kNotCanceled) return {};
  return static_cast<activity::CancelReason>(reason);
}

void ActivityExecution::request_cancel(activity::CancelReason reason) {
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
    end(std::unexpected(std::make_exception_ptr(CanceledFailure(execution->canceled_failure()))));
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
