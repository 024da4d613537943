#include "data/message_json.h"
#include "data/start_request.h"
#include "temporal/workflow_signal_with_start.h"
#include "workflow/checks.h"
#include "workflow/run.h"
#include "workflow/system_nexus.h"

namespace temporal::detail {

namespace {

constexpr const char* kEndpoint = "__temporal_system";
constexpr const char* kService = "temporal.api.workflowservice.v1.WorkflowService";
constexpr const char* kOperation = "SignalWithStartWorkflowExecution";
constexpr const char* kEnvelope = "__temporal_system_payload";  // the other SDKs' mark of one

void check(const workflow::SignalWithStartInput& in) {
  const std::string call = "workflow::signal_with_start";
  if (in.options.id.empty()) refuse(call, "options.id is empty");
  if (in.workflow_type.empty()) refuse(call, "the workflow's type has no name");
  if (in.signal_name.empty()) refuse(call, "the signal has no name");
  check_not_negative(call, {{"options.execution_timeout", in.options.execution_timeout},
                            {"options.run_timeout", in.options.run_timeout},
                            {"options.task_timeout", in.options.task_timeout},
                            {"options.start_delay", in.options.start_delay}});
}

std::string run_id_in(const common::Payload& payload) {
  api::workflowservice::v1::SignalWithStartWorkflowExecutionResponse response;
  const auto encoding = payload.metadata().find("encoding");
  if (encoding != payload.metadata().end() && encoding->second == "json/protobuf")
    api::from_json(payload.data(), response);
  else if (!response.ParseFromString(payload.data()))
    throw ConversionError("the server's answer to a signal with start is no such message");
  return response.run_id();
}

Nondeterminism not_scheduled(std::uint32_t seq) {
  return Nondeterminism("a Nexus operation moved on that was not scheduled, number " +
                        std::to_string(seq));
}

}  // namespace

void wrap(const SignalWithStartRequest& request, commands::ScheduleNexusOperation& operation) {
  operation.set_endpoint(kEndpoint);
  operation.set_service(kService);
  operation.set_operation(kOperation);
  auto& envelope = *operation.mutable_input();
  auto& metadata = *envelope.mutable_metadata();
  metadata["encoding"] = "binary/protobuf";
  metadata["messageType"] = request.GetTypeName();
  metadata[kEnvelope] = "true";
  envelope.set_data(request.SerializeAsString());
}

std::optional<SignalWithStartRequest> signal_with_start_in(
    const commands::WorkflowCommand& command) {
  if (!command.has_schedule_nexus_operation()) return std::nullopt;
  const auto& operation = command.schedule_nexus_operation();
  SignalWithStartRequest request;
  if (operation.endpoint() != kEndpoint || operation.operation() != kOperation ||
      !request.ParseFromString(operation.input().data()))
    return std::nullopt;
  return request;
}

workflow::Future<std::string> Outbound::signal_with_start(workflow::SignalWithStartInput in) {
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<std::string>(std::move(state));
  auto scope = run_.scope_for_command("workflow::signal_with_start");
  check(in);
  if (run_.refused(scope, state)) return workflow::Future<std::string>(std::move(state));

  if (in.options.task_queue.empty()) in.options.task_queue = run_.info.task_queue;
  const auto& converter = run_.options.converter;
  const SerializationContext receiver{.workflow_namespace = run_.info.name_space,
                                      .workflow_id = in.options.id,
                                      .workflow_type = in.workflow_type};
  SignalWithStartRequest request;  // the namespace is the server's to fill in, and the request id
  fill_start_request(in.options, in.workflow_type, in.args, in.headers, converter, receiver,
                     request);
  request.set_signal_name(in.signal_name);
  to_proto(in.signal_args, converter, receiver, request.mutable_signal_input()->mutable_payloads());
  auto& operation = *run_.command().mutable_schedule_nexus_operation();
  operation.set_seq(++run_.nexus_operations);
  wrap(request, operation);

  run_.pending_signals_with_start[operation.seq()] = state;
  state->command = {CommandId::Kind::nexus_operation, operation.seq()};
  scope->add(state);
  return workflow::Future<std::string>(std::move(state));
}

// Started, it goes on to its result; that it was not is the last word.
void Run::resolve(const activation::ResolveNexusOperationStart& job) {
  auto found = pending_signals_with_start.find(job.seq());
  if (found == pending_signals_with_start.end()) throw not_scheduled(job.seq());
  if (!job.has_failed()) return;
  auto state = std::move(pending_signals_with_start.extract(found).mapped());
  state->settle(failure(job.failed()));
}

void Run::resolve(const activation::ResolveNexusOperation& job) {
  auto found = pending_signals_with_start.extract(job.seq());
  if (!found) throw not_scheduled(job.seq());
  auto& state = *found.mapped();
  const auto& how = job.result();
  if (how.has_completed()) return state.settle(Value::local(run_id_in(how.completed())));
  if (how.has_failed()) return state.settle(failure(how.failed()));
  if (how.has_cancelled()) return state.settle(failure(how.cancelled()));
  if (how.has_timed_out()) return state.settle(failure(how.timed_out()));
  throw std::logic_error("a Nexus operation's resolution does not say how it ended");
}

workflow::Future<std::string> signal_with_start(workflow::SignalWithStartInput in) {
  return current_run().outbound->signal_with_start(std::move(in));
}

}  // namespace temporal::detail
