#include "client/messages.h"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace temporal::detail {

std::string method_of(std::string_view request_name) {
  constexpr std::string_view kSuffix = "Request";
  return std::string(request_name.substr(0, request_name.size() - kSuffix.size()));
}

Deadline::Deadline(const RpcOptions& options) {
  if (options.timeout) at_ = std::chrono::steady_clock::now() + *options.timeout;
}

RpcOptions Deadline::next(RpcOptions options) const {
  if (!at_) return options;
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      *at_ - std::chrono::steady_clock::now());
  if (left <= std::chrono::milliseconds(0))
    throw RpcError(RpcCode::deadline_exceeded, "the call's timeout is over");
  options.timeout = left;
  return options;
}

bool wait_again(const RpcError& error, const Deadline& deadline, const RpcOptions& options) {
  return error.code() == RpcCode::deadline_exceeded && !deadline.limited() &&
         !options.stop.stop_requested();
}

std::string new_uuid() {
  thread_local boost::uuids::random_generator generate;
  return boost::uuids::to_string(generate());
}

SerializationContext workflow_context(const Core& core, std::string workflow_id,
                                      std::string workflow_type) {
  return {.workflow_namespace = core->name_space(),
          .workflow_id = std::move(workflow_id),
          .workflow_type = std::move(workflow_type)};
}

temporal::api::common::v1::WorkflowExecution to_proto(const WorkflowExecutionId& id) {
  temporal::api::common::v1::WorkflowExecution proto;
  proto.set_workflow_id(id.workflow_id);
  proto.set_run_id(id.run_id);
  return proto;
}

Value first_value(const temporal::api::common::v1::Payloads& payloads, const Core& core,
                  const SerializationContext& context) {
  if (payloads.payloads().empty()) return {};
  return from_proto(payloads.payloads(0), core->converter(), context);
}

}  // namespace temporal::detail
