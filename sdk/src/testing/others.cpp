// Children, and signals and cancel requests to other workflows.
#include <utility>

#include "data/proto.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

// As Core says it.
ProtoFailure not_found(const char* call) {
  ProtoFailure failure;
  failure.set_message(std::string("Unable to ") + call +
                      " external workflow because it was not found");
  failure.mutable_application_failure_info()->set_type("ExternalWorkflowExecutionNotFound");
  return failure;
}

service::StartWorkflowExecutionRequest request_of(
    const commands::StartChildWorkflowExecution& command) {
  service::StartWorkflowExecutionRequest r;
  r.set_workflow_id(command.workflow_id());
  r.mutable_workflow_type()->set_name(command.workflow_type());
  r.mutable_task_queue()->set_name(command.task_queue());
  *r.mutable_input()->mutable_payloads() = command.input();
  *r.mutable_workflow_execution_timeout() = command.workflow_execution_timeout();
  *r.mutable_workflow_run_timeout() = command.workflow_run_timeout();
  *r.mutable_workflow_task_timeout() = command.workflow_task_timeout();
  r.set_workflow_id_reuse_policy(command.workflow_id_reuse_policy());
  if (command.has_retry_policy()) *r.mutable_retry_policy() = command.retry_policy();
  r.set_cron_schedule(command.cron_schedule());
  *r.mutable_header()->mutable_fields() = command.headers();
  *r.mutable_memo()->mutable_fields() = command.memo();
  *r.mutable_search_attributes() = command.search_attributes();
  if (command.has_priority()) *r.mutable_priority() = command.priority();
  return r;
}

ProtoFailure canceled_child(const Child& child, const std::string& name_space) {
  ProtoFailure failure;
  failure.set_message("Child Workflow execution cancelled");
  auto& info = *failure.mutable_child_workflow_execution_failure_info();
  info.set_namespace_(name_space);
  info.mutable_workflow_execution()->set_workflow_id(child.workflow_id);
  info.mutable_workflow_execution()->set_run_id(child.run_id);
  info.mutable_workflow_type()->set_name(child.type);
  info.set_retry_state(enums::RETRY_STATE_NON_RETRYABLE_FAILURE);
  failure.mutable_cause()->mutable_canceled_failure_info();
  return failure;
}

}  // namespace

void Simulator::start_child(const RunPtr& run,
                            const commands::StartChildWorkflowExecution& command) {
  Job job;
  auto& started = *job.mutable_resolve_child_workflow_execution_start();
  started.set_seq(command.seq());
  auto there = current(command.workflow_id());
  if (there && (there->open() || keeps_its_id(*there, command.workflow_id_reuse_policy()))) {
    auto& failed = *started.mutable_failed();
    failed.set_workflow_id(command.workflow_id());
    failed.set_workflow_type(command.workflow_type());
    failed.set_cause(
        core_child::START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS);
    return add_job(run, std::move(job));
  }
  Parent parent{.run = run, .seq = command.seq(), .policy = command.parent_close_policy()};
  RunPtr child;
  try {
    child = start(request_of(command), nullptr, std::move(parent), {});
  } catch (const RpcError& error) {  // what the simulator has not
    run->task_failure = error.what();
    run->instance = nullptr;
    return;
  }
  temporal::api::common::v1::WorkflowExecution root;
  root.set_workflow_id(run->id());
  root.set_run_id(run->run_id);
  child->root = run->root ? run->root : std::optional(std::move(root));
  run->children[command.seq()] = {.cancellation = command.cancellation_type(),
                                  .workflow_id = child->id(),
                                  .run_id = child->run_id,
                                  .type = child->type()};
  started.mutable_succeeded()->set_run_id(child->run_id);
  add_job(run, std::move(job));
}

void Simulator::cancel_child(const RunPtr& run,
                             const commands::CancelChildWorkflowExecution& command) {
  auto found = run->children.find(command.child_workflow_seq());
  if (found == run->children.end() || found->second.resolved) return;
  auto& child = found->second;
  if (child.cancellation != core_child::ABANDON)
    if (auto other = current(child.workflow_id); other && other->open())
      request_cancel(other, command.reason());
  if (child.cancellation == core_child::WAIT_CANCELLATION_COMPLETED) return;
  child.resolved = true;
  Job job;
  auto& resolved = *job.mutable_resolve_child_workflow_execution();
  resolved.set_seq(found->first);
  *resolved.mutable_result()->mutable_cancelled()->mutable_failure() =
      canceled_child(child, options_.client.name_space);
  add_job(run, std::move(job));
}

void Simulator::signal_other(const RunPtr& run,
                             const commands::SignalExternalWorkflowExecution& command) {
  const auto& target = command.workflow_execution();
  const bool child = command.has_child_workflow_id();
  auto other =
      child ? current(command.child_workflow_id()) : find(target.workflow_id(), target.run_id());
  Job job;
  auto& resolved = *job.mutable_resolve_signal_external_workflow();
  resolved.set_seq(command.seq());
  if (other && other->open()) {
    activation::SignalWorkflow signaled;
    signaled.set_signal_name(command.signal_name());
    *signaled.mutable_input() = command.args();
    *signaled.mutable_headers() = command.headers();
    signal(other, std::move(signaled));
  } else {
    *resolved.mutable_failure() = not_found("signal");
    resolved.set_cause(
        enums::
            SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
  }
  add_job(run, std::move(job));
}

void Simulator::cancel_other(const RunPtr& run,
                             const commands::RequestCancelExternalWorkflowExecution& command) {
  const auto& target = command.workflow_execution();
  auto other = find(target.workflow_id(), target.run_id());
  Job job;
  auto& resolved = *job.mutable_resolve_request_cancel_external_workflow();
  resolved.set_seq(command.seq());
  if (other && other->open()) {
    request_cancel(other, command.reason());
  } else {
    *resolved.mutable_failure() = not_found("cancel");
    resolved.set_cause(
        enums::
            CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND);
  }
  add_job(run, std::move(job));
}

void Simulator::signal(const RunPtr& run, activation::SignalWorkflow signaled) {
  Job job;
  *job.mutable_signal_workflow() = std::move(signaled);
  add_job(run, std::move(job));
}

}  // namespace temporal::testing
