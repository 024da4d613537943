// Which commands are a run's last.
#pragma once
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>

namespace temporal::detail {

inline bool ends_run(const coresdk::workflow_commands::WorkflowCommand& c) {
  return c.has_complete_workflow_execution() || c.has_fail_workflow_execution() ||
         c.has_cancel_workflow_execution() || c.has_continue_as_new_workflow_execution();
}

}  // namespace temporal::detail
