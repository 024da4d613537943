// Activities: ordinary code that workflows call, retried by Temporal until it succeeds.
//
// An activity is declared once (temporal/definition.h) and bound in a Registry (temporal/registry.h)
// to a function, a lambda or a method of an object, with the same signature:
//
//   inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};
//
//   Charged Payments::charge(ChargeInput input);                         // may block
//   Async<Charged> Payments::charge(ChargeInput input);                  // a coroutine
//   Charged Payments::charge(activity::Context context, ChargeInput input);  // sees its context
//
// What returns T runs on a thread of the worker's pool and may block. What returns Async<T> runs on
// the executor and must not. Both are bounded by the worker's slots, and may run more than once: a
// retry, or a worker that died before its answer arrived, repeats them.
//
// Errors. ApplicationFailure reaches the workflow with its type, details and retry settings. Any
// other exception becomes a retryable ApplicationFailure whose type is the C++ type's name;
// std::bad_alloc ends the process. An activity that was asked to cancel and ends with a
// CanceledFailure is canceled.
//
// There is no ambient context: a coroutine resumes on other threads. Who needs it takes it as first
// parameter and passes it on; a copy is cheap.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "temporal/async.h"
#include "temporal/definition.h"
#include "temporal/failure.h"
#include "temporal/log.h"
#include "temporal/options.h"

namespace temporal {

namespace detail {
class ActivityExecution;
}
class MetricMeter;

namespace activity {

// Why an activity was asked to end. By the numbers of coresdk.activity_task.ActivityCancelReason.
enum class CancelReason : std::uint8_t {
  not_found = 0,  // the server does not know it any longer: its workflow has ended, for example
  canceled = 1,   // the workflow asked, or its run was canceled
  timed_out = 2,
  worker_shutdown = 3,  // the worker ends, and its graceful_shutdown_timeout is over
  paused = 4,           // an operator paused the activity
  reset = 5,            // an operator reset it: it will start again
};
std::string_view to_string(CancelReason reason);  // "worker_shutdown"

// All that has asked the activity to end: its workflow may cancel what an operator has paused.
struct CancelDetails {
  bool not_found = false;
  bool canceled = false;
  bool timed_out = false;
  bool worker_shutdown = false;
  bool paused = false;
  bool reset = false;
};

struct Info {
  std::string activity_id = {};
  std::string activity_type = {};
  std::string task_queue = {};
  std::string workflow_namespace = {};
  // Of the workflow that called it; empty for an activity that a client started by itself.
  std::string workflow_id = {};
  std::string workflow_run_id = {};
  std::string workflow_type = {};
  // Only of an activity that a client started by itself.
  std::string activity_run_id = {};
  // Names this attempt to the server, for a completion from elsewhere; bytes, not text.
  std::string task_token = {};
  std::uint32_t attempt = 1;  // from 1
  bool is_local = false;
  std::chrono::system_clock::time_point scheduled_time = {};  // of the first attempt
  std::chrono::system_clock::time_point current_attempt_scheduled_time = {};
  std::chrono::system_clock::time_point started_time = {};
  // Unset: there is none.
  std::optional<std::chrono::milliseconds> schedule_to_close_timeout = {};
  std::optional<std::chrono::milliseconds> start_to_close_timeout = {};
  std::optional<std::chrono::milliseconds> heartbeat_timeout = {};
  // What the server really uses, its defaults filled in. Unset for local activities.
  std::optional<RetryPolicy> retry_policy = {};
  Priority priority = {};
};

// What an activity knows of itself and of its caller's wishes. A value that shares its state; any
// thread may use it, and it may outlive the activity, when it does nothing any longer.
class Context {
 public:
  explicit Context(std::shared_ptr<detail::ActivityExecution> execution);  // for workers and tests

  const Info& info() const;
  // What interceptors and the caller sent along.
  const Headers& headers() const;
  // The same activity, seen with other headers: for interceptors.
  Context with_headers(Headers headers) const;

  // Says that the activity lives, and how far it came. Does not wait, and may be called as often as
  // one likes: it is throttled (to 0.8 of the heartbeat timeout, at most WorkerOptions::
  // max_heartbeat_throttle_interval). Only an activity that heartbeats hears of a cancellation,
  // and only one with a heartbeat_timeout is known to be dead before its start_to_close_timeout. No
  // effect for local activities. Throws ConversionError for details that do not convert.
  template <class... T>
  void heartbeat(T... details) const {
    record({Value::of<T>(std::move(details))...});
  }
  // The details of the last heartbeat of the attempt before, the `index`th of them; empty where
  // there was none. Throws ConversionError if it is no T.
  template <class T>
  std::optional<T> last_details(std::size_t index = 0) const {
    const auto& all = details();
    if (index >= all.size()) return {};
    return all[index].template as<T>();
  }

  // Stops when the activity is asked to end; then cancel_reason() says why, and cancel_details() what
  // has come besides and since. Ignoring it is allowed. Of a pause or a reset only an activity hears
  // that heartbeats; one that ends with CanceledFailure then is started again by the server.
  std::stop_token stop_token() const;
  std::optional<CancelReason> cancel_reason() const;  // the first
  CancelDetails cancel_details() const;
  // Throws CanceledFailure when the activity was asked to end: the usual way to obey.
  void throw_if_canceled() const;

  // Stops as soon as the worker begins to shut down, while stop_token() gives the activity its
  // graceful_shutdown_timeout: time to come to a point from which its next attempt can go on.
  std::stop_token worker_shutdown_token() const;

  // Lines carry the activity's type, id, attempt and its workflow.
  const Logger& logger() const;
  // The meter of the worker's Runtime. Its series have the labels namespace, task_queue, activity_type
  // and workflow_type; do not add ids, of which there are too many.
  //
  //   context.metric_meter().counter({.name = "cards_charged"}, {{"currency", "EUR"}})->add(1);
  MetricMeter& metric_meter() const;

  // Ends this call, by an exception of its own that is not to be caught, without a result: someone
  // else will complete the activity with Client::activity_handle(context.info().task_token). The
  // slot is free from then on; timeouts go on. Not for local activities.
  [[noreturn]] void complete_later() const;

 private:
  friend Async<void> sleep(std::chrono::milliseconds duration, Context context);
  void record(Values details) const;
  const Values& details() const;
  std::shared_ptr<detail::ActivityExecution> execution_;
  std::shared_ptr<const Headers> headers_;  // null: those it came with
};

// Waits without holding a thread, for coroutine activities; `.get()` makes a blocking one of it.
// Throws CanceledFailure as soon as the activity is asked to end.
Async<void> sleep(std::chrono::milliseconds duration, Context context);

}  // namespace activity
}  // namespace temporal
