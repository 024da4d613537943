#include "temporal/scope.h"

#include <algorithm>

#include "workflow/run.h"

namespace temporal {
namespace detail {

std::shared_ptr<ScopeState> ScopeState::child() {
  auto c = std::make_shared<ScopeState>();
  c->parent = shared_from_this();
  c->canceled = canceled;
  c->group = group;
  c->update = update;
  if (children.size() >= children_swept) {
    std::erase_if(children, [](auto& w) { return w.expired(); });
    children_swept = 2 * children.size() + 16;
  }
  children.push_back(c);
  return c;
}

void ScopeState::add(const State& state) {
  if (pending.size() >= pending_swept) {
    std::erase_if(pending, [](auto& w) {
      auto p = w.lock();
      return !p || p->settled();
    });
    pending_swept = 2 * pending.size() + 16;
  }
  pending.push_back(state);
  state->scope = shared_from_this();
}

void ScopeState::cancel(const std::string& reason) {
  auto& run = current_run();
  if (run.dead) return;
  run.check_not_read_only("workflow::Scope::cancel");
  if (canceled) return;
  canceled = reason;
  for (auto& w : std::exchange(pending, {}))
    if (auto s = w.lock()) run.cancel_command(*s, reason);
  for (auto& w : std::exchange(children, {}))
    if (auto c = w.lock()) c->cancel(reason);
}

std::shared_ptr<ScopeState> apart() {
  auto scope = std::make_shared<ScopeState>();
  if (!workflow_is_running()) return scope;
  const auto& current = current_run().current_scope();
  scope->group = current.group;
  scope->update = current.update;
  return scope;
}

commands::WorkflowCommand& Run::command() {
  auto& command = *made->add_commands();
  if (options.keep_places) made_after.push_back(running ? running->at : last_at);
  add_event_groups(command, current_scope());
  return command;
}

// The outermost first. The label goes with each command: the one that brought it may never be sent.
void Run::add_event_groups(commands::WorkflowCommand& command, const ScopeState& scope) const {
  std::vector<const EventGroup*> groups;
  for (const auto* group = scope.group.get(); group; group = group->outer.get())
    groups.push_back(group);
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    auto& label = *command.add_event_group_markers()->mutable_label();
    label.set_id((*group)->id);
    encode(Value::of((*group)->label), label.mutable_label());
  }
}

std::shared_ptr<ScopeState> Run::scope_for_command(const char* what) const {
  check_not_read_only(what);
  return running ? running->scope : root;
}

// No throw, which would terminate in destructors; who awaits the Future sees the failure.
bool Run::refused(const std::shared_ptr<ScopeState>& scope, const State& state) const {
  if (!scope->canceled) return false;
  state->settle(Failure::canceled(*scope->canceled));
  return true;
}

// Core answers for activities, children and signals with a job; for timers it does not.
void Run::cancel_command(FutureState& state, const std::string& reason) {
  auto [kind, seq] = std::exchange(state.command, {});
  switch (kind) {
    case CommandId::Kind::none:
    case CommandId::Kind::cancel_external:
      return;
    case CommandId::Kind::timer:
    case CommandId::Kind::condition:
      if (seq) cancel_timer(seq);
      return state.settle(Failure::canceled(reason));
    case CommandId::Kind::local_backoff: {
      auto local = backing_off.extract(seq);
      cancel_timer(seq);
      return state.settle(of_local_activity(local.mapped(), Failure::canceled(reason)));
    }
    case CommandId::Kind::activity:
      return command().mutable_request_cancel_activity()->set_seq(seq);
    case CommandId::Kind::local_activity:
      return command().mutable_request_cancel_local_activity()->set_seq(seq);
    case CommandId::Kind::child:
      return cancel_child(seq, reason);
    case CommandId::Kind::signal:
      return command().mutable_cancel_signal_workflow()->set_seq(seq);
    case CommandId::Kind::nexus_operation:
      return command().mutable_request_cancel_nexus_operation()->set_seq(seq);
  }
}

}  // namespace detail

namespace workflow {

Scope::Scope() {
  auto& run = detail::current_run();
  state_ = (run.running ? run.running->scope : run.root)->child();
}
void Scope::cancel(std::string reason) {
  state_->cancel(reason);
}

Scope event_group(std::string label) {
  auto& run = detail::current_run();
  run.check_not_read_only("workflow::event_group");
  Scope scope;
  const auto& state = scope.shared();
  state->group = std::make_shared<const detail::EventGroup>(std::to_string(++run.event_groups),
                                                            std::move(label), state->group);
  return scope;
}

}  // namespace workflow
}  // namespace temporal
