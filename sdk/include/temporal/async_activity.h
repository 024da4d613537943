// Completing an activity from elsewhere. The activity ends its own call with
// context.complete_later(), and hands context.info().task_token to whoever will complete it:
//
//   co_await client.activity_handle(token).complete(Approved{.by = "me"});
//
// The activity's timeouts go on; where it has a heartbeat_timeout, somebody heartbeats.
//
// Errors: RpcError{not_found} where the activity, or its workflow, has ended.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "temporal/client_interceptor.h"

namespace temporal {

class AsyncActivityHandle {
 public:
  AsyncActivityHandle(std::shared_ptr<detail::ClientCore> core, AsyncActivityId activity)
      : core_(std::move(core)), activity_(std::move(activity)) {}

  template <class T>
  Async<void> complete(T result, RpcOptions rpc = {}) const {
    return detail::keeping(core_,
                           detail::outermost(core_).complete_activity(
                               {activity_, Value::of<T>(std::move(result)), std::move(rpc)}));
  }
  Async<void> complete(RpcOptions rpc = {}) const {  // without a result
    return detail::keeping(core_, detail::outermost(core_).complete_activity(
                                      {.activity = activity_, .rpc = std::move(rpc)}));
  }

  // As an exception that the activity had thrown: retried as its retry policy says.
  Async<void> fail(Failure failure, RpcOptions rpc = {}) const {
    return fail(std::move(failure), Values(), std::move(rpc));
  }
  // The next attempt finds the details as those of the last heartbeat.
  Async<void> fail(Failure failure, Values last_heartbeat_details, RpcOptions rpc = {}) const {
    return detail::keeping(core_, detail::outermost(core_).fail_activity(
                                      {.activity = activity_,
                                       .failure = std::move(failure),
                                       .last_heartbeat_details = std::move(last_heartbeat_details),
                                       .rpc = std::move(rpc)}));
  }

  // Says that it lives; the answer says whether it is asked to cancel.
  template <class... T>
  Async<HeartbeatActivityResult> heartbeat(T... details) const {
    return heartbeat(RpcOptions(), std::move(details)...);
  }
  template <class... T>
  Async<HeartbeatActivityResult> heartbeat(RpcOptions rpc, T... details) const {
    return detail::keeping(core_,
                           detail::outermost(core_).heartbeat_activity(
                               {activity_, {Value::of<T>(std::move(details))...}, std::move(rpc)}));
  }

  // As canceled; only after a cancellation was asked for.
  template <class... T>
  Async<void> report_cancellation(T... details) const {
    return report_cancellation(RpcOptions(), std::move(details)...);
  }
  template <class... T>
  Async<void> report_cancellation(RpcOptions rpc, T... details) const {
    return detail::keeping(core_,
                           detail::outermost(core_).cancel_activity(
                               {activity_, {Value::of<T>(std::move(details))...}, std::move(rpc)}));
  }

 private:
  std::shared_ptr<detail::ClientCore> core_;
  AsyncActivityId activity_;
};

}  // namespace temporal
