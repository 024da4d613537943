// In whose serialization context the payloads of a command are: one answer for the converter, inside
// the run, and for the codec outside, so that the other side decodes in the context of the encoding.
#pragma once
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>

#include <string>

#include "temporal/converter.h"

namespace temporal::detail {

// Of a command whose names (types, ids, queue) are filled in. `workflow` and `task_queue` are of the
// run that makes it.
SerializationContext context_of(const coresdk::workflow_commands::WorkflowCommand& command,
                                const SerializationContext& workflow,
                                const std::string& task_queue);

}  // namespace temporal::detail
