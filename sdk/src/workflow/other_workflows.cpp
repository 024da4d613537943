// Children, and signals and cancel requests to other workflows.
#include "workflow/checks.h"
#include "workflow/run.h"

namespace temporal::detail {

namespace {

using workflow::ChildWorkflowCancellationType;
namespace child = coresdk::child_workflow;

child::ChildWorkflowCancellationType to_core(ChildWorkflowCancellationType type) {
  switch (type) {
    case ChildWorkflowCancellationType::abandon:
      return child::ABANDON;
    case ChildWorkflowCancellationType::try_cancel:
      return child::TRY_CANCEL;
    case ChildWorkflowCancellationType::wait_cancellation_completed:
      return child::WAIT_CANCELLATION_COMPLETED;
    case ChildWorkflowCancellationType::wait_cancellation_requested:
      return child::WAIT_CANCELLATION_REQUESTED;
  }
  std::unreachable();
}

const char* cause_of(child::StartChildWorkflowExecutionFailedCause cause) {
  switch (cause) {
    case child::START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS:
      return "WorkflowAlreadyStarted";
    case child::START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND:
      return "NamespaceNotFound";
    case child::START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_INVALID_VERSIONING_OVERRIDE:
      return "InvalidVersioningOverride";
    default:
      return "Unknown";
  }
}

Failure not_started(const std::string& type) {
  return Failure(
      {.message = type, .info = ApplicationFailureInfo{.type = type, .non_retryable = true}});
}

}  // namespace

workflow::ChildWorkflow Outbound::start_child_workflow(workflow::ChildWorkflowInput in) {
  auto started = std::make_shared<FutureState>(), result = std::make_shared<FutureState>();
  auto made = [&] {
    return workflow::ChildWorkflow{in.options.id, workflow::Future<std::string>(started),
                                   workflow::Future<Value>(result)};
  };
  if (run_.dead) return made();
  auto scope = run_.scope_for_command("workflow::start_child_workflow");
  check_not_negative("child workflow " + in.name,
                     {{"execution_timeout", in.options.execution_timeout},
                      {"run_timeout", in.options.run_timeout},
                      {"task_timeout", in.options.task_timeout}});
  if (in.options.id.empty()) in.options.id = run_.made_random().uuid4();
  if (run_.refused(scope, result)) return run_.refused(scope, started), made();

  const auto& o = in.options;
  auto& command = run_.command();
  auto& start = *command.mutable_start_child_workflow_execution();
  start.set_seq(++run_.children);
  start.set_namespace_(run_.info.name_space);
  start.set_workflow_id(o.id);
  start.set_workflow_type(in.name);
  start.set_task_queue(o.task_queue.empty() ? run_.info.task_queue : o.task_queue);
  auto context = run_.context_of(command);
  to_proto(in.args, run_.options.converter, context, start.mutable_input());
  to_proto(in.headers, start.mutable_headers());
  if (o.execution_timeout > 0ms)
    *start.mutable_workflow_execution_timeout() = to_proto(o.execution_timeout);
  if (o.run_timeout > 0ms) *start.mutable_workflow_run_timeout() = to_proto(o.run_timeout);
  if (o.task_timeout > 0ms) *start.mutable_workflow_task_timeout() = to_proto(o.task_timeout);
  start.set_parent_close_policy(  // the same numbers as the server's
      static_cast<child::ParentClosePolicy>(to_proto(o.parent_close_policy)));
  start.set_workflow_id_reuse_policy(to_proto(o.id_reuse_policy));
  if (o.retry_policy) *start.mutable_retry_policy() = to_proto(*o.retry_policy);
  start.set_cron_schedule(o.cron_schedule);
  to_proto(o.memo, run_.options.converter, context, start.mutable_memo());
  if (!o.search_attributes.empty())
    *start.mutable_search_attributes() = to_proto(o.search_attributes);
  start.set_cancellation_type(to_core(o.cancellation_type));
  start.set_versioning_intent(to_core(o.versioning_intent));
  if (o.priority != Priority()) *start.mutable_priority() = to_proto(o.priority);
  if (o.versioning_override)
    *start.mutable_versioning_override() = to_proto(*o.versioning_override);
  run_.set_summary(command, o.static_summary, o.static_details);

  run_.pending_children[start.seq()] = {
      .started = started,
      .result = result,
      .context = std::move(context),
      .id = o.id,
      .type = in.name,
      .waits_for_request =
          o.cancellation_type == ChildWorkflowCancellationType::wait_cancellation_requested};
  result->command = {CommandId::Kind::child, start.seq()};
  scope->add(result);
  return made();
}

void Run::resolve(const activation::ResolveChildWorkflowExecutionStart& job) {
  auto found = pending_children.find(job.seq());
  if (found == pending_children.end())
    throw Nondeterminism("a child workflow started that was not asked for, number " +
                         std::to_string(job.seq()));
  if (job.has_succeeded())
    return found->second.started->settle(Value::local(job.succeeded().run_id()));
  // No second job comes after this one.
  auto child = std::move(pending_children.extract(found).mapped());
  Failure why = job.has_cancelled()
                    ? from_proto(job.cancelled().failure(), options.converter, child.context)
                    : child_failure(child, "child workflow " + child.type + " was not started",
                                    RetryState::non_retryable_failure,
                                    not_started(cause_of(job.failed().cause())));
  child.started->settle(why);
  child.result->settle(std::move(why));
}

Failure Run::child_failure(const Child& child, std::string message, RetryState retry_state,
                           Failure cause) const {
  return Failure({.message = std::move(message),
                  .info = ChildWorkflowFailureInfo{.workflow_namespace = info.name_space,
                                                   .workflow_id = child.id,
                                                   .workflow_type = child.type,
                                                   .retry_state = retry_state},
                  .cause = std::make_shared<const Failure>(std::move(cause))});
}

// Core 0.10 takes wait_cancellation_requested for wait_cancellation_completed, so a child that has
// started is asked as any other workflow is, whose answer says when the server has the request.
void Run::cancel_child(std::uint32_t seq, const std::string& reason) {
  const auto& child = pending_children.at(seq);
  const auto* run_id =
      child.waits_for_request ? std::get_if<Value>(&child.started->result) : nullptr;
  if (!run_id) {
    auto& cancel = *command().mutable_cancel_child_workflow_execution();
    cancel.set_child_workflow_seq(seq);
    cancel.set_reason(reason);
    return;
  }
  auto& cancel = *command().mutable_request_cancel_external_workflow_execution();
  cancel.set_seq(++cancels_sent);
  auto& target = *cancel.mutable_workflow_execution();
  target.set_namespace_(info.name_space);
  target.set_workflow_id(child.id);
  target.set_run_id(run_id->object<std::string>());
  cancel.set_reason(reason);
  pending_child_cancels[cancel.seq()] = {seq, reason};
}

// Its end may have come before, and its second job may come later: the first settles the result.
void Run::child_was_asked(std::uint32_t seq, const std::string& reason) {
  auto found = pending_children.find(seq);
  if (found == pending_children.end()) return;
  const auto& child = found->second;
  child.result->settle(child_failure(child, "child workflow " + child.type + " was asked to cancel",
                                     RetryState::cancel_requested, Failure::canceled(reason)));
}

void Run::resolve(const activation::ResolveChildWorkflowExecution& job) {
  auto found = pending_children.extract(job.seq());
  if (!found)
    throw Nondeterminism("a child workflow ended that was not started, number " +
                         std::to_string(job.seq()));
  auto& child = found.mapped();
  const auto& how = job.result();
  auto fail = [&](const api::failure::v1::Failure& f) {
    const auto why = from_proto(f, options.converter, child.context);
    // Cancelled between the server's record of it and its start, a child that is not waited for
    // (try_cancel, abandon) gets this job alone.
    child.started->settle(why);
    child.result->settle(why);
  };
  if (how.has_completed())
    return child.result->settle(
        how.completed().has_result()
            ? from_proto(how.completed().result(), options.converter, child.context)
            : Value());
  if (how.has_failed()) return fail(how.failed().failure());
  if (how.has_cancelled()) return fail(how.cancelled().failure());
  throw std::logic_error("a child's resolution says neither completed, failed nor cancelled");
}

workflow::Future<void> Outbound::signal(workflow::SignalInput in) {
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<void>(std::move(state));
  auto scope = run_.scope_for_command("workflow::ExternalWorkflowHandle::signal");
  if (run_.refused(scope, state)) return workflow::Future<void>(std::move(state));
  auto& command = run_.command();
  auto& signal = *command.mutable_signal_external_workflow_execution();
  signal.set_seq(++run_.signals_sent);
  if (in.child) {
    signal.set_child_workflow_id(in.workflow_id);
  } else {
    auto& target = *signal.mutable_workflow_execution();
    target.set_namespace_(run_.info.name_space);
    target.set_workflow_id(in.workflow_id);
    target.set_run_id(in.run_id);
  }
  signal.set_signal_name(in.name);
  to_proto(in.args, run_.options.converter, run_.context_of(command), signal.mutable_args());
  to_proto(in.headers, signal.mutable_headers());
  run_.pending_signals[signal.seq()] = state;
  state->command = {CommandId::Kind::signal, signal.seq()};
  scope->add(state);
  return workflow::Future<void>(std::move(state));
}

workflow::Future<void> Outbound::cancel_external(workflow::CancelExternalInput in) {
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<void>(std::move(state));
  auto scope = run_.scope_for_command("workflow::ExternalWorkflowHandle::cancel");
  if (run_.refused(scope, state)) return workflow::Future<void>(std::move(state));
  auto& cancel = *run_.command().mutable_request_cancel_external_workflow_execution();
  cancel.set_seq(++run_.cancels_sent);
  auto& target = *cancel.mutable_workflow_execution();
  target.set_namespace_(run_.info.name_space);
  target.set_workflow_id(in.workflow_id);
  target.set_run_id(in.run_id);
  cancel.set_reason(in.reason);
  run_.pending_cancels[cancel.seq()] = state;
  state->command = {CommandId::Kind::cancel_external, cancel.seq()};
  return workflow::Future<void>(std::move(state));
}

void Run::resolve(const activation::ResolveSignalExternalWorkflow& job) {
  auto found = pending_signals.extract(job.seq());
  if (!found)
    throw Nondeterminism("a signal was sent that was not asked for, number " +
                         std::to_string(job.seq()));
  if (job.has_failure()) return found.mapped()->settle(failure(job.failure()));
  found.mapped()->settle(Value());
}

void Run::resolve(const activation::ResolveRequestCancelExternalWorkflow& job) {
  if (auto asked = pending_child_cancels.extract(job.seq())) {
    if (!job.has_failure()) child_was_asked(asked.mapped().child, asked.mapped().reason);
    return;  // where it failed the child has ended, which its own job tells
  }
  auto found = pending_cancels.extract(job.seq());
  if (!found)
    throw Nondeterminism("a cancel request was sent that was not asked for, number " +
                         std::to_string(job.seq()));
  if (job.has_failure()) return found.mapped()->settle(failure(job.failure()));
  found.mapped()->settle(Value());
}

workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in) {
  return current_run().outbound->start_child_workflow(std::move(in));
}
workflow::Future<void> signal_workflow(workflow::SignalInput in) {
  return current_run().outbound->signal(std::move(in));
}
workflow::Future<void> cancel_workflow(workflow::CancelExternalInput in) {
  return current_run().outbound->cancel_external(std::move(in));
}

}  // namespace temporal::detail
