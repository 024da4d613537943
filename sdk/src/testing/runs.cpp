// The lives of runs: how they begin, what comes to them from outside, how they end.
#include <algorithm>
#include <utility>

#include "data/proto.h"
#include "testing/retry.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

using std::chrono::milliseconds;
using temporal::detail::from_proto, temporal::detail::to_proto;

// Closed runs: of so many the code stays, for queries; so many are known at all.
constexpr std::size_t kMostAnswering = 1'000;
constexpr std::size_t kMostClosed = 10'000;

constexpr milliseconds kNone(0);

ProtoFailure timed_out() {
  ProtoFailure failure;
  failure.set_message("workflow timed out");
  failure.mutable_timeout_failure_info()->set_timeout_type(enums::TIMEOUT_TYPE_START_TO_CLOSE);
  return failure;
}

void set_child_info(ProtoFailure& failure, const Run& run) {
  auto& info = *failure.mutable_child_workflow_execution_failure_info();
  info.set_namespace_(run.start.namespace_());
  info.mutable_workflow_execution()->set_workflow_id(run.id());
  info.mutable_workflow_execution()->set_run_id(run.run_id);
  info.mutable_workflow_type()->set_name(run.type());
}

// As Core tells a parent of it.
core_child::ChildWorkflowResult result_for_parent(const Run& run) {
  core_child::ChildWorkflowResult result;
  const auto& e = run.close_event;
  auto failed = [&](const char* message, enums::RetryState state) -> ProtoFailure& {
    auto& failure = *result.mutable_failed()->mutable_failure();
    failure.set_message(message);
    set_child_info(failure, run);
    failure.mutable_child_workflow_execution_failure_info()->set_retry_state(state);
    return *failure.mutable_cause();
  };
  if (e.has_workflow_execution_completed_event_attributes()) {
    auto& completed = *result.mutable_completed();
    const auto& payloads = e.workflow_execution_completed_event_attributes().result().payloads();
    if (!payloads.empty()) *completed.mutable_result() = payloads[0];
  } else if (e.has_workflow_execution_failed_event_attributes()) {
    const auto& attributes = e.workflow_execution_failed_event_attributes();
    failed("Child Workflow execution failed", attributes.retry_state()) = attributes.failure();
  } else if (e.has_workflow_execution_canceled_event_attributes()) {
    auto& failure = *result.mutable_cancelled()->mutable_failure();
    failure.set_message("Child Workflow execution cancelled");
    set_child_info(failure, run);
    failure.mutable_child_workflow_execution_failure_info()->set_retry_state(
        enums::RETRY_STATE_NON_RETRYABLE_FAILURE);
    *failure.mutable_cause()->mutable_canceled_failure_info()->mutable_details() =
        e.workflow_execution_canceled_event_attributes().details();
  } else if (e.has_workflow_execution_timed_out_event_attributes()) {
    auto& cause = failed("Child Workflow execution timed out", enums::RETRY_STATE_TIMEOUT);
    cause.set_message("Timed out");
    cause.mutable_timeout_failure_info()->set_timeout_type(enums::TIMEOUT_TYPE_START_TO_CLOSE);
  } else {
    auto& cause =
        failed("Child Workflow execution terminated", enums::RETRY_STATE_NON_RETRYABLE_FAILURE);
    cause.set_message("Terminated");
    cause.mutable_terminated_failure_info();
  }
  return result;
}

}  // namespace

// Shaped as UUIDs, and the same in each run of a test.
std::string Simulator::new_id() {
  auto digits = std::to_string(++last_id_);
  return "00000000-0000-4000-8000-" +
         std::string(12 - std::min<std::size_t>(12, digits.size()), '0') + digits;
}

RunPtr Simulator::start(service::StartWorkflowExecutionRequest request, const Run* before,
                        std::optional<Parent> parent, milliseconds delay) {
  if (!request.cron_schedule().empty())
    refuse(RpcCode::unimplemented, "the simulator has no cron schedules: give \"" +
                                       request.workflow_id() +
                                       "\" none, or use Environment::time_skipping()");
  auto run = std::make_shared<Run>();
  run->start = std::move(request);
  run->start.set_namespace_(options_.client.name_space);
  run->run_id = new_id();
  run->first_run_id = before ? before->first_run_id : run->run_id;
  run->seed = options_.randomness_seed * 1'000'003 + last_id_;
  run->parent = std::move(parent);
  run->started = clock_.now();
  run->execution_began = clock_.now() + delay;
  if (before) {
    run->continued_run_id = before->run_id;
    run->expires = before->expires;
    run->root = before->root;
  } else if (auto limit = from_proto(run->start.workflow_execution_timeout()); limit > kNone) {
    run->expires = clock_.now() + delay + limit;
  }
  runs_[run->run_id] = run;
  latest_[run->id()] = run;
  if (delay > kNone)
    run->begin_due = clock_.after(delay, [this, run] { begin(run); });
  else
    begin(run);
  return run;
}

void Simulator::begin(const RunPtr& run) {
  run->begin_due = 0;
  if (!run->open()) return;
  auto limit = from_proto(run->start.workflow_run_timeout());
  auto ends = limit > kNone ? std::optional(clock_.now() + limit) : std::nullopt;
  if (run->expires && (!ends || *run->expires < *ends)) ends = run->expires;
  if (ends) run->run_due = clock_.at(*ends, [this, run] { time_out(run); });
  run->began = true;
  run->ready = true;
  ready_.push_back(run);
}

RunPtr Simulator::current(const std::string& workflow_id) const {
  auto found = latest_.find(workflow_id);
  return found == latest_.end() ? nullptr : found->second;
}

RunPtr Simulator::find(const std::string& workflow_id, const std::string& run_id) const {
  if (run_id.empty()) return current(workflow_id);
  auto found = runs_.find(run_id);
  return found == runs_.end() || found->second->id() != workflow_id ? nullptr : found->second;
}

void Simulator::add_job(const RunPtr& run, Job job) {
  if (!run->open()) return;
  ++run->events;
  run->jobs.push_back(std::move(job));
  if (run->began && !std::exchange(run->ready, true)) ready_.push_back(run);
}

void Simulator::request_cancel(const RunPtr& run, const std::string& reason) {
  if (std::exchange(run->cancel_requested, true)) return;
  run->cancel_reason = reason;
  Job job;
  job.mutable_cancel_workflow()->set_reason(reason);
  add_job(run, std::move(job));
}

void Simulator::terminate(const RunPtr& run, const std::string& reason, const std::string& identity,
                          const ProtoPayloads* details) {
  HistoryEvent event;
  auto& attributes = *event.mutable_workflow_execution_terminated_event_attributes();
  attributes.set_reason(reason);
  attributes.set_identity(identity);
  if (details) *attributes.mutable_details() = *details;
  close(run, enums::WORKFLOW_EXECUTION_STATUS_TERMINATED, std::move(event));
}

void Simulator::time_out(const RunPtr& run) {
  run->run_due = 0;
  if (!run->open()) return;
  HistoryEvent event;
  auto& attributes = *event.mutable_workflow_execution_timed_out_event_attributes();
  enums::RetryState state = enums::RETRY_STATE_TIMEOUT;
  retry(run, timed_out(), event, state);
  attributes.set_retry_state(state);
  close(run, enums::WORKFLOW_EXECUTION_STATUS_TIMED_OUT, std::move(event));
}

// Where its retry policy says so, starts the run's successor and names it in the event.
bool Simulator::retry(const RunPtr& run, const ProtoFailure& failure, HistoryEvent& event,
                      enums::RetryState& state) {
  if (!run->start.has_retry_policy()) {
    state = enums::RETRY_STATE_RETRY_POLICY_NOT_SET;
    return false;
  }
  std::optional<milliseconds> left;
  if (run->expires) left = std::chrono::duration_cast<milliseconds>(*run->expires - clock_.now());
  auto how = retry_after(run->start.retry_policy(), run->attempt, failure, left);
  state = how.state;
  if (!how.after) return false;
  auto next = start(run->start, run.get(), std::exchange(run->parent, {}), *how.after);
  next->attempt = run->attempt + 1;
  next->initiator = enums::CONTINUE_AS_NEW_INITIATOR_RETRY;
  next->continued_failure = failure;
  if (event.has_workflow_execution_failed_event_attributes())
    event.mutable_workflow_execution_failed_event_attributes()->set_new_execution_run_id(
        next->run_id);
  else
    event.mutable_workflow_execution_timed_out_event_attributes()->set_new_execution_run_id(
        next->run_id);
  return true;
}

void Simulator::close(const RunPtr& run, enums::WorkflowExecutionStatus status,
                      HistoryEvent event) {
  run->status = status;
  run->closed = clock_.now();
  // The numbers of the last events are those of their attributes' fields but for some: by name.
  event.set_event_id(++run->events);
  *event.mutable_event_time() = to_proto(clock_.now());
  switch (status) {
    case enums::WORKFLOW_EXECUTION_STATUS_COMPLETED:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED);
      break;
    case enums::WORKFLOW_EXECUTION_STATUS_FAILED:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_FAILED);
      break;
    case enums::WORKFLOW_EXECUTION_STATUS_CANCELED:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED);
      break;
    case enums::WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT);
      break;
    case enums::WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW);
      break;
    default:
      event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED);
  }
  run->close_event = std::move(event);
  run->jobs.clear();
  clock_.cancel(run->begin_due);
  clock_.cancel(run->run_due);
  for (auto& [seq, timer] : run->timers) clock_.cancel(timer);
  run->timers.clear();
  end_activities(run);
  end_updates(*run);
  for (const auto& [seq, child] : std::exchange(run->children, {})) {
    auto other = current(child.workflow_id);
    if (!other || !other->open() || !other->parent || other->parent->run.lock() != run) continue;
    if (other->parent->policy == core_child::PARENT_CLOSE_POLICY_REQUEST_CANCEL)
      request_cancel(other, "the parent closed");
    else if (other->parent->policy != core_child::PARENT_CLOSE_POLICY_ABANDON)
      terminate(other, "by parent close policy", "simulator");
  }
  tell_parent(run);
  closed_.push_back(run->run_id);
  forget_old();
}

// Those it had accepted fail, as on the server; the others find no workflow.
void Simulator::end_updates(Run& run) {
  for (auto& [id, update] : run.updates) {
    if (update.outcome || !update.accepted) continue;
    auto& failure = *update.outcome.emplace().mutable_failure();
    failure.set_message(
        "Workflow Update failed because the Workflow completed before the Update completed.");
    auto& info = *failure.mutable_application_failure_info();
    info.set_type("AcceptedUpdateCompletedWorkflow");
    info.set_non_retryable(true);
  }
}

void Simulator::tell_parent(const RunPtr& run) {
  if (!run->parent) return;
  auto parent = run->parent->run.lock();
  if (!parent || !parent->open()) return;
  auto child = parent->children.extract(run->parent->seq);
  if (!child || child.mapped().resolved) return;
  Job job;
  auto& resolved = *job.mutable_resolve_child_workflow_execution();
  resolved.set_seq(run->parent->seq);
  *resolved.mutable_result() = result_for_parent(*run);
  add_job(parent, std::move(job));
}

void Simulator::forget_old() {
  if (closed_.size() > kMostAnswering)
    if (auto run = runs_.find(closed_[closed_.size() - 1 - kMostAnswering]); run != runs_.end())
      run->second->instance = nullptr;
  if (closed_.size() <= kMostClosed) return;
  if (auto run = runs_.extract(closed_.front())) {
    auto latest = latest_.find(run.mapped()->id());
    if (latest != latest_.end() && latest->second == run.mapped()) latest_.erase(latest);
  }
  closed_.pop_front();
}

}  // namespace temporal::testing
