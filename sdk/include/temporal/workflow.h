// What a workflow calls, and how it is defined. Templates only pack and unpack; the rest is in
// instance.cpp.
#pragma once
#include <chrono>
#include <map>

#include "temporal/definition.h"
#include "temporal/task.h"

namespace temporal {

using Millis = std::chrono::milliseconds;

namespace workflow {

struct ActivityOptions {
  std::string task_queue = {};
  Millis start_to_close_timeout = {};     // unset: bounded by schedule_to_close_timeout alone
  Millis schedule_to_close_timeout = {};  // unset: without limit
};
struct ActivityInput {
  std::string name;
  ActivityOptions options;
  Headers headers;
  Values args;
};

// First listed is outermost. A call that makes a command returns a Future, never a Task: the
// command is recorded at the call.
class OutboundInterceptor {
 public:
  virtual ~OutboundInterceptor() = default;
  virtual Future<Value> execute_activity(ActivityInput in) {
    return next->execute_activity(std::move(in));
  }
  OutboundInterceptor* next = nullptr;
};

class Scope {  // a node of a tree; a copy names the same node
 public:
  Scope();  // a child of the scope current at the call
  explicit Scope(std::shared_ptr<detail::ScopeState> s) : state_(std::move(s)) {}
  void cancel(std::string reason);
  bool canceled() const { return state_->canceled.has_value(); }
  const auto& shared() const { return state_; }

 private:
  std::shared_ptr<detail::ScopeState> state_;
};

struct EndCanceled {
  std::string details;
};  // no std::exception: a catch of those lets it pass

}  // namespace workflow

namespace detail {
workflow::Future<Value> execute_activity(workflow::ActivityInput in);
workflow::Future<Value> execute_shielded(workflow::ActivityInput in);
void spawn(std::coroutine_handle<>, PromiseBase&, State);
bool evicting();
}  // namespace detail

namespace workflow {

template <class R, class... A>
Future<R> execute_activity(const ActivityType<R(A...)>& type, ActivityOptions options,
                           std::type_identity_t<A>... args) {
  return Future<R>::of(detail::execute_activity(
      {std::string(type.name), std::move(options), {}, {Value::of<A>(std::move(args))...}}));
}
Future<void> sleep(Millis);
Future<void> wait_until(std::move_only_function<bool()>);
Future<bool> wait_until(std::move_only_function<bool()>, Millis timeout);
Future<std::string> cancel_requested();

template <class T>
Future<T> spawn(Task<T> task [[clang::lifetimebound]]) {  // runs it up to its first suspension
  auto state = std::make_shared<detail::FutureState>();
  if (detail::evicting()) return Future<T>(state);
  auto& promise = task.promise();
  detail::spawn(task.release(), promise, state);
  return Future<T>(state);
}
// A lambda's coroutine points into its closure, so spawn keeps the closure itself in a frame.
template <class F>
  requires detail::is_task<std::invoke_result_t<F&>>
auto spawn(F f) {
  return spawn([](F kept) -> std::invoke_result_t<F&> { co_return co_await kept(); }(std::move(f)));
}
template <class T>
[[clang::coro_wrapper]] Task<T> in_scope(Scope scope, Task<T> task [[clang::lifetimebound]]) {
  if (!task.promise().scope) task.promise().scope = scope.shared();  // the innermost placement wins
  return task;
}
template <class T>
[[clang::coro_wrapper]] Task<T> shielded(Task<T> task [[clang::lifetimebound]]) {
  return in_scope(Scope(std::make_shared<detail::ScopeState>()), std::move(task));
}

template <class... T>
Select select(Future<T>&... f) {
  return {{f.shared()...}};
}
template <std::ranges::input_range R>
Select any(R& futures) {
  Select s;
  for (auto& f : futures) s.states.push_back(f.shared());
  return s;
}
template <class... T>
All<T...> all(Future<T>&... f) {
  return {{&f...}};
}

enum class CancelRequests { cancel_root, observe };
using enum CancelRequests;
struct DefinitionOptions {
  CancelRequests cancel_requests = cancel_root;
};

}  // namespace workflow

struct WorkflowDefinition {  // erased: what the instance runs
  struct Body {
    workflow::Task<Value> task;
  };  // std::function may not return a coro_return_type itself
  using Bind = std::function<Body(void*, const Values&, bool validate)>;
  std::string name;
  workflow::DefinitionOptions options;
  std::function<std::shared_ptr<void>(const Values&)> create;
  std::map<std::string, Bind> updates, signals;
  Bind run;
  std::map<std::string, std::function<Value(const void*, const Values&)>> queries;
};

namespace detail {

template <class R, class... A>
struct Caller {
  using Args = std::tuple<A...>;
  static Args decode(const Values& v) {
    if (v.size() != sizeof...(A))
      throw ConversionError(std::to_string(v.size()) + " arguments given, " +
                            std::to_string(sizeof...(A)) + " wanted");
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Args{v[I].template as<A>()...};
    }(std::index_sequence_for<A...>());
  }
  template <class C, class Fn, std::size_t... I>
  static workflow::Task<Value> run(C* self, Fn fn, Args args, std::index_sequence<I...>) {
    using Made = typename Member<Fn>::Result;
    if constexpr (is_task<Made> && std::is_void_v<R>) {
      co_await (self->*fn)(std::move(std::get<I>(args))...);
      co_return Value();
    } else if constexpr (is_task<Made>)
      co_return Value::of<R>(co_await (self->*fn)(std::move(std::get<I>(args))...));
    else
      co_return call(self, fn, args);
  }
  template <class C, class Fn>
  static Value call(C* self, Fn fn, Args& args) {
    return std::apply(
        [&](A&... a) {
          if constexpr (std::is_void_v<R>)
            return (self->*fn)(std::move(a)...), Value();
          else
            return Value::of<R>((self->*fn)(std::move(a)...));
        },
        args);
  }
  template <class C, class Fn>
  static WorkflowDefinition::Bind bind(Fn fn) {
    return [fn](void* self, const Values& v, bool) -> WorkflowDefinition::Body {
      return {run(static_cast<C*>(self), fn, decode(v), std::index_sequence_for<A...>())};
    };
  }
  template <class C, class Fn, class Check>
  static WorkflowDefinition::Bind bind(Fn fn, Check check) {
    return [fn, check](void* self, const Values& v, bool validate) -> WorkflowDefinition::Body {
      if (Args copy = decode(v); validate)
        Caller<void, A...>::call(static_cast<const C*>(self), check, copy);
      return {run(static_cast<C*>(self), fn, decode(v), std::index_sequence_for<A...>())};
    };
  }
};

}  // namespace detail

template <class C>
class DefinitionOf : public WorkflowDefinition {
 public:
  template <class R, class... A, class Fn>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, R(A...)>();
    updates[std::string(type.name)] = detail::Caller<R, A...>::template bind<C>(fn);
    return std::move(*this);
  }
  template <class R, class... A, class Fn, class Check>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn, Check check) && {
    detail::check_handler<Fn, R(A...)>();
    detail::check_handler<Check, void(A...)>();
    static_assert(detail::Member<Check>::is_const, "a validator changes nothing: declare it const");
    updates[std::string(type.name)] = detail::Caller<R, A...>::template bind<C>(fn, check);
    return std::move(*this);
  }
  template <class... A, class Fn>
  DefinitionOf signal(const SignalType<void(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, void(A...)>();
    signals[std::string(type.name)] = detail::Caller<void, A...>::template bind<C>(fn);
    return std::move(*this);
  }
  template <class R, class... A, class Fn>
  DefinitionOf query(const QueryType<R(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, R(A...)>();
    static_assert(detail::Member<Fn>::is_const, "a query changes nothing: declare it const");
    queries[std::string(type.name)] = [fn](const void* self, const Values& v) {
      auto args = detail::Caller<R, A...>::decode(v);
      return detail::Caller<R, A...>::call(static_cast<const C*>(self), fn, args);
    };
    return std::move(*this);
  }
};

template <class R, class... A, class Fn>
auto workflow_definition(const WorkflowType<R(A...)>& type, Fn run,
                         workflow::DefinitionOptions options = {}) {
  using C = typename detail::Member<Fn>::C;
  using Caller = detail::Caller<R, A...>;
  detail::check_handler<Fn, R(A...)>();
  static_assert(detail::is_task<typename detail::Member<Fn>::Result>,
                "run returns a workflow::Task");
  DefinitionOf<C> d;
  d.name = type.name;
  d.options = options;
  d.create = [](const Values& v) -> std::shared_ptr<void> {
    // An aggregate is never built of run's arguments: its first member would take them by accident.
    if constexpr (!std::is_aggregate_v<C> && std::is_constructible_v<C, A...>)
      return std::apply([](auto&&... a) { return std::make_shared<C>(std::move(a)...); },
                        Caller::decode(v));
    else
      return std::make_shared<C>();
  };
  d.run = Caller::template bind<C>(run);
  return d;
}

}  // namespace temporal
