#include "workflow/contexts.h"

#include <utility>

namespace temporal::detail {

namespace {

SerializationContext activity(SerializationContext context, std::string type,
                              std::string task_queue, bool local) {
  context.activity_type = std::move(type);
  context.activity_task_queue = std::move(task_queue);
  context.is_local_activity = local;
  return context;
}

}  // namespace

SerializationContext context_of(const coresdk::workflow_commands::WorkflowCommand& command,
                                const SerializationContext& workflow,
                                const std::string& task_queue) {
  if (command.has_schedule_activity()) {
    const auto& c = command.schedule_activity();
    return activity(workflow, c.activity_type(), c.task_queue(), false);
  }
  if (command.has_schedule_local_activity())
    return activity(workflow, command.schedule_local_activity().activity_type(), task_queue, true);
  if (command.has_start_child_workflow_execution()) {
    const auto& c = command.start_child_workflow_execution();
    return {.workflow_namespace = c.namespace_(),
            .workflow_id = c.workflow_id(),
            .workflow_type = c.workflow_type()};
  }
  if (command.has_signal_external_workflow_execution()) {  // the receiver's; its type is not known
    const auto& c = command.signal_external_workflow_execution();
    if (!c.has_workflow_execution())
      return {.workflow_namespace = workflow.workflow_namespace,
              .workflow_id = c.child_workflow_id()};
    return {.workflow_namespace = c.workflow_execution().namespace_(),
            .workflow_id = c.workflow_execution().workflow_id()};
  }
  auto context = workflow;
  if (command.has_continue_as_new_workflow_execution())  // the next run's
    context.workflow_type = command.continue_as_new_workflow_execution().workflow_type();
  return context;
}

}  // namespace temporal::detail
