// Task: a coroutine of a workflow.
//
//   workflow::Task<Charged> charge(ChargeInput in) {
//     co_await workflow::sleep(1s);
//     co_return co_await workflow::execute_activity(charge_payment, options, in);
//   }
//
// Lazy, moved only: it runs when it is awaited, once, or given to workflow::spawn. It may await Tasks,
// Futures, select, any and all, and nothing else: what is not in the history cannot be repeated by a
// replay, so anything else does not compile. Parameters are taken by value, from the second on checked
// by the compiler; a temporary bound to a first one is caught by -Werror=dangling, which every program
// with workflows should have. The traps, each with the program that falls into it: docs/coroutines.md.
#pragma once
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <utility>

#include "temporal/future.h"

namespace temporal {
template <class T>
class Async;

namespace detail {

PromiseBase* running(PromiseBase* next);  // says who runs now; returns who ran before

struct PromiseBase {
  std::shared_ptr<ScopeState> scope = {};  // unset until awaited, spawned or placed
  std::coroutine_handle<> continuation = {};
  std::coroutine_handle<> frame = {};  // set with spawned: nobody awaits the frame,
  State spawned = {};                  // and its result goes here
  PromiseBase* older = nullptr;        // among the spawned ones
  PromiseBase* newer = nullptr;
  PromiseBase* awaited = nullptr;  // the Task that it waits for
  std::exception_ptr error = {};
  std::source_location at = {};  // of the last co_await on its way, those of its Tasks included
  void finish_spawned(Value v);
};

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
  std::optional<T> result = {};
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

  // For the SDK's own parts.
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
    child.at = promise->at;
    promise->awaited = &child;
    running(&child);
    return std::coroutine_handle<TaskPromise<T>>::from_promise(child);
  }
  T await_resume() {
    running(promise);
    promise->awaited = nullptr;
    auto& child = task.promise();
    promise->at = child.at;
    if (child.error) std::rethrow_exception(child.error);
    if constexpr (!std::is_void_v<T>) return std::move(*child.result);
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
template <class A>
concept SettledAwait = requires { typename A::SettledResult; };
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

  // The default arguments give the place of the co_await.
  using Here = std::source_location;
  template <class U>
  auto await_transform(workflow::Future<U>& f, Here here = Here::current()) {
    at = here;
    static_assert(std::is_void_v<U> || std::is_copy_constructible_v<U>,
                  "co_await of a named Future copies its result, so that others may await it too; "
                  "this one can only be moved: co_await std::move(future)");
    return FutureAwaiter<U, false>(this, f.shared());
  }
  template <class U>
  auto await_transform(workflow::Future<U>&& f, Here here = Here::current()) {
    at = here;
    return FutureAwaiter<U, true>(this, f.shared());
  }
  template <class U>
  auto await_transform(workflow::Task<U>&& t, Here here = Here::current()) {
    at = here;
    return TaskAwaiter<U>{this, std::move(t)};
  }
  auto await_transform(workflow::Select&& s, Here here = Here::current()) {
    at = here;
    return SelectAwaiter(this, s.states, false);
  }
  template <class... U>
  auto await_transform(workflow::All<U...>&& a, Here here = Here::current()) {
    at = here;
    return AllAwaiter<U...>(this, a.futures);
  }
  template <class U>
  auto await_transform(workflow::AllOf<U>&& a, Here here = Here::current()) {
    at = here;
    return AllOfAwaiter<U>(this, std::move(a.futures));
  }
  template <class A>
  auto await_transform(A&& a, Here here = Here::current()) {
    using B = std::remove_cvref_t<A>;
    if constexpr (SettledAwait<B>) {
      at = here;
      return SettledAwaiter<typename B::SettledResult>(this, a.state);
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
