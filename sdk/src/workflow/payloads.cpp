// Between the run's values and Core's messages, in the workflow's own serialization context.
#include "workflow/contexts.h"
#include "workflow/run.h"

namespace temporal::detail {

coresdk::common::VersioningIntent to_core(workflow::VersioningIntent intent) {
  switch (intent) {
    case workflow::VersioningIntent::unspecified:
      return coresdk::common::UNSPECIFIED;
    case workflow::VersioningIntent::compatible:
      return coresdk::common::COMPATIBLE;
    case workflow::VersioningIntent::use_default:
      return coresdk::common::DEFAULT;
  }
  std::unreachable();
}

SerializationContext Run::context_of(const commands::WorkflowCommand& command) const {
  return detail::context_of(command, context, info.task_queue);
}
Value Run::value(const common::Payload& p) const {
  return from_proto(p, options.converter, context);
}
Values Run::values(const PayloadList& p) const {
  return from_proto(p, options.converter, context);
}
Failure Run::failure(const api::failure::v1::Failure& f) const {
  return from_proto(f, options.converter, context);
}
void Run::encode(const Value& v, common::Payload* out) const {
  to_proto(v, options.converter, context, out);
}
void Run::encode(const Values& v, PayloadList* out) const {
  to_proto(v, options.converter, context, out);
}
void Run::encode(const Failure& f, api::failure::v1::Failure* out) const {
  to_proto(f, options.converter, context, out);
}

void Run::set_summary(commands::WorkflowCommand& command, const std::string& summary,
                      const std::string& details) const {
  if (summary.empty() && details.empty()) return;
  const auto of = context_of(command);
  auto& metadata = *command.mutable_user_metadata();
  if (!summary.empty())
    to_proto(Value::of(summary), options.converter, of, metadata.mutable_summary());
  if (!details.empty())
    to_proto(Value::of(details), options.converter, of, metadata.mutable_details());
}

void Run::set_info(const activation::InitializeWorkflow& job) {
  info.name_space = options.name_space;
  info.task_queue = options.task_queue;
  info.workflow_id = job.workflow_id();
  info.workflow_type = job.workflow_type();
  info.attempt = job.attempt();
  info.cron_schedule = job.cron_schedule();
  if (job.has_parent_workflow_info()) {
    const auto& parent = job.parent_workflow_info();
    info.parent = {parent.namespace_(), parent.workflow_id(), parent.run_id()};
  }
  if (job.has_root_workflow())
    info.root = {info.name_space, job.root_workflow().workflow_id(), job.root_workflow().run_id()};
  info.first_execution_run_id = job.first_execution_run_id();
  info.original_execution_run_id = job.original_execution_run_id();
  info.continued_run_id = job.continued_from_execution_run_id();
  info.start_time = from_proto(job.start_time());
  info.execution_timeout = from_proto(job.workflow_execution_timeout());
  info.run_timeout = from_proto(job.workflow_run_timeout());
  info.task_timeout = from_proto(job.workflow_task_timeout());
  if (job.has_retry_policy()) info.retry_policy = from_proto(job.retry_policy());
  if (job.has_priority()) info.priority = from_proto(job.priority());
  info.headers = from_proto(job.headers());
  context = {.workflow_namespace = info.name_space,
             .workflow_id = info.workflow_id,
             .workflow_type = info.workflow_type};
  if (job.last_completion_result().payloads_size() > 0)
    last_completion_result = value(job.last_completion_result().payloads(0));
  if (job.has_continued_failure()) last_failure = failure(job.continued_failure());
}

void Run::set_task_info(const activation::WorkflowActivation& a) {
  info.run_id = a.run_id();
  info.history_length = a.history_length();
  info.history_size = a.history_size_bytes();
  info.continue_as_new_suggested = a.continue_as_new_suggested();
  info.continue_as_new_reasons.clear();
  for (auto reason : a.suggest_continue_as_new_reasons())
    info.continue_as_new_reasons.push_back(static_cast<workflow::ContinueAsNewReason>(reason));
  info.target_worker_deployment_version_changed = a.target_worker_deployment_version_changed();
  info.deployment_version.reset();
  if (a.has_deployment_version_for_current_task())
    info.deployment_version = {a.deployment_version_for_current_task().deployment_name(),
                               a.deployment_version_for_current_task().build_id()};
}

void Run::fail_task(coresdk::workflow_completion::Failure& out) const {
  const auto why = Failure::from(task_failure);
  try {
    encode(why, out.mutable_failure());
  } catch (const std::exception& e) {  // what the converter throws must not hide it
    out.mutable_failure()->Clear();
    out.mutable_failure()->set_message(why.message() + " (its details do not convert: " + e.what() +
                                       ")");
    out.mutable_failure()->mutable_application_failure_info()->set_type(why.type());
  }
  try {
    std::rethrow_exception(task_failure);
  } catch (const Nondeterminism&) {
    out.set_force_cause(api::enums::v1::WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR);
  } catch (...) {  // NOLINT(bugprone-empty-catch): of any other cause
  }
}

}  // namespace temporal::detail
