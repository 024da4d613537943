// Activities and local activities. Both are resolved by ResolveActivity, so one counter numbers them.
#include "workflow/checks.h"
#include "workflow/run.h"

namespace temporal::detail {

namespace {

using workflow::ActivityCancellationType;

template <class Options>
void check_timeouts(const std::string& call, const Options& o) {
  check_not_negative(call, {{"start_to_close_timeout", o.start_to_close_timeout},
                            {"schedule_to_close_timeout", o.schedule_to_close_timeout},
                            {"schedule_to_start_timeout", o.schedule_to_start_timeout}});
  if (o.start_to_close_timeout == 0ms && o.schedule_to_close_timeout == 0ms)
    refuse(call, "set start_to_close_timeout or schedule_to_close_timeout");
}

void check_options(const std::string& activity, const workflow::LocalActivityOptions& o) {
  const auto call = "activity " + activity;
  check_timeouts(call, o);
  check_not_negative(call, {{"local_retry_threshold", o.local_retry_threshold}});
  if (o.retry_policy) check_retry_policy(call, *o.retry_policy);
}

commands::ActivityCancellationType to_core(ActivityCancellationType type) {
  switch (type) {
    case ActivityCancellationType::try_cancel:
      return commands::TRY_CANCEL;
    case ActivityCancellationType::wait_cancellation_completed:
      return commands::WAIT_CANCELLATION_COMPLETED;
    case ActivityCancellationType::abandon:
      return commands::ABANDON;
  }
  std::unreachable();
}

// What an activity and a local one have in common. Gives the context of its payloads.
template <class Input, class Schedule>
SerializationContext fill(const Run& run, const Input& in, std::uint32_t seq,
                          commands::WorkflowCommand& command, Schedule& schedule) {
  const auto& o = in.options;
  schedule.set_seq(seq);
  schedule.set_activity_id(o.activity_id.empty() ? std::to_string(seq) : o.activity_id);
  schedule.set_activity_type(in.name);
  auto context = run.context_of(command);
  to_proto(in.headers, schedule.mutable_headers());
  to_proto(in.args, run.options.converter, context, schedule.mutable_arguments());
  if (o.schedule_to_close_timeout > 0ms)
    *schedule.mutable_schedule_to_close_timeout() = to_proto(o.schedule_to_close_timeout);
  if (o.schedule_to_start_timeout > 0ms)
    *schedule.mutable_schedule_to_start_timeout() = to_proto(o.schedule_to_start_timeout);
  if (o.start_to_close_timeout > 0ms)
    *schedule.mutable_start_to_close_timeout() = to_proto(o.start_to_close_timeout);
  if (o.retry_policy) *schedule.mutable_retry_policy() = to_proto(*o.retry_policy);
  schedule.set_cancellation_type(to_core(o.cancellation_type));
  run.set_summary(command, o.summary);
  return context;
}

RetryState retry_state_of(const Failure& cause) {
  if (cause.kind() == FailureKind::canceled) return RetryState::cancel_requested;
  return cause.non_retryable() ? RetryState::non_retryable_failure : RetryState::unspecified;
}

}  // namespace

void check_options(const std::string& activity, const workflow::ActivityOptions& o) {
  const auto call = "activity " + activity;
  check_timeouts(call, o);
  check_not_negative(call, {{"heartbeat_timeout", o.heartbeat_timeout}});
}

workflow::Future<Value> Outbound::execute_activity(workflow::ActivityInput in) {
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<Value>(std::move(state));
  auto scope = run_.scope_for_command("workflow::execute_activity");
  check_options(in.name, in.options);
  if (run_.refused(scope, state)) return workflow::Future<Value>(std::move(state));

  const auto& o = in.options;
  const auto seq = ++run_.activities;
  auto& command = run_.command();
  auto& schedule = *command.mutable_schedule_activity();
  schedule.set_task_queue(o.task_queue.empty() ? run_.info.task_queue : o.task_queue);
  Activity activity{.state = state, .context = fill(run_, in, seq, command, schedule)};
  if (o.heartbeat_timeout > 0ms)
    *schedule.mutable_heartbeat_timeout() = to_proto(o.heartbeat_timeout);
  schedule.set_do_not_eagerly_execute(o.disable_eager_execution);
  schedule.set_versioning_intent(to_core(o.versioning_intent));
  if (o.priority != Priority()) *schedule.mutable_priority() = to_proto(o.priority);

  run_.pending_activities[seq] = std::move(activity);
  state->command = {CommandId::Kind::activity, seq};
  scope->add(state);
  return workflow::Future<Value>(std::move(state));
}

workflow::Future<Value> Outbound::execute_local_activity(workflow::LocalActivityInput in) {
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<Value>(std::move(state));
  auto scope = run_.scope_for_command("workflow::execute_local_activity");
  check_options(in.name, in.options);
  if (run_.refused(scope, state)) return workflow::Future<Value>(std::move(state));

  Activity local{.state = state, .again = std::make_unique<commands::WorkflowCommand>()};
  auto& schedule = *local.again->mutable_schedule_local_activity();
  local.context = fill(run_, in, run_.activities + 1, *local.again, schedule);
  schedule.set_attempt(1);
  if (in.options.local_retry_threshold > 0ms)
    *schedule.mutable_local_retry_threshold() = to_proto(in.options.local_retry_threshold);
  schedule.set_include_arguments_in_marker(in.options.include_arguments_in_marker);
  run_.add_event_groups(*local.again, *scope);
  scope->add(state);
  run_.schedule_local_activity(std::move(local));
  return workflow::Future<Value>(std::move(state));
}

// The first time, and again after each backoff that Core leaves to a timer.
void Run::schedule_local_activity(Activity local) {
  const auto seq = ++activities;
  local.again->mutable_schedule_local_activity()->set_seq(seq);
  command() = *local.again;
  local.state->command = {CommandId::Kind::local_activity, seq};
  pending_activities[seq] = std::move(local);
}

// Core says which activity it was of its timeouts and cancellations only.
Failure of_local_activity(const Activity& local, Failure cause) {
  if (cause.kind() == FailureKind::activity) return cause;
  const auto& schedule = local.again->schedule_local_activity();
  const bool canceled = cause.kind() == FailureKind::canceled;
  return Failure({.message = canceled ? "Local Activity cancelled" : "Local Activity failed",
                  .info = ActivityFailureInfo{.activity_type = schedule.activity_type(),
                                              .activity_id = schedule.activity_id(),
                                              .retry_state = retry_state_of(cause)},
                  .cause = std::make_shared<const Failure>(std::move(cause))});
}

void Run::resolve(const activation::ResolveActivity& job) {
  auto found = pending_activities.extract(job.seq());
  if (!found)
    throw Nondeterminism("an activity ended that was not scheduled, number " +
                         std::to_string(job.seq()));
  auto& activity = found.mapped();
  const auto& how = job.result();
  auto fail = [&](const api::failure::v1::Failure& f) {
    auto why = from_proto(f, options.converter, activity.context);
    activity.state->settle(activity.again ? of_local_activity(activity, std::move(why)) : why);
  };
  if (how.has_completed())
    return activity.state->settle(
        how.completed().has_result()
            ? from_proto(how.completed().result(), options.converter, activity.context)
            : Value());
  if (how.has_failed()) return fail(how.failed().failure());
  if (how.has_cancelled()) return fail(how.cancelled().failure());
  if (how.has_backoff() && activity.again) return back_off(std::move(activity), how.backoff());
  throw std::logic_error("an activity's resolution says neither completed, failed nor cancelled");
}

void Run::back_off(Activity local, const coresdk::activity_result::DoBackoff& how) {
  if (const auto& scope = local.state->scope; scope && scope->canceled)
    return local.state->settle(of_local_activity(local, Failure::canceled(*scope->canceled)));
  auto& schedule = *local.again->mutable_schedule_local_activity();
  schedule.set_attempt(how.attempt());
  *schedule.mutable_original_schedule_time() = how.original_schedule_time();
  const auto seq = start_timer(from_proto(how.backoff_duration()), {});
  *made->mutable_commands()->rbegin()->mutable_event_group_markers() =
      local.again->event_group_markers();
  pending_timers[seq] = {};
  local.state->command = {CommandId::Kind::local_backoff, seq};
  backing_off[seq] = std::move(local);
}

workflow::Future<Value> execute_activity(workflow::ActivityInput in) {
  return current_run().outbound->execute_activity(std::move(in));
}
workflow::Future<Value> execute_local_activity(workflow::LocalActivityInput in) {
  return current_run().outbound->execute_local_activity(std::move(in));
}

// As execute_activity, in the scope given, whatever the current one is.
workflow::Future<Value> execute_in(std::shared_ptr<ScopeState> scope, workflow::ActivityInput in) {
  auto& run = current_run();
  if (!run.running) return execute_activity(std::move(in));
  struct Swap {
    std::shared_ptr<ScopeState>& place;
    std::shared_ptr<ScopeState> other;
    Swap(std::shared_ptr<ScopeState>& p, std::shared_ptr<ScopeState> o)
        : place(p), other(std::move(o)) {
      place.swap(other);
    }
    ~Swap() { place.swap(other); }
    Swap(const Swap&) = delete;
    Swap& operator=(const Swap&) = delete;
  } swap(run.running->scope, std::move(scope));
  return execute_activity(std::move(in));
}

}  // namespace temporal::detail
