// The server's descriptions of workflows, as the SDK's.
#pragma once
#include "client/messages.h"

namespace temporal::detail {

WorkflowExecution execution(const temporal::api::workflow::v1::WorkflowExecutionInfo& info,
                            const Core& core);
WorkflowDescription description(const service::DescribeWorkflowExecutionResponse& response,
                                const Core& core, const SerializationContext& context);

}  // namespace temporal::detail
