// Starting workflows: alone, with a signal, with an update.
#include "client/error_details.h"
#include "client/update_requests.h"
#include "data/start_request.h"

namespace temporal::detail {

namespace {

void check(const StartWorkflowInput& input) {
  auto refuse = [](const char* what) {
    throw std::invalid_argument(std::string("WorkflowOptions: ") + what);
  };
  if (input.workflow_type.empty()) refuse("the workflow's type has no name");
  if (input.options.id.empty()) refuse("id is empty");
  if (input.options.task_queue.empty()) refuse("task_queue is empty");
}

template <class Request>
Request start_request(const Core& core, const StartWorkflowInput& input,
                      const SerializationContext& context) {
  Request r;
  fill_start_request(input.options, input.workflow_type, input.args, headers_of(input),
                     core->converter(), context, r);
  r.set_namespace_(core->name_space());
  r.set_identity(core->identity());
  r.set_request_id(input.options.request_id.empty() ? new_uuid() : input.options.request_id);
  return r;
}

Async<StartedWorkflow> start(Core core, StartWorkflowInput input) {
  check(input);
  const auto context = workflow_context(core, input.options.id, input.workflow_type);
  auto request = start_request<service::StartWorkflowExecutionRequest>(core, input, context);
  // Core clears it where no worker of this connection has a slot, and hands the task to one that has.
  request.set_request_eager_execution(input.options.request_eager_start);
  try {
    auto response = co_await rpc<service::StartWorkflowExecutionResponse>(
        core, std::move(request), input.options.rpc, context);
    co_return StartedWorkflow{input.options.id, response.run_id(), response.started()};
  } catch (const RpcError& error) {
    throw_start_error(error, input);
  }
}

Async<StartedWorkflow> signal_with_start(Core core, StartWorkflowInput input) {
  check(input);
  const auto context = workflow_context(core, input.options.id, input.workflow_type);
  auto request =
      start_request<service::SignalWithStartWorkflowExecutionRequest>(core, input, context);
  request.set_signal_name(input.signal->name);
  to_proto(input.signal->args, core->converter(), context,
           request.mutable_signal_input()->mutable_payloads());
  for (auto& [key, payload] : input.signal->headers)  // the server has one header for both
    to_proto(payload, &(*request.mutable_header()->mutable_fields())[key]);
  try {
    auto response = co_await rpc<service::SignalWithStartWorkflowExecutionResponse>(
        core, std::move(request), input.options.rpc, context);
    co_return StartedWorkflow{input.options.id, response.run_id(), response.started()};
  } catch (const RpcError& error) {
    throw_start_error(error, input);
  }
}

Async<UpdateState> update_with_start(Core core, UpdateWithStartInput input) {
  check(input.start);
  if (input.start.options.id_conflict_policy == WorkflowIdConflictPolicy::unspecified)
    throw std::invalid_argument(
        "WorkflowOptions: an update with start needs id_conflict_policy: use_existing or fail");
  input.update.workflow = {.workflow_id = input.start.options.id};
  const auto context = workflow_context(core, input.start.options.id, input.start.workflow_type);
  service::ExecuteMultiOperationRequest request;
  request.set_namespace_(core->name_space());
  *request.add_operations()->mutable_start_workflow() =
      start_request<service::StartWorkflowExecutionRequest>(core, input.start, context);
  auto& update = *request.add_operations()->mutable_update_workflow();
  update = update_request(core, input.update, context);
  const Deadline deadline(input.update.options.rpc);
  for (;;) {
    try {
      auto response = co_await rpc<service::ExecuteMultiOperationResponse>(
          core, request, deadline.next(input.update.options.rpc), context);
      const auto& updated = response.responses(1).update_workflow();
      if (is_accepted(updated.stage())) co_return update_state(core, updated, update, context);
    } catch (const RpcError& error) {
      if (!wait_again(error, deadline, input.update.options.rpc))
        throw_with_start_error(error, input.start);
    }
  }
}

}  // namespace

Async<StartedWorkflow> ClientCore::start_workflow(StartWorkflowInput input) {
  return input.signal ? signal_with_start(shared_from_this(), std::move(input))
                      : start(shared_from_this(), std::move(input));
}

Async<UpdateState> ClientCore::start_update_with_start(UpdateWithStartInput input) {
  return update_with_start(shared_from_this(), std::move(input));
}

}  // namespace temporal::detail
