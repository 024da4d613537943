#include "worker/codec.h"

#include <utility>

namespace temporal::detail {

using coresdk::workflow_activation::WorkflowActivationJob;
using coresdk::workflow_commands::WorkflowCommand;
using google::protobuf::Message;

WorkflowCodec::WorkflowCodec(std::shared_ptr<PayloadCodec> codec, std::string workflow_namespace)
    : codec_(std::move(codec)), context_({.workflow_namespace = std::move(workflow_namespace)}) {}

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
  for (auto& command : *completion.mutable_successful()->mutable_commands())
    apply(&detail::encode, command, remember(command));
}

SerializationContext WorkflowCodec::context_of(const WorkflowActivationJob& job) const {
  auto known = [this](const auto& contexts, std::uint32_t seq) {
    auto found = contexts.find(seq);
    return found == contexts.end() ? context_ : found->second;
  };
  if (job.has_resolve_activity()) return known(activities_, job.resolve_activity().seq());
  if (job.has_resolve_child_workflow_execution())
    return known(children_, job.resolve_child_workflow_execution().seq());
  return context_;
}

SerializationContext WorkflowCodec::remember(const WorkflowCommand& command) {
  if (command.has_schedule_activity()) {
    const auto& activity = command.schedule_activity();
    auto context = context_;
    context.activity_type = activity.activity_type();
    context.activity_task_queue = activity.task_queue();
    return activities_[activity.seq()] = context;
  }
  if (command.has_schedule_local_activity()) {
    const auto& activity = command.schedule_local_activity();
    auto context = context_;
    context.activity_type = activity.activity_type();
    context.is_local_activity = true;
    return activities_[activity.seq()] = context;
  }
  if (command.has_start_child_workflow_execution()) {
    const auto& child = command.start_child_workflow_execution();
    return children_[child.seq()] = {.workflow_namespace = child.namespace_(),
                                     .workflow_id = child.workflow_id(),
                                     .workflow_type = child.workflow_type()};
  }
  return context_;
}

}  // namespace temporal::detail
