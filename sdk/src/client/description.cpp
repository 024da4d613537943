#include "client/description.h"

namespace temporal::detail {

namespace {

namespace workflow_api = temporal::api::workflow::v1;

template <class Message, class Field>
std::optional<Time> time_of(const Message& message, bool (Message::*has)() const,
                            const Field& (Message::*get)() const) {
  if (!(message.*has)()) return {};
  return from_proto((message.*get)());
}

std::optional<WorkflowExecutionId> id_of(bool there,
                                         const temporal::api::common::v1::WorkflowExecution& id) {
  if (!there || id.workflow_id().empty()) return {};
  return WorkflowExecutionId{id.workflow_id(), id.run_id()};
}

void set_execution(WorkflowExecution& e, const workflow_api::WorkflowExecutionInfo& info,
                   const Core& core) {
  using Info = workflow_api::WorkflowExecutionInfo;
  const auto context = workflow_context(core, info.execution().workflow_id(), info.type().name());
  e.workflow_id = info.execution().workflow_id();
  e.run_id = info.execution().run_id();
  e.workflow_type = info.type().name();
  e.task_queue = info.task_queue();
  e.status = static_cast<WorkflowStatus>(info.status());
  e.start_time = from_proto(info.start_time());
  e.execution_time = time_of(info, &Info::has_execution_time, &Info::execution_time);
  e.close_time = time_of(info, &Info::has_close_time, &Info::close_time);
  e.history_length = info.history_length();
  e.history_size = info.history_size_bytes();
  e.state_transitions = info.state_transition_count();
  e.parent = id_of(info.has_parent_execution(), info.parent_execution());
  e.root = id_of(info.has_root_execution(), info.root_execution());
  e.first_run_id = info.first_run_id();
  e.memo = from_proto(info.memo().fields(), core->converter(), context);
  e.search_attributes = from_proto(info.search_attributes());
  e.priority = from_proto(info.priority());
}

PendingActivity pending_activity(const workflow_api::PendingActivityInfo& info, const Core& core,
                                 SerializationContext context) {
  using Info = workflow_api::PendingActivityInfo;
  context.activity_type = info.activity_type().name();
  PendingActivity a{.activity_id = info.activity_id(),
                    .activity_type = info.activity_type().name(),
                    .state = static_cast<PendingActivityState>(info.state()),
                    .attempt = info.attempt(),
                    .max_attempts = info.maximum_attempts()};
  if (info.has_last_failure())
    a.last_failure = from_proto(info.last_failure(), core->converter(), context);
  a.heartbeat_details = from_proto(info.heartbeat_details().payloads(), core->converter(), context);
  a.last_worker_identity = info.last_worker_identity();
  a.scheduled_time = time_of(info, &Info::has_scheduled_time, &Info::scheduled_time);
  a.last_started_time = time_of(info, &Info::has_last_started_time, &Info::last_started_time);
  a.last_heartbeat_time = time_of(info, &Info::has_last_heartbeat_time, &Info::last_heartbeat_time);
  a.next_attempt_time =
      time_of(info, &Info::has_next_attempt_schedule_time, &Info::next_attempt_schedule_time);
  a.expiration_time = time_of(info, &Info::has_expiration_time, &Info::expiration_time);
  return a;
}

PendingWorkflowTask pending_task(const workflow_api::PendingWorkflowTaskInfo& info) {
  using Info = workflow_api::PendingWorkflowTaskInfo;
  return {.started = info.state() == temporal::api::enums::v1::PENDING_WORKFLOW_TASK_STATE_STARTED,
          .attempt = info.attempt(),
          .scheduled_time = time_of(info, &Info::has_scheduled_time, &Info::scheduled_time),
          .started_time = time_of(info, &Info::has_started_time, &Info::started_time)};
}

std::string metadata_text(bool there, const temporal::api::common::v1::Payload& payload,
                          const Core& core, const SerializationContext& context) {
  if (!there) return {};
  return from_proto(payload, core->converter(), context).as<std::string>();
}

}  // namespace

WorkflowExecution execution(const workflow_api::WorkflowExecutionInfo& info, const Core& core) {
  WorkflowExecution e;
  set_execution(e, info, core);
  return e;
}

WorkflowDescription description(const service::DescribeWorkflowExecutionResponse& response,
                                const Core& core, const SerializationContext& context) {
  WorkflowDescription d;
  set_execution(d, response.workflow_execution_info(), core);
  for (const auto& info : response.pending_activities())
    d.pending_activities.push_back(pending_activity(info, core, context));
  for (const auto& info : response.pending_children())
    d.pending_children.push_back({info.workflow_id(), info.run_id(), info.workflow_type_name()});
  if (response.has_pending_workflow_task())
    d.pending_workflow_task = pending_task(response.pending_workflow_task());
  const auto& config = response.execution_config();
  if (d.task_queue.empty()) d.task_queue = config.task_queue().name();
  const auto& metadata = config.user_metadata();
  d.static_summary = metadata_text(metadata.has_summary(), metadata.summary(), core, context);
  d.static_details = metadata_text(metadata.has_details(), metadata.details(), core, context);
  d.execution_timeout = from_proto(config.workflow_execution_timeout());
  d.run_timeout = from_proto(config.workflow_run_timeout());
  d.task_timeout = from_proto(config.default_workflow_task_timeout());
  d.cancel_requested = response.workflow_extended_info().cancel_requested();
  d.raw = response.SerializeAsString();
  return d;
}

}  // namespace temporal::detail
