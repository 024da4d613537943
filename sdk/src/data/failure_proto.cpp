// Failures to and from temporal/api/failure/v1/message.proto.
#include "data/proto.h"

namespace temporal::detail {
namespace {

using Proto = temporal::api::failure::v1::Failure;

struct Converting {  // what converts the details
  const DataConverter& converter;
  const SerializationContext& context;

  Values values(const common::Payloads& from) const {
    return from_proto(from.payloads(), converter, context);
  }
  template <class Info>
  void details(const Values& from, Info* info, common::Payloads* (Info::*field)()) const {
    if (!from.empty()) to_proto(from, converter, context, (info->*field)()->mutable_payloads());
  }
};

// What a codec is to see too stands in encoded_attributes, under these names in every SDK.
struct Attributes {
  std::string message = {};
  std::string stack_trace = {};
};
constexpr std::string_view kEncodedMessage = "Encoded failure";

void write(const ApplicationFailureInfo& from, const Converting& by, Proto* out) {
  auto* info = out->mutable_application_failure_info();
  info->set_type(from.type);
  info->set_non_retryable(from.non_retryable);
  by.details(from.details, info,
             &temporal::api::failure::v1::ApplicationFailureInfo::mutable_details);
  if (from.next_retry_delay) *info->mutable_next_retry_delay() = to_proto(*from.next_retry_delay);
  info->set_category(static_cast<enums::ApplicationErrorCategory>(from.category));
}
void write(const CanceledFailureInfo& from, const Converting& by, Proto* out) {
  auto* info = out->mutable_canceled_failure_info();
  by.details(from.details, info, &temporal::api::failure::v1::CanceledFailureInfo::mutable_details);
  info->set_identity(from.identity);
}
void write(const TimeoutFailureInfo& from, const Converting& by, Proto* out) {
  auto* info = out->mutable_timeout_failure_info();
  info->set_timeout_type(static_cast<enums::TimeoutType>(from.type));
  by.details(from.last_heartbeat_details, info,
             &temporal::api::failure::v1::TimeoutFailureInfo::mutable_last_heartbeat_details);
}
void write(const TerminatedFailureInfo& from, const Converting&, Proto* out) {
  out->mutable_terminated_failure_info()->set_identity(from.identity);
}
void write(const ServerFailureInfo& from, const Converting&, Proto* out) {
  out->mutable_server_failure_info()->set_non_retryable(from.non_retryable);
}
void write(const ResetWorkflowFailureInfo& from, const Converting& by, Proto* out) {
  auto* info = out->mutable_reset_workflow_failure_info();
  by.details(from.last_heartbeat_details, info,
             &temporal::api::failure::v1::ResetWorkflowFailureInfo::mutable_last_heartbeat_details);
}
void write(const ActivityFailureInfo& from, const Converting&, Proto* out) {
  auto* info = out->mutable_activity_failure_info();
  info->mutable_activity_type()->set_name(from.activity_type);
  info->set_activity_id(from.activity_id);
  info->set_identity(from.identity);
  info->set_retry_state(static_cast<enums::RetryState>(from.retry_state));
  info->set_scheduled_event_id(from.scheduled_event_id);
  info->set_started_event_id(from.started_event_id);
}
void write(const ChildWorkflowFailureInfo& from, const Converting&, Proto* out) {
  auto* info = out->mutable_child_workflow_execution_failure_info();
  info->set_namespace_(from.workflow_namespace);
  info->mutable_workflow_execution()->set_workflow_id(from.workflow_id);
  info->mutable_workflow_execution()->set_run_id(from.run_id);
  info->mutable_workflow_type()->set_name(from.workflow_type);
  info->set_retry_state(static_cast<enums::RetryState>(from.retry_state));
  info->set_initiated_event_id(from.initiated_event_id);
  info->set_started_event_id(from.started_event_id);
}
void write(const NexusOperationFailureInfo& from, const Converting&, Proto* out) {
  auto* info = out->mutable_nexus_operation_execution_failure_info();
  info->set_endpoint(from.endpoint);
  info->set_service(from.service);
  info->set_operation(from.operation);
  info->set_operation_token(from.operation_token);
  info->set_scheduled_event_id(from.scheduled_event_id);
}
void write(const NexusHandlerFailureInfo& from, const Converting&, Proto* out) {
  auto* info = out->mutable_nexus_handler_failure_info();
  info->set_type(from.type);
  info->set_retry_behavior(static_cast<enums::NexusHandlerErrorRetryBehavior>(from.retry_behavior));
}

ApplicationFailureInfo read(const temporal::api::failure::v1::ApplicationFailureInfo& from,
                            const Converting& by) {
  ApplicationFailureInfo info{.type = from.type(),
                              .non_retryable = from.non_retryable(),
                              .details = by.values(from.details()),
                              .category = static_cast<ApplicationErrorCategory>(from.category())};
  if (from.has_next_retry_delay()) info.next_retry_delay = from_proto(from.next_retry_delay());
  return info;
}
ActivityFailureInfo read(const temporal::api::failure::v1::ActivityFailureInfo& from) {
  return {.activity_type = from.activity_type().name(),
          .activity_id = from.activity_id(),
          .identity = from.identity(),
          .retry_state = static_cast<RetryState>(from.retry_state()),
          .scheduled_event_id = from.scheduled_event_id(),
          .started_event_id = from.started_event_id()};
}
ChildWorkflowFailureInfo read(
    const temporal::api::failure::v1::ChildWorkflowExecutionFailureInfo& from) {
  return {.workflow_namespace = from.namespace_(),
          .workflow_id = from.workflow_execution().workflow_id(),
          .run_id = from.workflow_execution().run_id(),
          .workflow_type = from.workflow_type().name(),
          .retry_state = static_cast<RetryState>(from.retry_state()),
          .initiated_event_id = from.initiated_event_id(),
          .started_event_id = from.started_event_id()};
}
NexusOperationFailureInfo read(const temporal::api::failure::v1::NexusOperationFailureInfo& from) {
  return {.endpoint = from.endpoint(),
          .service = from.service(),
          .operation = from.operation(),
          .operation_token = from.operation_token(),
          .scheduled_event_id = from.scheduled_event_id()};
}

FailureInfo read_info(const Proto& f, const Converting& by) {
  switch (f.failure_info_case()) {
    case Proto::kTimeoutFailureInfo: {
      const auto& info = f.timeout_failure_info();
      return TimeoutFailureInfo{static_cast<TimeoutType>(info.timeout_type()),
                                by.values(info.last_heartbeat_details())};
    }
    case Proto::kCanceledFailureInfo:
      return CanceledFailureInfo{by.values(f.canceled_failure_info().details()),
                                 f.canceled_failure_info().identity()};
    case Proto::kTerminatedFailureInfo:
      return TerminatedFailureInfo{f.terminated_failure_info().identity()};
    case Proto::kServerFailureInfo:
      return ServerFailureInfo{f.server_failure_info().non_retryable()};
    case Proto::kResetWorkflowFailureInfo:
      return ResetWorkflowFailureInfo{
          by.values(f.reset_workflow_failure_info().last_heartbeat_details())};
    case Proto::kActivityFailureInfo:
      return read(f.activity_failure_info());
    case Proto::kChildWorkflowExecutionFailureInfo:
      return read(f.child_workflow_execution_failure_info());
    case Proto::kNexusOperationExecutionFailureInfo:
      return read(f.nexus_operation_execution_failure_info());
    case Proto::kNexusHandlerFailureInfo:
      return NexusHandlerFailureInfo{
          f.nexus_handler_failure_info().type(),
          static_cast<NexusRetryBehavior>(f.nexus_handler_failure_info().retry_behavior())};
    case Proto::kApplicationFailureInfo:
    case Proto::FAILURE_INFO_NOT_SET:
      break;
  }
  return read(f.application_failure_info(), by);
}

}  // namespace

void to_proto(const Failure& failure, const DataConverter& converter,
              const SerializationContext& context, Proto* out) {
  out->Clear();
  const Converting by{converter, context};
  out->set_source(failure.source());
  if (converter.encode_common_attributes()) {
    to_proto(Value::of(Attributes{failure.message(), failure.stack_trace()}), DataConverter(),
             context, out->mutable_encoded_attributes());
    out->set_message(std::string(kEncodedMessage));
  } else {
    out->set_message(failure.message());
    out->set_stack_trace(failure.stack_trace());
  }
  std::visit([&](const auto& info) { write(info, by, out); }, failure.info());
  if (failure.cause()) to_proto(*failure.cause(), converter, context, out->mutable_cause());
}

Failure from_proto(const Proto& failure, const DataConverter& converter,
                   const SerializationContext& context) {
  FailureFields fields{.message = failure.message(),
                       .info = read_info(failure, {converter, context}),
                       .stack_trace = failure.stack_trace(),
                       .source = failure.source()};
  if (failure.has_encoded_attributes()) {
    try {
      auto attributes = Value(from_proto(failure.encoded_attributes())).as<Attributes>();
      fields.message = std::move(attributes.message);
      fields.stack_trace = std::move(attributes.stack_trace);
    } catch (const ConversionError&) {  // NOLINT(bugprone-empty-catch)
      // Another worker's codec, for example: the failure still says that it is encoded.
    }
  }
  if (failure.has_cause())
    fields.cause = std::make_shared<Failure>(from_proto(failure.cause(), converter, context));
  return Failure(std::move(fields));
}

}  // namespace temporal::detail
