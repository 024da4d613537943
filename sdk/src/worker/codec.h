// The PayloadCodec of a run: applied to an activation before it is run, and to the completion after.
#pragma once
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "data/payload_visitor.h"
#include "temporal/converter.h"
#include "workflow/system_nexus.h"

namespace temporal::detail {

// The codec of one run. It remembers what the run has called, so that a result is decoded in the
// context in which it was encoded.
class WorkflowCodec {
 public:
  WorkflowCodec(std::shared_ptr<PayloadCodec> codec, std::string workflow_namespace,
                std::string task_queue);

  // Both block, and throw what the codec throws.
  void decode(coresdk::workflow_activation::WorkflowActivation& activation);
  void encode(coresdk::workflow_completion::WorkflowActivationCompletion& completion);

 private:
  using Apply = Async<void> (*)(std::shared_ptr<PayloadCodec>, PayloadRefs, SerializationContext);
  void apply(Apply how, google::protobuf::Message& message, const SerializationContext& context);
  // Forgets the call that the job ends.
  SerializationContext context_of(const coresdk::workflow_activation::WorkflowActivationJob& job);
  void encode(SignalWithStartRequest& request,
              coresdk::workflow_commands::WorkflowCommand& command);
  SerializationContext remember(const coresdk::workflow_commands::WorkflowCommand& command);

  const std::shared_ptr<PayloadCodec> codec_;
  SerializationContext context_;
  const std::string task_queue_;
  std::map<std::uint32_t, SerializationContext> activities_, children_;
};

}  // namespace temporal::detail
