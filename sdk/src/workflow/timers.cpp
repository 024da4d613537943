#include <algorithm>

#include "workflow/run.h"

namespace temporal {
namespace detail {

std::uint32_t Run::start_timer(std::chrono::milliseconds duration, const std::string& summary) {
  auto& made_command = command();
  auto& timer = *made_command.mutable_start_timer();
  timer.set_seq(++timers);
  // The server refuses zero; the other SDKs make it 1 ms too.
  *timer.mutable_start_to_fire_timeout() = to_proto(std::max(duration, 1ms));
  set_summary(made_command, summary);
  return timers;
}

void Run::cancel_timer(std::uint32_t seq) {
  if (pending_timers.erase(seq)) command().mutable_cancel_timer()->set_seq(seq);
}

void Run::fire(std::uint32_t seq) {
  auto timer = pending_timers.extract(seq);
  if (!timer)
    throw Nondeterminism("a timer fired that was not started, number " + std::to_string(seq));
  if (auto local = backing_off.extract(seq))
    return schedule_local_activity(std::move(local.mapped()));
  if (timer.mapped().sleep) return timer.mapped().sleep->settle(Value());
  if (auto condition = timer.mapped().condition.lock()) condition->settle(Value::local(false));
}

workflow::Future<void> Outbound::start_timer(workflow::TimerInput in) {
  if (in.duration < 0ms) throw std::invalid_argument("workflow::sleep: the duration is negative");
  auto state = std::make_shared<FutureState>();
  if (run_.dead) return workflow::Future<void>(std::move(state));
  auto scope = run_.scope_for_command("workflow::sleep");
  if (!run_.refused(scope, state)) {
    auto seq = run_.start_timer(in.duration, in.options.summary);
    run_.pending_timers[seq].sleep = state;
    state->command = {CommandId::Kind::timer, seq};
    scope->add(state);
  }
  return workflow::Future<void>(std::move(state));
}

State Run::wait_until(std::move_only_function<bool()> predicate,
                      std::optional<std::chrono::milliseconds> timeout,
                      const std::string& summary) {
  if (timeout && *timeout < 0ms)
    throw std::invalid_argument("workflow::wait_until: the timeout is negative");
  auto state = std::make_shared<ConditionState>();
  if (dead) return state;
  auto scope = scope_for_command("workflow::wait_until");
  if (refused(scope, state)) return state;
  bool already = false;
  {
    ReadOnly guard(*this);
    already = predicate();
  }
  if (already) return state->settle(Value::local(true)), state;
  if (timeout) {
    state->timer = start_timer(*timeout, summary);
    pending_timers[state->timer].condition = state;
  }
  // It may point into the frame that waits, so it lives and dies with the Future.
  state->predicate = std::move(predicate);
  state->command = {CommandId::Kind::condition, state->timer};
  conditions.push_back(state);
  scope->add(state);
  return state;
}

bool Run::resume_one_condition() {
  std::erase_if(conditions, [](auto& w) {
    auto s = w.lock();
    return !s || s->settled();
  });
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    auto state = conditions[i].lock();
    if (!state) continue;
    {
      ReadOnly guard(*this);
      if (!state->predicate()) continue;
    }
    if (state->timer) cancel_timer(state->timer);
    state->settle(Value::local(true));
    return true;
  }
  return false;
}

}  // namespace detail

namespace workflow {

Future<void> sleep(milliseconds duration, TimerOptions options) {
  return detail::current_run().outbound->start_timer({duration, std::move(options)});
}
Future<void> wait_until(std::move_only_function<bool()> predicate) {
  return Future<void>(detail::current_run().wait_until(std::move(predicate), {}, {}));
}
Future<bool> wait_until(std::move_only_function<bool()> predicate, milliseconds timeout,
                        TimerOptions options) {
  return Future<bool>(
      detail::current_run().wait_until(std::move(predicate), timeout, options.summary));
}
std::chrono::system_clock::time_point now() {
  return detail::current_run().time;
}

}  // namespace workflow
}  // namespace temporal
