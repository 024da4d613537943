// Completing activities from elsewhere: by task token, or by workflow and activity id.
#include "client/messages.h"

namespace temporal::detail {

namespace {

bool by_token(const AsyncActivityId& activity) {
  return !activity.task_token.empty();
}

// The fields of both forms of a request; ById ones name the activity otherwise.
template <class Request>
void set_activity(Request& request, const Core& core, const AsyncActivityId& activity) {
  request.set_namespace_(core->name_space());
  request.set_identity(core->identity());
  if constexpr (requires { request.set_task_token(activity.task_token); }) {
    request.set_task_token(activity.task_token);
  } else {
    request.set_workflow_id(activity.workflow.workflow_id);
    request.set_run_id(activity.workflow.run_id);
    request.set_activity_id(activity.activity_id);
  }
}

SerializationContext context_of(const Core& core, const AsyncActivityId& activity) {
  return workflow_context(core, activity.workflow.workflow_id);
}

template <class Request, class Response>
Async<void> complete(Core core, CompleteActivityInput input) {
  const auto context = context_of(core, input.activity);
  Request request;
  set_activity(request, core, input.activity);
  if (!input.result.is_nothing())
    to_proto(input.result, core->converter(), context,
             request.mutable_result()->mutable_payloads()->Add());
  co_await rpc<Response>(core, std::move(request), input.rpc, context);
}

template <class Request, class Response>
Async<void> fail(Core core, FailActivityInput input) {
  const auto context = context_of(core, input.activity);
  Request request;
  set_activity(request, core, input.activity);
  to_proto(input.failure, core->converter(), context, request.mutable_failure());
  if (!input.last_heartbeat_details.empty())
    to_proto(input.last_heartbeat_details, core->converter(), context,
             request.mutable_last_heartbeat_details()->mutable_payloads());
  co_await rpc<Response>(core, std::move(request), input.rpc, context);
}

template <class Request, class Response>
Async<void> report_canceled(Core core, CancelActivityInput input) {
  const auto context = context_of(core, input.activity);
  Request request;
  set_activity(request, core, input.activity);
  to_proto(input.details, core->converter(), context,
           request.mutable_details()->mutable_payloads());
  co_await rpc<Response>(core, std::move(request), input.rpc, context);
}

template <class Request, class Response>
Async<HeartbeatActivityResult> heartbeat(Core core, HeartbeatActivityInput input) {
  const auto context = context_of(core, input.activity);
  Request request;
  set_activity(request, core, input.activity);
  to_proto(input.details, core->converter(), context,
           request.mutable_details()->mutable_payloads());
  auto response = co_await rpc<Response>(core, std::move(request), input.rpc, context);
  co_return HeartbeatActivityResult{.cancel_requested = response.cancel_requested(),
                                    .paused = response.activity_paused(),
                                    .reset = response.activity_reset()};
}

}  // namespace

Async<void> ClientCore::complete_activity(CompleteActivityInput input) {
  auto core = shared_from_this();
  return by_token(input.activity)
             ? complete<service::RespondActivityTaskCompletedRequest,
                        service::RespondActivityTaskCompletedResponse>(core, std::move(input))
             : complete<service::RespondActivityTaskCompletedByIdRequest,
                        service::RespondActivityTaskCompletedByIdResponse>(core, std::move(input));
}

Async<void> ClientCore::fail_activity(FailActivityInput input) {
  auto core = shared_from_this();
  return by_token(input.activity)
             ? fail<service::RespondActivityTaskFailedRequest,
                    service::RespondActivityTaskFailedResponse>(core, std::move(input))
             : fail<service::RespondActivityTaskFailedByIdRequest,
                    service::RespondActivityTaskFailedByIdResponse>(core, std::move(input));
}

Async<void> ClientCore::cancel_activity(CancelActivityInput input) {
  auto core = shared_from_this();
  return by_token(input.activity)
             ? report_canceled<service::RespondActivityTaskCanceledRequest,
                               service::RespondActivityTaskCanceledResponse>(core, std::move(input))
             : report_canceled<service::RespondActivityTaskCanceledByIdRequest,
                               service::RespondActivityTaskCanceledByIdResponse>(core,
                                                                                 std::move(input));
}

Async<HeartbeatActivityResult> ClientCore::heartbeat_activity(HeartbeatActivityInput input) {
  auto core = shared_from_this();
  return by_token(input.activity)
             ? heartbeat<service::RecordActivityTaskHeartbeatRequest,
                         service::RecordActivityTaskHeartbeatResponse>(core, std::move(input))
             : heartbeat<service::RecordActivityTaskHeartbeatByIdRequest,
                         service::RecordActivityTaskHeartbeatByIdResponse>(core, std::move(input));
}

}  // namespace temporal::detail
