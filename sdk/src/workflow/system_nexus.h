// Temporal's own Nexus endpoint, as far as the SDK calls it: a request of the server's API as the input of
// an operation, in an envelope that no converter and no codec touches; what is in it they do.
#pragma once
#include <temporal/api/workflowservice/v1/request_response.pb.h>
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>

#include <optional>

namespace temporal::detail {

using SignalWithStartRequest = api::workflowservice::v1::SignalWithStartWorkflowExecutionRequest;

void wrap(const SignalWithStartRequest& request,
          coresdk::workflow_commands::ScheduleNexusOperation& operation);
// Nothing where the command is another.
std::optional<SignalWithStartRequest> signal_with_start_in(
    const coresdk::workflow_commands::WorkflowCommand& command);

}  // namespace temporal::detail
