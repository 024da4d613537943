// What there is to say of runs: describe, list, count; and why one stands still.
#include <utility>

#include "data/proto.h"
#include "testing/requests.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

using temporal::detail::to_proto;
using WorkflowInfo = temporal::api::workflow::v1::WorkflowExecutionInfo;
using PendingActivityInfo = temporal::api::workflow::v1::PendingActivityInfo;

WorkflowInfo info_of(const Run& run) {
  WorkflowInfo info;
  info.mutable_execution()->set_workflow_id(run.id());
  info.mutable_execution()->set_run_id(run.run_id);
  info.mutable_type()->set_name(run.type());
  *info.mutable_start_time() = to_proto(run.started);
  *info.mutable_execution_time() = to_proto(run.execution_began);
  if (!run.open()) *info.mutable_close_time() = to_proto(run.closed);
  info.set_status(run.status);
  info.set_history_length(run.events);
  info.set_state_transition_count(run.events);
  if (run.parent)
    if (auto parent = run.parent->run.lock()) {
      info.mutable_parent_execution()->set_workflow_id(parent->id());
      info.mutable_parent_execution()->set_run_id(parent->run_id);
    }
  if (run.root) {
    *info.mutable_root_execution() = *run.root;
  } else {
    info.mutable_root_execution()->set_workflow_id(run.id());
    info.mutable_root_execution()->set_run_id(run.run_id);
  }
  *info.mutable_memo() = run.start.memo();
  *info.mutable_search_attributes() = run.start.search_attributes();
  info.set_task_queue(run.task_queue());
  info.set_first_run_id(run.first_run_id);
  if (run.start.has_priority()) *info.mutable_priority() = run.start.priority();
  return info;
}

PendingActivityInfo info_of(const Activity& activity) {
  PendingActivityInfo info;
  const auto& task = activity.task;
  info.set_activity_id(task.activity_id());
  info.mutable_activity_type()->set_name(activity.type());
  const bool out =
      activity.state == Activity::State::running || activity.state == Activity::State::elsewhere;
  info.set_state(activity.cancel_requested ? enums::PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
                 : out                     ? enums::PENDING_ACTIVITY_STATE_STARTED
                                           : enums::PENDING_ACTIVITY_STATE_SCHEDULED);
  *info.mutable_heartbeat_details()->mutable_payloads() = task.heartbeat_details();
  info.set_attempt(static_cast<int>(task.attempt()));
  info.set_maximum_attempts(task.retry_policy().maximum_attempts());
  *info.mutable_scheduled_time() = task.scheduled_time();
  if (out) *info.mutable_last_started_time() = task.started_time();
  if (activity.last_failure) *info.mutable_last_failure() = *activity.last_failure;
  return info;
}

std::string listed(const std::vector<std::string>& things) {
  std::string all;
  for (std::size_t i = 0; i < things.size(); ++i)
    all += (i == 0 ? "" : i + 1 == things.size() ? " and " : ", ") + things[i];
  return all;
}

void refuse_filter(const std::string& query) {
  if (!query.empty())
    refuse(RpcCode::unimplemented, "the simulator has no list filters (\"" + query +
                                       "\"); Environment::time_skipping() and existing() have");
}

}  // namespace

Ask Simulator::describe(service::DescribeWorkflowExecutionRequest request) {
  auto run = required(request.execution().workflow_id(), request.execution().run_id());
  return {.answer = [run] {
    service::DescribeWorkflowExecutionResponse response;
    *response.mutable_workflow_execution_info() = info_of(*run);
    auto& config = *response.mutable_execution_config();
    const auto& start = run->start;
    *config.mutable_task_queue() = start.task_queue();
    *config.mutable_workflow_execution_timeout() = start.workflow_execution_timeout();
    *config.mutable_workflow_run_timeout() = start.workflow_run_timeout();
    *config.mutable_default_workflow_task_timeout() = start.workflow_task_timeout();
    *config.mutable_user_metadata() = start.user_metadata();
    for (const auto& [seq, activity] : run->activities)
      *response.add_pending_activities() = info_of(*activity);
    for (const auto& [seq, child] : run->children) {
      auto& pending = *response.add_pending_children();
      pending.set_workflow_id(child.workflow_id);
      pending.set_run_id(child.run_id);
      pending.set_workflow_type_name(child.type);
    }
    response.mutable_workflow_extended_info()->set_cancel_requested(run->cancel_requested);
    return std::optional<Answer>(response.SerializeAsString());
  }};
}

// All of them, the newest first.
Ask Simulator::list(service::ListWorkflowExecutionsRequest request) {
  refuse_filter(request.query());
  return {.answer = [this] {
    service::ListWorkflowExecutionsResponse response;
    for (auto i = runs_.rbegin(); i != runs_.rend(); ++i)
      *response.add_executions() = info_of(*i->second);
    return std::optional<Answer>(response.SerializeAsString());
  }};
}

Ask Simulator::count(service::CountWorkflowExecutionsRequest request) {
  refuse_filter(request.query());
  return {.answer = [this] {
    service::CountWorkflowExecutionsResponse response;
    response.set_count(static_cast<std::int64_t>(runs_.size()));
    return std::optional<Answer>(response.SerializeAsString());
  }};
}

std::string Simulator::waits_for(const Activity& activity) const {
  auto text =
      "activity " + activity.type() + " (attempt " + std::to_string(activity.task.attempt()) + ")";
  switch (activity.state) {
    case Activity::State::elsewhere:
      return text + ", which said complete_later() and was not completed";
    case Activity::State::running:
      return text +
             ", which has not returned (time stands still while it runs; activity::sleep lets it "
             "pass)";
    case Activity::State::backing_off:
      return text + ", which is tried again after: " +
             (activity.last_failure ? activity.last_failure->message() : "");
    case Activity::State::queued:
      break;
  }
  return text + ", which waits for a worker with activities on task queue \"" +
         activity.task_queue + "\"";
}

std::string Simulator::waits_for(const RunPtr& run) {
  const auto name = sentence(*run);
  if (!run->open()) return name + " has ended, and what was asked of it never comes";
  if (!run->no_worker.empty()) return name + " waits for " + run->no_worker;
  std::vector<std::string> things;
  for (const auto& [seq, activity] : run->activities) things.push_back(waits_for(*activity));
  std::string children;
  for (const auto& [seq, child] : run->children) {
    if (child.resolved) continue;
    things.push_back("child workflow " + child.workflow_id + " (" + child.type + ")");
    auto other = current(child.workflow_id);
    if (!other) continue;
    children += "; " + (other->task_failure.empty()
                            ? waits_for(other)
                            : "the task of that child fails: " + other->task_failure);
  }
  if (!run->timers.empty()) things.emplace_back("a timer");
  if (things.empty())
    things.emplace_back(
        "a signal, an update or a cancel request, or a condition that one of them makes true");
  return name + " waits for " + listed(things) + children + stack_trace(run);
}

// Where it awaits, from those SDK versions that tell.
std::string Simulator::stack_trace(const RunPtr& run) {
  try {
    auto result = answer_query(run, "__stack_trace", {}, {});
    if (result && result->has_succeeded())
      return ". It awaits:\n" + result->succeeded().response().data();
  } catch (const RpcError&) {  // NOLINT(bugprone-empty-catch): then nothing is said
  }
  return {};
}

}  // namespace temporal::testing
