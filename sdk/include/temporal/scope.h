// Scopes: what a cancellation reaches.
//
//   workflow::Scope steps;                            // a child of the scope current here
//   co_await workflow::in_scope(steps, forward(in));  // all it awaits and spawns is in the scope too
//   …
//   steps.cancel("the customer changed their mind");  // from a handler, say
//
// A Scope is a node of a tree whose root is cancelled by a cancel request from outside, unless the
// definition observes those instead (workflow::observe). A coroutine inherits the scope of who awaits
// or spawns it, through all suspensions; a command belongs to the scope current at the call. Each of
// run and the handlers has a scope of its own under the root.
//
// Cancelling goes through the scope's own commands in the order of their calls, then through its
// children. A Future whose command was cancelled settles with CanceledFailure, an activity's or
// child's with one as its cause, at once or once it has ended (its cancellation_type). In a cancelled
// scope a call makes no command: its Future is settled with CanceledFailure from the start.
//
// What must not be cancelled, as a compensation, is shielded: co_await workflow::shielded(undo()).
//
// A scope may also be an event group: what its commands leave in the history is shown as one by the UI.
//
//   auto parcel = workflow::event_group("parcel 2 of 3");
//   co_await workflow::in_scope(parcel, ship(two));
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "temporal/task.h"

namespace temporal {
namespace tracing {
struct SpanContext;
}
namespace workflow {
struct UpdateInfo;
}
namespace detail {

struct EventGroup {
  std::string id = {};  // the SDK's own, unique in the run
  std::string label = {};
  std::shared_ptr<const EventGroup> outer = {};
};

struct ScopeState : std::enable_shared_from_this<ScopeState> {
  std::shared_ptr<ScopeState> parent = {};       // kept alive, so that a request finds its way down
  std::optional<std::string> canceled = {};      // the reason
  std::shared_ptr<const EventGroup> group = {};  // the innermost
  std::shared_ptr<const workflow::UpdateInfo> update = {};  // of the handler that it is of
  std::vector<std::weak_ptr<ScopeState>> children = {};
  std::vector<std::weak_ptr<FutureState>> pending = {};
  std::shared_ptr<const tracing::SpanContext> span = {};  // temporal/tracing.h
  std::size_t children_swept = 16, pending_swept = 16;    // sizes at which the expired are dropped

  void cancel(const std::string& reason);
  std::shared_ptr<ScopeState> child();
  void add(const State& state);
};

std::shared_ptr<ScopeState> apart();  // of no parent, but in the current event group
void check_may_spawn();
void spawn(std::coroutine_handle<> frame, PromiseBase& promise, const State& state);
bool evicting();

}  // namespace detail

namespace workflow {

class Scope {  // a copy names the same node
 public:
  Scope();  // a child of the scope current at the call
  explicit Scope(std::shared_ptr<detail::ScopeState> s) : state_(std::move(s)) {}
  // Again: nothing. Not in a query, validator or condition: std::logic_error.
  void cancel(std::string reason = {});
  bool canceled() const { return state_->canceled.has_value(); }
  const auto& shared() const { return state_; }  // for the SDK's own parts

 private:
  std::shared_ptr<detail::ScopeState> state_;
};

// Places a Task that has not begun. Of nested placements the innermost wins.
template <class T>
[[clang::coro_wrapper]] Task<T> in_scope(Scope scope, Task<T> task [[clang::lifetimebound]]) {
  if (!task.promise().scope) task.promise().scope = scope.shared();
  return task;
}
// Where no cancellation reaches, not even that of the run.
template <class T>
[[clang::coro_wrapper]] Task<T> shielded(Task<T> task [[clang::lifetimebound]]) {
  return in_scope(Scope(detail::apart()), std::move(task));
}

// A child of the scope current at the call whose commands, and those of the scopes under it, form a
// group with this label: one line, at most 400 bytes. Groups nest. Two with one label are two groups; a
// copy of the Scope names the same one. Labels stand in the history as payloads do, so a codec encodes
// them.
Scope event_group(std::string label);

// Starts a Task beside the caller: it runs up to its first suspension before spawn returns. Its result
// need not be data. A TemporalFailure settles the Future; anything else is a bug and fails the
// workflow task at once, even if the Future was dropped.
template <class T>
Future<T> spawn(Task<T> task [[clang::lifetimebound]]) {
  auto state = std::make_shared<detail::FutureState>();
  if (detail::evicting()) return Future<T>(std::move(state));
  detail::check_may_spawn();  // throws while the Task still owns its frame
  auto& promise = task.promise();
  detail::spawn(task.release(), promise, state);
  return Future<T>(std::move(state));
}
// The same of a callable that returns a Task, as a lambda: its coroutine points into the closure, so
// the closure is kept.
template <class F>
  requires detail::is_task<std::invoke_result_t<F&>>
auto spawn(F f) {
  return spawn([](F kept) -> std::invoke_result_t<F&> { co_return co_await kept(); }(std::move(f)));
}

}  // namespace workflow
}  // namespace temporal
