#include "worker/codec.h"

#include <utility>

#include "workflow/contexts.h"

namespace temporal::detail {

using coresdk::workflow_activation::WorkflowActivationJob;
using coresdk::workflow_commands::WorkflowCommand;
using google::protobuf::Message;

WorkflowCodec::WorkflowCodec(std::shared_ptr<PayloadCodec> codec, std::string workflow_namespace,
                             std::string task_queue)
    : codec_(std::move(codec)),
      context_({.workflow_namespace = std::move(workflow_namespace)}),
      task_queue_(std::move(task_queue)) {}

void WorkflowCodec::apply(Apply how, Message& message, const SerializationContext& context) {
  if (auto payloads = payloads_in(message); !payloads.empty())
    how(codec_, std::move(payloads), context).get();
}

void WorkflowCodec::decode(coresdk::workflow_activation::WorkflowActivation& activation) {
  for (auto& job : *activation.mutable_jobs()) {
    if (job.has_initialize_workflow()) {
      context_.workflow_id = job.initialize_workflow().workflow_id();
      context_.workflow_type = job.initialize_workflow().workflow_type();
    }
    apply(&detail::decode, job, context_of(job));
  }
}

void WorkflowCodec::encode(coresdk::workflow_completion::WorkflowActivationCompletion& completion) {
  if (!completion.has_successful()) return apply(&detail::encode, completion, context_);
  for (auto& command : *completion.mutable_successful()->mutable_commands()) {
    if (auto request = signal_with_start_in(command))
      encode(*request, command);
    else
      apply(&detail::encode, command, remember(command));
  }
}

// The server reads the request, but not the payloads in it.
void WorkflowCodec::encode(SignalWithStartRequest& request, WorkflowCommand& command) {
  apply(&detail::encode, request,
        {.workflow_namespace = context_.workflow_namespace,
         .workflow_id = request.workflow_id(),
         .workflow_type = request.workflow_type().name()});
  wrap(request, *command.mutable_schedule_nexus_operation());
  for (auto& marker : *command.mutable_event_group_markers())
    apply(&detail::encode, marker, context_);
}

SerializationContext WorkflowCodec::context_of(const WorkflowActivationJob& job) {
  auto ended = [this](auto& contexts, std::uint32_t seq) {
    auto found = contexts.extract(seq);
    return found ? std::move(found.mapped()) : context_;
  };
  if (job.has_resolve_activity()) return ended(activities_, job.resolve_activity().seq());
  if (job.has_resolve_child_workflow_execution())
    return ended(children_, job.resolve_child_workflow_execution().seq());
  if (job.has_resolve_child_workflow_execution_start() &&
      !job.resolve_child_workflow_execution_start().has_succeeded())
    return ended(children_, job.resolve_child_workflow_execution_start().seq());
  return context_;
}

SerializationContext WorkflowCodec::remember(const WorkflowCommand& command) {
  auto context = detail::context_of(command, context_, task_queue_);
  if (command.has_schedule_activity())
    activities_[command.schedule_activity().seq()] = context;
  else if (command.has_schedule_local_activity())
    activities_[command.schedule_local_activity().seq()] = context;
  else if (command.has_start_child_workflow_execution())
    children_[command.start_child_workflow_execution().seq()] = context;
  return context;
}

}  // namespace temporal::detail
