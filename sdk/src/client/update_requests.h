// The messages of an update, sent alone or together with a start.
#pragma once
#include "client/messages.h"

namespace temporal::detail {

service::UpdateWorkflowExecutionRequest update_request(const Core& core,
                                                       const StartUpdateInput& input,
                                                       const SerializationContext& context);
// Whether it survives from here: before, the server may forget it.
bool is_accepted(temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage stage);
UpdateState update_state(const Core& core, const service::UpdateWorkflowExecutionResponse& response,
                         const service::UpdateWorkflowExecutionRequest& request,
                         const SerializationContext& context);

}  // namespace temporal::detail
