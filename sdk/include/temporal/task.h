// Task, Future and Scope: the coroutine machinery of a workflow. No threads here.
#pragma once
#include <algorithm>
#include <coroutine>
#include <expected>
#include <functional>
#include <optional>
#include <ranges>
#include <span>
#include <variant>

#include "temporal/failure.h"
#include "temporal/value.h"

namespace temporal {
template <class T>
class Async;

namespace detail {

struct PromiseBase;
struct Run;
Run& current_run();                       // out of line, so never cached across a suspension
PromiseBase* running(PromiseBase* next);  // says who runs now; returns who ran before
void make_ready(std::coroutine_handle<>);

struct WaitFor;
struct Waiter {
  WaitFor* wait = nullptr;  // in the suspended frame
  std::coroutine_handle<> handle = {};
  bool queued = false;
};

struct FutureState {
  std::variant<std::monostate, Value, Failure, std::exception_ptr> result;  // the last: EndCanceled
  std::vector<Waiter*> waiters;
  Value (*decode)(const Value&) = nullptr;    // of the typed call: from payload to object
  std::move_only_function<bool()> condition;  // of wait_until
  std::move_only_function<void(const Failure&)> cancel;  // what the scope calls
  bool settled() const { return result.index() != 0; }
  void settle(decltype(result) r);
};
using State = std::shared_ptr<FutureState>;

struct ScopeState {
  std::optional<std::string> canceled;  // the reason
  std::vector<std::weak_ptr<ScopeState>> children;
  std::vector<std::weak_ptr<FutureState>> pending;
  void cancel(const std::string& reason);  // own commands in the order of the calls, then children
  std::shared_ptr<ScopeState> child();
  void add(const State&);
};

struct PromiseBase {
  std::shared_ptr<ScopeState> scope;  // unset until awaited, spawned or placed
  std::coroutine_handle<> continuation;
  std::coroutine_handle<> frame;  // set with spawned: nobody awaits the frame,
  State spawned;                  // and its result goes here
  std::exception_ptr error;
  void finish_spawned(Value v);
};

}  // namespace detail

namespace workflow {

template <class T>
using Settled = std::expected<T, Failure>;

// A result to come: recorded at the call, settled later. Dropping it neither cancels nor throws.
template <class T>
class [[nodiscard]] Future {
 public:
  explicit Future(detail::State s) : state_(std::move(s)) {}
  static Future of(Future<Value>&& f) {  // what an erased call returned
    f.state().decode = &Value::decoded<T>;
    return Future(std::move(f.state_));
  }
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;
  bool ready() const { return state().settled(); }
  struct SettledAwaitable {
    using SettledResult = T;
    detail::State state;
  };
  SettledAwaitable settled() const { return {(state(), state_)}; }
  const detail::State& shared() const { return (state(), state_); }

 private:
  template <class U>
  friend class Future;
  detail::FutureState& state() const {
    return state_ ? *state_ : throw std::logic_error("this Future was moved from");
  }
  detail::State state_;
};

struct Select {
  std::vector<detail::State> states;
};  // awaited: the lowest index that is settled
template <class... T>
struct All {
  std::tuple<Future<T>*...> futures;
};

}  // namespace workflow

namespace detail {

struct WaitFor {  // suspends until one of the states (or each, if all) is settled
  PromiseBase* promise;
  std::vector<State> states;
  bool all = false;
  std::unique_ptr<Waiter> waiter = std::make_unique<Waiter>();

  WaitFor(PromiseBase* p, std::vector<State> s, bool a = false)
      : promise(p), states(std::move(s)), all(a) {}
  WaitFor(WaitFor&&) = default;
  ~WaitFor() { forget(); }
  bool await_ready() const { return done(); }
  void await_suspend(std::coroutine_handle<> h) {
    *waiter = {this, h};
    for (auto& s : states)
      if (!s->settled()) s->waiters.push_back(waiter.get());
  }
  std::size_t resumed() {
    forget();
    running(promise);
    return static_cast<std::size_t>(
        std::ranges::find_if(states, [](auto& s) { return s->settled(); }) - states.begin());
  }
  bool done() const {
    auto settled = [](auto& s) { return s->settled(); };
    return all ? std::ranges::all_of(states, settled) : std::ranges::any_of(states, settled);
  }
  void forget() {
    for (auto& s : states)
      if (s) std::erase(s->waiters, waiter.get());
  }
};

inline Value& value_of(FutureState& s) {
  auto& v = std::get<Value>(s.result);
  if (s.decode) v = s.decode(v);
  return v;
}
template <class T, bool Move>
struct FutureAwaiter : WaitFor {
  T await_resume() {
    resumed();
    if (auto* f = std::get_if<Failure>(&states[0]->result)) throw_failure(*f);
    if constexpr (Move)
      return std::move(value_of(*states[0])).template object<T>();
    else
      return value_of(*states[0]).template object<T>();
  }
};
template <class T>
struct SettledAwaiter : WaitFor {
  workflow::Settled<T> await_resume() {
    resumed();
    if (auto* f = std::get_if<Failure>(&states[0]->result)) return std::unexpected(*f);
    auto& v = value_of(*states[0]);
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return v.template object<T>();
  }
};
struct SelectAwaiter : WaitFor {
  std::size_t await_resume() { return resumed(); }
};
template <class T>
T take(workflow::Future<T>& f) {
  if (auto* failure = std::get_if<Failure>(&f.shared()->result)) throw_failure(*failure);
  return value_of(*f.shared()).template object<T>();
}

struct FinalAwaiter {
  bool await_ready() noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) noexcept {
    if (h.promise().continuation) return h.promise().continuation;
    if (h.promise().spawned) h.promise().publish();
    return std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

template <class T>
struct Result {
  std::optional<T> result;
  void return_value(T v) { result.emplace(std::move(v)); }
};
template <>
struct Result<void> {
  void return_void() {}
};

template <class T>
struct TaskPromise;
}  // namespace detail

namespace workflow {

// A coroutine of a workflow: lazy, moved only, run when awaited or spawned.
template <class T = void>
class [[nodiscard, clang::coro_return_type, clang::coro_lifetimebound]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  explicit Task(std::coroutine_handle<promise_type> h) : handle_(h) {}
  Task(Task&& o) noexcept : handle_(std::exchange(o.handle_, {})) {}
  Task& operator=(Task&& o) noexcept {
    std::swap(handle_, o.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }
  promise_type& promise() const {
    return handle_ ? handle_.promise() : throw std::logic_error("this Task was moved from");
  }
  std::coroutine_handle<promise_type> release() { return std::exchange(handle_, {}); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace workflow

namespace detail {

template <class T>
struct TaskAwaiter {
  PromiseBase* promise;
  workflow::Task<T> task;  // owned here, so destroying the awaiting frame destroys this one
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
    auto& child = task.promise();
    if (!child.scope) child.scope = promise->scope;
    child.continuation = h;
    running(&child);
    return std::coroutine_handle<TaskPromise<T>>::from_promise(child);
  }
  T await_resume() {
    running(promise);
    auto& child = task.promise();
    if (child.error) std::rethrow_exception(child.error);
    if constexpr (!std::is_void_v<T>) return std::move(*child.result);
  }
};

template <class... T>
struct AllAwaiter : WaitFor {
  std::tuple<workflow::Future<T>*...> futures;
  auto await_resume() {
    resumed();
    auto value = []<class U>(workflow::Future<U>* f) {
      if constexpr (std::is_void_v<U>)
        return take(*f), std::monostate();
      else
        return take(*f);
    };
    return std::apply([&](auto*... f) { return std::tuple{value(f)...}; }, futures);
  }
};

template <class>
inline constexpr bool is_async = false;
template <class T>
inline constexpr bool is_async<Async<T>> = true;
template <class>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<workflow::Task<T>> = true;
struct Refused : std::suspend_never {
  void await_resume() {}
};

template <class T>
struct TaskPromise : PromiseBase, Result<T> {
  workflow::Task<T> get_return_object() {
    return workflow::Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
  }
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }
  void publish() {
    if constexpr (std::is_void_v<T>)
      finish_spawned(Value());
    else
      finish_spawned(error ? Value() : Value::local(std::move(*this->result)));
  }

  template <class U>
  auto await_transform(workflow::Future<U>& f) {
    static_assert(std::is_void_v<U> || std::is_copy_constructible_v<U>,
                  "co_await of a named Future copies its result, so that others may await it too; "
                  "this one can only be moved: co_await std::move(future)");
    return FutureAwaiter<U, false>{{this, {f.shared()}}};
  }
  template <class U>
  auto await_transform(workflow::Future<U>&& f) {
    return FutureAwaiter<U, true>{{this, {f.shared()}}};
  }
  template <class U>
  auto await_transform(workflow::Task<U>&& t) {
    return TaskAwaiter<U>{this, std::move(t)};
  }
  auto await_transform(workflow::Select&& s) { return SelectAwaiter{{this, std::move(s.states)}}; }
  template <class... U>
  auto await_transform(workflow::All<U...>&& a) {
    auto states = std::apply([](auto*... f) { return std::vector{f->shared()...}; }, a.futures);
    return AllAwaiter<U...>{{this, std::move(states), true}, a.futures};
  }
  template <class A>
  auto await_transform(A&& a) {
    using B = std::remove_cvref_t<A>;
    if constexpr (requires { typename B::SettledResult; }) {
      return SettledAwaiter<typename B::SettledResult>{{this, {a.state}}};
    } else {
      static_assert(!is_task<B>, "a Task is awaited once: co_await std::move(task)");
      static_assert(
          !is_async<B>,
          "temporal::Async is remote I/O, which a replay cannot repeat: call it in an activity");
      static_assert(
          is_task<B> || is_async<B>,
          "a workflow may await only workflow::Task, workflow::Future, any, all and select: "
          "anything else is not in its history, so a replay cannot repeat it");
      return Refused();
    }
  }
};

}  // namespace detail
}  // namespace temporal

template <class T, class... A>
struct std::coroutine_traits<temporal::workflow::Task<T>, A...> {
  template <class First, class... Rest>
  static constexpr bool rest_by_value = (!std::is_reference_v<Rest> && ...);
  static constexpr bool by_value() {
    if constexpr (sizeof...(A) > 1)
      return rest_by_value<A...>;
    else
      return true;
  }
  static_assert(by_value(),
                "a workflow coroutine takes its parameters by value: a reference may dangle "
                "once it is suspended (the object it is a member of is excepted)");
  using promise_type = temporal::detail::TaskPromise<T>;
};
