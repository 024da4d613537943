// How a run ends, and the command that says so.
#include "workflow/checks.h"
#include "workflow/run.h"

namespace temporal {
namespace detail {

// Core puts it last, whatever else the activation makes.
void Run::finish() {
  if (ended || !main || !main->settled()) return;
  ended = true;
  warn_of_unfinished_handlers();
  if (auto* value = std::get_if<Value>(&main->result))
    return encode(*value, command().mutable_complete_workflow_execution()->mutable_result());
  if (auto* failure = std::get_if<Failure>(&main->result)) return end(*failure);
  end(std::get<std::exception_ptr>(main->result));
}

void Run::end(const Failure& failure) {
  const Failure& root = failure.root();
  if (!cancel_request->settled() || root.kind() != FailureKind::canceled)
    return encode(failure, command().mutable_fail_workflow_execution()->mutable_failure());
  auto& cancel = *command().mutable_cancel_workflow_execution();
  if (!root.details().empty()) encode(root.details(), cancel.mutable_details()->mutable_payloads());
}

void Run::end(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const workflow::EndCanceled& e) {
    auto& cancel = *command().mutable_cancel_workflow_execution();
    if (!e.details.empty()) encode(Value::of(e.details), cancel.mutable_details()->add_payloads());
  } catch (const ContinueAsNew& e) {
    continue_as_new(e.in);
  }
}

void Run::continue_as_new(const workflow::ContinueAsNewInput& in) {
  const auto& o = in.options;
  auto& made_command = command();
  auto& next = *made_command.mutable_continue_as_new_workflow_execution();
  next.set_workflow_type(in.name);
  const auto of = context_of(made_command);
  next.set_task_queue(o.task_queue.empty() ? info.task_queue : o.task_queue);
  to_proto(in.args, options.converter, of, next.mutable_arguments());
  to_proto(in.headers, next.mutable_headers());
  // Core does not use the run's own again.
  auto run_timeout = o.run_timeout > 0ms ? o.run_timeout : info.run_timeout;
  auto task_timeout = o.task_timeout > 0ms ? o.task_timeout : info.task_timeout;
  if (run_timeout > 0ms) *next.mutable_workflow_run_timeout() = to_proto(run_timeout);
  if (task_timeout > 0ms) *next.mutable_workflow_task_timeout() = to_proto(task_timeout);
  // Left empty, Core takes the memo the run was started with, not the one it now has.
  to_proto(o.memo ? *o.memo : memo, options.converter, of, next.mutable_memo());
  if (o.search_attributes) *next.mutable_search_attributes() = to_proto(*o.search_attributes);
  if (o.retry_policy) *next.mutable_retry_policy() = to_proto(*o.retry_policy);
  next.set_versioning_intent(to_core(o.versioning_intent));
  next.set_initial_versioning_behavior(  // the same numbers
      static_cast<enums::ContinueAsNewVersioningBehavior>(o.initial_versioning_behavior));
  if (o.backoff_start_interval > 0ms)
    *next.mutable_backoff_start_interval() = to_proto(o.backoff_start_interval);
}

workflow::ContinueAsNewInput Outbound::continue_as_new(workflow::ContinueAsNewInput in) {
  check_not_negative("workflow::continue_as_new",
                     {{"run_timeout", in.options.run_timeout},
                      {"task_timeout", in.options.task_timeout},
                      {"backoff_start_interval", in.options.backoff_start_interval}});
  return in;
}

void continue_as_new(workflow::ContinueAsNewInput in) {
  auto& run = current_run();
  run.check_not_read_only("workflow::continue_as_new");
  throw ContinueAsNew{run.outbound->continue_as_new(std::move(in))};
}

}  // namespace detail

namespace workflow {

Future<std::string> cancel_requested() {
  return Future<std::string>(detail::current_run().cancel_request);
}

}  // namespace workflow
}  // namespace temporal
