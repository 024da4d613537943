// Updates: sending them, and waiting for what comes of them.
#include "client/error_details.h"
#include "client/update_requests.h"

namespace temporal::detail {

namespace {

namespace enums = temporal::api::enums::v1;

void set_outcome(UpdateState& state, const temporal::api::update::v1::Outcome& outcome,
                 const Core& core, const SerializationContext& context) {
  if (outcome.has_failure())
    state.failure = from_proto(outcome.failure(), core->converter(), context);
  else if (outcome.has_success())
    state.result = first_value(outcome.success(), core, context);
}

Async<UpdateState> send(Core core, StartUpdateInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  const auto request = update_request(core, input, context);
  const Deadline deadline(input.options.rpc);
  for (;;) {  // the same update id: it is one update
    try {
      auto response = co_await rpc<service::UpdateWorkflowExecutionResponse>(
          core, request, deadline.next(input.options.rpc), context);
      if (is_accepted(response.stage())) co_return update_state(core, response, request, context);
    } catch (const RpcError& error) {
      if (!wait_again(error, deadline, input.options.rpc)) throw_update_error(error);
    }
  }
}

Async<UpdateState> poll(Core core, UpdateResultInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  service::PollWorkflowExecutionUpdateRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_update_ref()->mutable_workflow_execution() = to_proto(input.workflow);
  request.mutable_update_ref()->set_update_id(input.update_id);
  request.set_identity(core->identity());
  request.mutable_wait_policy()->set_lifecycle_stage(
      enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
  const Deadline deadline(input.rpc);
  for (;;) {
    try {
      auto response = co_await rpc<service::PollWorkflowExecutionUpdateResponse>(
          core, request, deadline.next(input.rpc), context);
      UpdateState state{.workflow = input.workflow, .update_id = input.update_id};
      set_outcome(state, response.outcome(), core, context);
      if (state.result || state.failure) co_return state;
    } catch (const RpcError& error) {
      if (!wait_again(error, deadline, input.rpc)) throw_update_error(error);
    }
  }
}

Value outcome_of(UpdateState state) {
  if (state.failure) {
    auto message = "the update failed: " + state.failure->message();
    throw UpdateFailedError(message, std::move(*state.failure));
  }
  return std::move(*state.result);
}

}  // namespace

service::UpdateWorkflowExecutionRequest update_request(const Core& core,
                                                       const StartUpdateInput& input,
                                                       const SerializationContext& context) {
  service::UpdateWorkflowExecutionRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_workflow_execution() = to_proto(input.workflow);
  request.set_first_execution_run_id(input.options.first_execution_run_id);
  request.mutable_wait_policy()->set_lifecycle_stage(
      static_cast<enums::UpdateWorkflowExecutionLifecycleStage>(input.options.wait_for));
  auto& meta = *request.mutable_request()->mutable_meta();
  meta.set_update_id(input.options.id.empty() ? new_uuid() : input.options.id);
  meta.set_identity(core->identity());
  auto& call = *request.mutable_request()->mutable_input();
  call.set_name(input.name);
  to_proto(input.args, core->converter(), context, call.mutable_args()->mutable_payloads());
  if (auto headers = headers_of(input); !headers.empty())
    to_proto(std::move(headers), call.mutable_header()->mutable_fields());
  return request;
}

bool is_accepted(enums::UpdateWorkflowExecutionLifecycleStage stage) {
  return stage >= enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED;
}

UpdateState update_state(const Core& core, const service::UpdateWorkflowExecutionResponse& response,
                         const service::UpdateWorkflowExecutionRequest& request,
                         const SerializationContext& context) {
  UpdateState state;
  state.workflow = {request.workflow_execution().workflow_id(),
                    response.update_ref().workflow_execution().run_id()};
  state.update_id = request.request().meta().update_id();
  set_outcome(state, response.outcome(), core, context);
  return state;
}

Async<UpdateState> ClientCore::start_update(StartUpdateInput input) {
  return send(shared_from_this(), std::move(input));
}

Async<UpdateState> ClientCore::update_result(UpdateResultInput input) {
  return poll(shared_from_this(), std::move(input));
}

Async<Value> update_outcome(std::shared_ptr<ClientCore> core, UpdateState state, RpcOptions rpc) {
  if (!state.result && !state.failure)
    state = co_await core->outermost().update_result(
        {std::move(state.workflow), std::move(state.update_id), std::move(rpc)});
  co_return outcome_of(std::move(state));
}

Async<Value> execute_update(std::shared_ptr<ClientCore> core, StartUpdateInput input) {
  input.options.wait_for = UpdateStage::completed;
  const Deadline deadline(input.options.rpc);
  auto rpc = input.options.rpc;
  auto state = co_await core->outermost().start_update(std::move(input));
  if (!state.result && !state.failure) {
    try {
      rpc = deadline.next(std::move(rpc));
    } catch (const RpcError& error) {
      throw_update_error(error);
    }
  }
  co_return co_await update_outcome(core, std::move(state), std::move(rpc));
}

}  // namespace temporal::detail
