// How a workflow ended, and its history.
#include <temporal/api/history/v1/message.pb.h>

#include <variant>

#include "client/messages.h"

namespace temporal::detail {

namespace {

namespace enums = temporal::api::enums::v1;
using temporal::api::history::v1::HistoryEvent;

// What the last event of a run says: a result, a failure, or that another run goes on.
struct NextRun {
  std::string run_id;
};
using Ending = std::variant<Value, Failure, NextRun>;

Failure with_cause(FailureInfo info, std::string message) {
  return Failure({.message = std::move(message), .info = std::move(info)});
}

Ending ending_of(const HistoryEvent& event, const Core& core, const SerializationContext& context) {
  const auto& converter = core->converter();
  switch (event.event_type()) {
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: {
      const auto& e = event.workflow_execution_completed_event_attributes();
      if (!e.new_execution_run_id().empty()) return NextRun{e.new_execution_run_id()};
      return first_value(e.result(), core, context);
    }
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: {
      const auto& e = event.workflow_execution_failed_event_attributes();
      if (!e.new_execution_run_id().empty()) return NextRun{e.new_execution_run_id()};
      return from_proto(e.failure(), converter, context);
    }
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: {
      const auto& e = event.workflow_execution_canceled_event_attributes();
      return Failure::canceled("the workflow was canceled",
                               from_proto(e.details().payloads(), converter, context));
    }
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: {
      const auto& e = event.workflow_execution_terminated_event_attributes();
      return with_cause(TerminatedFailureInfo{.identity = e.identity()},
                        e.reason().empty() ? "the workflow was terminated" : e.reason());
    }
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: {
      const auto& e = event.workflow_execution_timed_out_event_attributes();
      if (!e.new_execution_run_id().empty()) return NextRun{e.new_execution_run_id()};
      return with_cause(TimeoutFailureInfo{.type = TimeoutType::start_to_close},
                        "the workflow timed out");
    }
    case enums::EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
      return NextRun{
          event.workflow_execution_continued_as_new_event_attributes().new_execution_run_id()};
    default:
      throw RpcError(RpcCode::internal, "the workflow's last event is of an unknown type: " +
                                            enums::EventType_Name(event.event_type()));
  }
}

service::GetWorkflowExecutionHistoryRequest history_request(const Core& core,
                                                            const FetchHistoryInput& input) {
  const auto& o = input.options;
  service::GetWorkflowExecutionHistoryRequest request;
  request.set_namespace_(core->name_space());
  *request.mutable_execution() = to_proto(input.workflow);
  request.set_maximum_page_size(o.page_size);
  request.set_next_page_token(o.next_page_token);
  request.set_wait_new_event(o.wait_new_event);
  request.set_history_event_filter_type(static_cast<enums::HistoryEventFilterType>(o.filter));
  request.set_skip_archival(o.skip_archival);
  return request;
}

// Waits for the last event of one run.
Async<HistoryEvent> close_event(Core core, WorkflowExecutionId workflow, RpcOptions options,
                                Deadline deadline, SerializationContext context) {
  auto request = history_request(
      core,
      {workflow,
       {.filter = HistoryEventFilter::close_event, .wait_new_event = true, .skip_archival = true}});
  for (;;) {
    try {
      auto response = co_await rpc<service::GetWorkflowExecutionHistoryResponse>(
          core, request, deadline.next(options), context);
      if (!response.history().events().empty()) co_return response.history().events(0);
      request.set_next_page_token(response.next_page_token());
    } catch (const RpcError& error) {
      if (!wait_again(error, deadline, options)) throw;
    }
  }
}

Async<Value> result(Core core, WorkflowResultInput input) {
  const auto context = workflow_context(core, input.workflow.workflow_id);
  const Deadline deadline(input.options.rpc);
  auto workflow = input.workflow;
  for (;;) {
    auto event = co_await close_event(core, workflow, input.options.rpc, deadline, context);
    auto ending = ending_of(event, core, context);
    if (auto* value = std::get_if<Value>(&ending)) co_return std::move(*value);
    if (auto* failure = std::get_if<Failure>(&ending))
      throw WorkflowFailedError(
          "workflow " + workflow.workflow_id + " did not complete: " + failure->message(),
          std::move(*failure));
    workflow.run_id = std::get<NextRun>(ending).run_id;
    if (!input.options.follow_runs) throw WorkflowContinuedAsNewError(workflow.run_id);
  }
}

// Not through the codec: a history is kept, and replayed, as it stands.
Async<HistoryPage> history_page(Core core, FetchHistoryInput input) {
  const Deadline deadline(input.options.rpc);
  auto request = history_request(core, input);
  for (;;) {
    try {
      auto response = co_await raw_rpc<service::GetWorkflowExecutionHistoryResponse>(
          core, request, deadline.next(input.options.rpc));
      co_return HistoryPage{
          History::from_bytes(input.workflow.workflow_id, response.history().SerializeAsString()),
          response.next_page_token()};
    } catch (const RpcError& error) {
      if (!input.options.wait_new_event || !wait_again(error, deadline, input.options.rpc)) throw;
    }
  }
}

}  // namespace

Async<Value> ClientCore::workflow_result(WorkflowResultInput input) {
  return result(shared_from_this(), std::move(input));
}

Async<HistoryPage> ClientCore::fetch_history_page(FetchHistoryInput input) {
  return history_page(shared_from_this(), std::move(input));
}

Async<History> whole_history(std::shared_ptr<ClientCore> core, FetchHistoryInput input) {
  const Deadline deadline(input.options.rpc);
  std::string bytes;  // messages one after another are one message: their events are appended
  do {
    input.options.rpc = deadline.next(std::move(input.options.rpc));
    auto page = co_await core->outermost().fetch_history_page(input);
    bytes += page.history.bytes();
    input.options.next_page_token = std::move(page.next_page_token);
  } while (!input.options.next_page_token.empty());
  co_return History::from_bytes(input.workflow.workflow_id, std::move(bytes));
}

}  // namespace temporal::detail
