// Activities that somebody else completes: AsyncActivityHandle.
#include <utility>

#include "testing/requests.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

using coresdk::activity_result::ActivityExecutionResult;

template <class Request>
ActivityExecutionResult as_completed(const Request& request) {
  ActivityExecutionResult result;
  auto& completed = *result.mutable_completed();
  if (!request.result().payloads().empty())
    *completed.mutable_result() = request.result().payloads(0);
  return result;
}
template <class Request>
ActivityExecutionResult as_failed(const Request& request) {
  ActivityExecutionResult result;
  *result.mutable_failed()->mutable_failure() = request.failure();
  return result;
}
template <class Request>
ActivityExecutionResult as_canceled(const Request& request) {
  ActivityExecutionResult result;
  *result.mutable_cancelled()
       ->mutable_failure()
       ->mutable_canceled_failure_info()
       ->mutable_details() = request.details();
  return result;
}

}  // namespace

std::optional<Ask> Simulator::ask_of_activity(const RpcRequest& request) {
  std::optional<Ask> ask;
  auto by = [this](const auto& r) {
    auto found = [&] {
      if constexpr (requires { r.task_token(); })
        return by_token(r.task_token());
      else
        return by_id(r.workflow_id(), r.run_id(), r.activity_id());
    }();
    if (!found.second)
      refuse(RpcCode::not_found, "activity not found: it has ended, or its workflow has");
    return found;
  };
  auto end = [&]<class R, class Response>(ActivityExecutionResult (*result)(const R&),
                                          std::type_identity<Response>) {
    if (ask) return;
    ask = when<R>(request, [&](R r) {
      auto [run, activity] = by(r);
      activity->attempt = nullptr;  // where it runs still, its own answer comes too late
      finish_attempt(run, activity, result(r));
      return answered(Response());
    });
  };
  auto beat = [&]<class R, class Response>(std::type_identity<R>, std::type_identity<Response>) {
    if (ask) return;
    ask = when<R>(request, [&](R r) {
      auto [run, activity] = by(r);
      heartbeat(run, activity, r.details());
      Response response;
      response.set_cancel_requested(activity->cancel_requested);
      return answered(response);
    });
  };
  using namespace temporal::api::workflowservice::v1;
  end(&as_completed<RespondActivityTaskCompletedRequest>,
      std::type_identity<RespondActivityTaskCompletedResponse>());
  end(&as_completed<RespondActivityTaskCompletedByIdRequest>,
      std::type_identity<RespondActivityTaskCompletedByIdResponse>());
  end(&as_failed<RespondActivityTaskFailedRequest>,
      std::type_identity<RespondActivityTaskFailedResponse>());
  end(&as_failed<RespondActivityTaskFailedByIdRequest>,
      std::type_identity<RespondActivityTaskFailedByIdResponse>());
  end(&as_canceled<RespondActivityTaskCanceledRequest>,
      std::type_identity<RespondActivityTaskCanceledResponse>());
  end(&as_canceled<RespondActivityTaskCanceledByIdRequest>,
      std::type_identity<RespondActivityTaskCanceledByIdResponse>());
  beat(std::type_identity<RecordActivityTaskHeartbeatRequest>(),
       std::type_identity<RecordActivityTaskHeartbeatResponse>());
  beat(std::type_identity<RecordActivityTaskHeartbeatByIdRequest>(),
       std::type_identity<RecordActivityTaskHeartbeatByIdResponse>());
  return ask;
}

}  // namespace temporal::testing
