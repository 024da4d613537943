// Calls to one workflow: signal, query, cancel, terminate, describe; and those over many: list, count.
#include "client/description.h"
#include "client/error_details.h"

namespace temporal::detail {

namespace {

namespace enums = temporal::api::enums::v1;

Async<void> signal(Core core, SignalWorkflowInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  service::SignalWorkflowExecutionRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_workflow_execution() = to_proto(input.workflow);
  request.set_signal_name(input.name);
  to_proto(input.args, core->converter(), context, request.mutable_input()->mutable_payloads());
  request.set_identity(core->identity());
  request.set_request_id(input.options.request_id.empty() ? new_uuid() : input.options.request_id);
  if (auto headers = headers_of(input); !headers.empty())
    to_proto(std::move(headers), request.mutable_header()->mutable_fields());
  co_await rpc<service::SignalWorkflowExecutionResponse>(core, std::move(request),
                                                         input.options.rpc, context);
}

Async<Value> query(Core core, QueryWorkflowInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  service::QueryWorkflowRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_execution() = to_proto(input.workflow);
  request.mutable_query()->set_query_type(input.name);
  to_proto(input.args, core->converter(), context,
           request.mutable_query()->mutable_query_args()->mutable_payloads());
  if (auto headers = headers_of(input); !headers.empty())
    to_proto(std::move(headers), request.mutable_query()->mutable_header()->mutable_fields());
  request.set_query_reject_condition(
      static_cast<enums::QueryRejectCondition>(input.options.reject_condition));
  try {
    auto response = co_await rpc<service::QueryWorkflowResponse>(core, std::move(request),
                                                                 input.options.rpc, context);
    if (response.has_query_rejected())
      throw QueryRejectedError(static_cast<WorkflowStatus>(response.query_rejected().status()));
    co_return first_value(response.query_result(), core, context);
  } catch (const RpcError& error) {
    throw_query_error(error, core, context);
  }
}

Async<void> cancel(Core core, CancelWorkflowInput input) {
  service::RequestCancelWorkflowExecutionRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_workflow_execution() = to_proto(input.workflow);
  request.set_identity(core->identity());
  request.set_request_id(new_uuid());
  request.set_first_execution_run_id(input.first_execution_run_id);
  request.set_reason(input.options.reason);
  co_await rpc<service::RequestCancelWorkflowExecutionResponse>(core, std::move(request),
                                                                input.options.rpc);
}

Async<void> terminate(Core core, TerminateWorkflowInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  service::TerminateWorkflowExecutionRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_workflow_execution() = to_proto(input.workflow);
  request.set_identity(core->identity());
  request.set_first_execution_run_id(input.first_execution_run_id);
  request.set_reason(input.options.reason);
  if (!input.options.details.empty())
    to_proto(input.options.details, core->converter(), context,
             request.mutable_details()->mutable_payloads());
  co_await rpc<service::TerminateWorkflowExecutionResponse>(core, std::move(request),
                                                            input.options.rpc, context);
}

Async<WorkflowDescription> describe(Core core, DescribeWorkflowInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  service::DescribeWorkflowExecutionRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_execution() = to_proto(input.workflow);
  auto response = co_await rpc<service::DescribeWorkflowExecutionResponse>(core, std::move(request),
                                                                           input.rpc, context);
  co_return description(response, core, context);
}

Async<ListPage> list(Core core, ListOptions options) {
  service::ListWorkflowExecutionsRequest request;
  request.set_namespace_(core->name_space());
  request.set_page_size(options.page_size);
  request.set_next_page_token(options.next_page_token);
  request.set_query(options.query);
  auto response =
      co_await rpc<service::ListWorkflowExecutionsResponse>(core, std::move(request), options.rpc);
  ListPage page{.next_page_token = response.next_page_token()};
  for (const auto& info : response.executions()) page.workflows.push_back(execution(info, core));
  co_return page;
}

Async<WorkflowCount> count(Core core, CountOptions options) {
  service::CountWorkflowExecutionsRequest request;
  request.set_namespace_(core->name_space());
  request.set_query(options.query);
  auto response =
      co_await rpc<service::CountWorkflowExecutionsResponse>(core, std::move(request), options.rpc);
  WorkflowCount count{.count = response.count()};
  for (const auto& group : response.groups())
    count.groups.push_back(
        {.values = from_proto(group.group_values(), core->converter()), .count = group.count()});
  co_return count;
}

}  // namespace

Async<void> ClientCore::signal_workflow(SignalWorkflowInput input) {
  return signal(shared_from_this(), std::move(input));
}
Async<Value> ClientCore::query_workflow(QueryWorkflowInput input) {
  return query(shared_from_this(), std::move(input));
}
Async<void> ClientCore::cancel_workflow(CancelWorkflowInput input) {
  return cancel(shared_from_this(), std::move(input));
}
Async<void> ClientCore::terminate_workflow(TerminateWorkflowInput input) {
  return terminate(shared_from_this(), std::move(input));
}
Async<WorkflowDescription> ClientCore::describe_workflow(DescribeWorkflowInput input) {
  return describe(shared_from_this(), std::move(input));
}
Async<ListPage> ClientCore::list_workflows(ListOptions options) {
  return list(shared_from_this(), std::move(options));
}
Async<WorkflowCount> ClientCore::count_workflows(CountOptions options) {
  return count(shared_from_this(), std::move(options));
}

}  // namespace temporal::detail
