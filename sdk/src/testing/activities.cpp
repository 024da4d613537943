// Activities: attempts, retries, timeouts and cancellation, as the server and Core have them.
#include <temporal/sdk/core/core_interface.pb.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "data/proto.h"
#include "testing/retry.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

using coresdk::activity_result::ActivityExecutionResult;
using coresdk::activity_result::ActivityResolution;
using std::chrono::milliseconds;
using temporal::detail::from_proto, temporal::detail::to_proto;
namespace activity_task = coresdk::activity_task;

constexpr milliseconds kNone(0);
// A local activity that waits longer for its next attempt waits by a timer of the workflow.
constexpr milliseconds kLocalRetryThreshold = std::chrono::minutes(1);

std::string token_of(const std::string& run_id, std::uint32_t seq, std::uint32_t attempt) {
  return run_id + "/" + std::to_string(seq) + "/" + std::to_string(attempt);
}

const char* name_of(enums::TimeoutType type) {
  switch (type) {
    case enums::TIMEOUT_TYPE_SCHEDULE_TO_CLOSE:
      return "ScheduleToClose";
    case enums::TIMEOUT_TYPE_SCHEDULE_TO_START:
      return "ScheduleToStart";
    case enums::TIMEOUT_TYPE_HEARTBEAT:
      return "Heartbeat";
    default:
      return "StartToClose";
  }
}

ProtoFailure timeout_failure(const Activity& activity, enums::TimeoutType type) {
  ProtoFailure failure;
  failure.set_message(std::string("activity ") + name_of(type) + " timeout");
  auto& info = *failure.mutable_timeout_failure_info();
  info.set_timeout_type(type);
  *info.mutable_last_heartbeat_details()->mutable_payloads() = activity.task.heartbeat_details();
  if (activity.last_failure && type != enums::TIMEOUT_TYPE_HEARTBEAT)
    *failure.mutable_cause() = *activity.last_failure;
  return failure;
}

ProtoFailure activity_failure(const Activity& activity, const char* message, ProtoFailure cause,
                              enums::RetryState state) {
  ProtoFailure failure;
  failure.set_message(message);
  auto& info = *failure.mutable_activity_failure_info();
  info.mutable_activity_type()->set_name(activity.type());
  info.set_activity_id(activity.task.activity_id());
  info.set_identity("simulator");
  info.set_retry_state(state);
  *failure.mutable_cause() = std::move(cause);
  return failure;
}

ActivityResolution canceled(const Activity& activity, const ProtoPayloads& details) {
  ActivityResolution resolution;
  ProtoFailure cause;
  cause.set_message(activity.task.is_local() ? "Local Activity cancelled" : "");
  *cause.mutable_canceled_failure_info()->mutable_details() = details;
  *resolution.mutable_cancelled()->mutable_failure() = activity_failure(
      activity, "Activity cancelled", std::move(cause), enums::RETRY_STATE_CANCEL_REQUESTED);
  return resolution;
}

ActivityResolution failed(const Activity& activity, const ProtoFailure& failure,
                          enums::RetryState state) {
  ActivityResolution resolution;
  const bool timed_out = failure.has_timeout_failure_info();
  auto& out = *resolution.mutable_failed()->mutable_failure();
  if (activity.task.is_local() && !timed_out)
    out = failure;  // the instance says which activity it was
  else
    out = activity_failure(activity, timed_out ? "Activity task timed out" : "Activity task failed",
                           failure, state);
  return resolution;
}

}  // namespace

template <class Schedule>
void Simulator::schedule(const RunPtr& run, const Schedule& command, bool local) {
  auto activity = std::make_shared<Activity>();
  auto& task = activity->task;
  task.set_workflow_namespace(options_.client.name_space);
  task.set_workflow_type(run->type());
  task.mutable_workflow_execution()->set_workflow_id(run->id());
  task.mutable_workflow_execution()->set_run_id(run->run_id);
  task.set_activity_id(command.activity_id());
  task.set_activity_type(command.activity_type());
  *task.mutable_header_fields() = command.headers();
  *task.mutable_input() = command.arguments();
  *task.mutable_scheduled_time() = to_proto(clock_.now());
  task.set_attempt(1);
  task.set_is_local(local);
  *task.mutable_schedule_to_close_timeout() = command.schedule_to_close_timeout();
  *task.mutable_start_to_close_timeout() = command.has_start_to_close_timeout()
                                               ? command.start_to_close_timeout()
                                               : command.schedule_to_close_timeout();
  *task.mutable_retry_policy() = with_defaults(command.retry_policy());
  activity->seq = command.seq();
  activity->cancellation = command.cancellation_type();
  activity->schedule_to_start = from_proto(command.schedule_to_start_timeout());
  if constexpr (std::is_same_v<Schedule, commands::ScheduleLocalActivity>) {
    activity->task_queue = run->task_queue();
    if (command.attempt() > 1) {
      task.set_attempt(command.attempt());
      *task.mutable_scheduled_time() = command.original_schedule_time();
    }
    activity->local_retry_threshold = command.has_local_retry_threshold()
                                          ? from_proto(command.local_retry_threshold())
                                          : kLocalRetryThreshold;
  } else {
    activity->task_queue = command.task_queue();
    *task.mutable_heartbeat_timeout() = command.heartbeat_timeout();
    if (command.has_priority()) *task.mutable_priority() = command.priority();
  }
  run->activities[activity->seq] = activity;
  auto times_out = [&](milliseconds limit, enums::TimeoutType type) -> VirtualClock::Id {
    if (limit <= kNone) return 0;
    return clock_.at(from_proto(task.scheduled_time()) + limit,
                     [this, run, activity, type] { attempt_timed_out(run, activity, type); });
  };
  activity->schedule_to_close_due = times_out(from_proto(command.schedule_to_close_timeout()),
                                              enums::TIMEOUT_TYPE_SCHEDULE_TO_CLOSE);
  activity->schedule_to_start_due =
      times_out(activity->schedule_to_start, enums::TIMEOUT_TYPE_SCHEDULE_TO_START);
  queue_attempt(run, activity);
}
template void Simulator::schedule(const RunPtr&, const commands::ScheduleActivity&, bool);
template void Simulator::schedule(const RunPtr&, const commands::ScheduleLocalActivity&, bool);

void Simulator::queue_attempt(const RunPtr& run, const ActivityPtr& activity) {
  activity->retry_due = 0;
  activity->state = Activity::State::queued;
  *activity->task.mutable_current_attempt_scheduled_time() = to_proto(clock_.now());
  to_start_.emplace_back(run, activity);
}

// Starts the next one. False: there is none; without a worker it waits for one.
bool Simulator::start_attempt() {
  auto [run, activity] = std::move(to_start_.front());
  to_start_.pop_front();
  if (!run->activities.contains(activity->seq)) return true;
  auto& task = activity->task;
  const auto* host = task.is_local() ? host_of_workflows(activity->task_queue)
                                     : host_of_activities(activity->task_queue);
  if (!host) return true;  // run->activities has it
  clock_.cancel(activity->schedule_to_start_due);
  *task.mutable_started_time() = to_proto(clock_.now());
  activity->state = Activity::State::running;
  if (auto limit = from_proto(task.start_to_close_timeout()); limit > kNone)
    activity->start_to_close_due = clock_.after(limit, [this, run, activity] {
      attempt_timed_out(run, activity, enums::TIMEOUT_TYPE_START_TO_CLOSE);
    });
  const auto token = token_of(run->run_id, activity->seq, task.attempt());
  heartbeat(run, activity, {});  // from now on
  const auto& runtime = *options_.client.runtime;
  auto timers =
      std::make_shared<VirtualTimers>(clock_, [this](auto work) { loop_.post(std::move(work)); });
  activity->attempt = std::make_shared<Attempt>(
      temporal::detail::ActivityTasksOptions{
          .registry = host->registry,
          .task_queue = activity->task_queue,
          .converter = options_.client.data_converter,
          .logger = runtime.logger("activity"),
          .executor = host->executor ? host->executor : runtime.executor(),
          .interceptors = host->activity_interceptors},
      std::move(timers),
      Attempt::Reports{.completed =
                           [this, token](std::string completion) {
                             loop_.post(
                                 [this, token, c = std::move(completion)] { completed(token, c); });
                           },
                       .heartbeat =
                           [this, token](std::string bytes) {
                             loop_.post([this, token, bytes = std::move(bytes)] {
                               coresdk::ActivityHeartbeat beat;
                               if (!beat.ParseFromString(bytes)) return;
                               ProtoPayloads details;
                               *details.mutable_payloads() = std::move(*beat.mutable_details());
                               auto [of, beating] = by_token(token);
                               if (beating) heartbeat(of, beating, details);
                             });
                           }});
  attempts_[token] = activity->attempt;
  activity->attempt->start(token, task);
  return true;
}

void Simulator::completed(const std::string& token, const std::string& bytes) {
  auto attempt = attempts_.extract(token);  // ends here, when its last thread has
  if (!attempt) return;
  attempt.mapped()->end();
  coresdk::ActivityTaskCompletion completion;
  auto [run, activity] = by_token(token);
  if (!activity || activity->attempt != attempt.mapped() || !completion.ParseFromString(bytes))
    return;  // nobody waits for it any longer
  activity->attempt = nullptr;
  if (completion.result().has_will_complete_async())
    activity->state = Activity::State::elsewhere;
  else
    finish_attempt(run, activity, completion.result());
}

void Simulator::finish_attempt(const RunPtr& run, const ActivityPtr& activity,
                               const ActivityExecutionResult& result) {
  clock_.cancel(activity->start_to_close_due);
  clock_.cancel(activity->heartbeat_due);
  if (result.has_completed()) {
    ActivityResolution resolution;
    *resolution.mutable_completed() = result.completed();
    return resolve(run, activity, std::move(resolution));
  }
  if (result.has_failed()) return attempt_failed(run, activity, result.failed().failure());
  const auto& failure = result.cancelled().failure();
  if (!activity->cancel_requested) return attempt_failed(run, activity, failure);
  resolve(run, activity, canceled(*activity, failure.canceled_failure_info().details()));
}

void Simulator::attempt_failed(const RunPtr& run, const ActivityPtr& activity,
                               const ProtoFailure& failure) {
  auto& task = activity->task;
  std::optional<milliseconds> left;
  if (auto limit = from_proto(task.schedule_to_close_timeout()); limit > kNone)
    left = std::chrono::duration_cast<milliseconds>(from_proto(task.scheduled_time()) + limit -
                                                    clock_.now());
  auto how = retry_after(task.retry_policy(), static_cast<int>(task.attempt()), failure, left);
  if (how.after && activity->cancel_requested) how = {.state = enums::RETRY_STATE_CANCEL_REQUESTED};
  if (!how.after) return resolve(run, activity, failed(*activity, failure, how.state));
  activity->last_failure = failure;
  if (task.is_local() && *how.after > activity->local_retry_threshold) {
    ActivityResolution resolution;
    auto& backoff = *resolution.mutable_backoff();
    backoff.set_attempt(task.attempt() + 1);
    *backoff.mutable_backoff_duration() = to_proto(*how.after);
    *backoff.mutable_original_schedule_time() = task.scheduled_time();
    return resolve(run, activity, std::move(resolution));
  }
  task.set_attempt(task.attempt() + 1);
  activity->state = Activity::State::backing_off;
  activity->retry_due =
      clock_.after(*how.after, [this, run, activity] { queue_attempt(run, activity); });
}

void Simulator::attempt_timed_out(const RunPtr& run, const ActivityPtr& activity,
                                  enums::TimeoutType type) {
  auto failure = timeout_failure(*activity, type);
  forget_attempt(activity, activity_task::TIMED_OUT);
  const bool again =
      type == enums::TIMEOUT_TYPE_START_TO_CLOSE || type == enums::TIMEOUT_TYPE_HEARTBEAT;
  clock_.cancel(activity->start_to_close_due);
  clock_.cancel(activity->heartbeat_due);
  if (again) return attempt_failed(run, activity, failure);
  resolve(run, activity, failed(*activity, failure, enums::RETRY_STATE_TIMEOUT));
}

void Simulator::request_cancel(const RunPtr& run, std::uint32_t seq) {
  auto found = run->activities.find(seq);
  if (found == run->activities.end()) return;
  auto activity = found->second;
  if (activity->cancellation == commands::ABANDON) {  // goes on, for nobody
    activity->attempt = nullptr;
    return resolve(run, activity, canceled(*activity, {}));
  }
  activity->cancel_requested = true;
  const bool out =
      activity->state == Activity::State::running || activity->state == Activity::State::elsewhere;
  if (activity->cancellation == commands::WAIT_CANCELLATION_COMPLETED && out) {
    if (activity->attempt) activity->attempt->cancel(activity_task::CANCELLED);
    return;
  }
  forget_attempt(activity, activity_task::CANCELLED);
  resolve(run, activity, canceled(*activity, {}));
}

void Simulator::resolve(const RunPtr& run, const ActivityPtr& activity,
                        ActivityResolution resolution) {
  clear_due(*activity);
  if (!run->activities.erase(activity->seq)) return;
  Job job;
  auto& resolved = *job.mutable_resolve_activity();
  resolved.set_seq(activity->seq);
  resolved.set_is_local(activity->task.is_local());
  *resolved.mutable_result() = std::move(resolution);
  add_job(run, std::move(job));
}

void Simulator::clear_due(Activity& activity) {
  for (auto* due : {&activity.schedule_to_close_due, &activity.schedule_to_start_due,
                    &activity.start_to_close_due, &activity.heartbeat_due, &activity.retry_due})
    clock_.cancel(*due);
}

// It may go on; what it comes to counts for nothing.
void Simulator::forget_attempt(const ActivityPtr& activity,
                               activity_task::ActivityCancelReason reason) {
  if (auto attempt = std::exchange(activity->attempt, nullptr)) attempt->cancel(reason);
}

void Simulator::end_activities(const RunPtr& run) {
  for (auto& [seq, activity] : std::exchange(run->activities, {})) {
    clear_due(*activity);
    forget_attempt(activity, activity_task::NOT_FOUND);
  }
}

void Simulator::heartbeat(const RunPtr& run, const ActivityPtr& activity,
                          const ProtoPayloads& details) {
  if (!details.payloads().empty()) *activity->task.mutable_heartbeat_details() = details.payloads();
  clock_.cancel(activity->heartbeat_due);
  if (auto limit = from_proto(activity->task.heartbeat_timeout()); limit > kNone)
    activity->heartbeat_due = clock_.after(limit, [this, run, activity] {
      attempt_timed_out(run, activity, enums::TIMEOUT_TYPE_HEARTBEAT);
    });
}

// Null where it was resolved, or tried again, meanwhile.
std::pair<RunPtr, ActivityPtr> Simulator::by_token(const std::string& token) const {
  const auto first = token.find('/');
  if (first == std::string::npos) return {};
  auto run = runs_.find(token.substr(0, first));
  std::uint32_t seq = 0;
  std::from_chars(token.data() + first + 1, token.data() + token.size(), seq);
  if (run == runs_.end()) return {};
  auto found = run->second->activities.find(seq);
  if (found == run->second->activities.end() ||
      token_of(run->first, seq, found->second->task.attempt()) != token)
    return {};
  return {run->second, found->second};
}

std::pair<RunPtr, ActivityPtr> Simulator::by_id(const std::string& workflow_id,
                                                const std::string& run_id,
                                                const std::string& activity_id) const {
  auto run = find(workflow_id, run_id);
  if (!run) return {};
  for (const auto& [seq, activity] : run->activities)
    if (activity->task.activity_id() == activity_id) return {run, activity};
  return {};
}

}  // namespace temporal::testing
