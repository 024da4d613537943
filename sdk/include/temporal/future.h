// Future: a result to come of a command that a workflow has made, or of a Task it has spawned.
//
//   auto charge = workflow::execute_activity(charge_payment, options, input);  // recorded here
//   auto timer = workflow::sleep(30s);                                         // then here
//   if (co_await workflow::select(charge, timer) == 1) …
//   Charged charged = co_await charge;
//
// A command is recorded at the call, not when its Future is awaited, so commands stand in the order
// of the calls. Dropping a Future neither cancels nor throws. A settled Future does not suspend.
//
//   co_await future             throws the failure; copies, so it may be repeated
//   co_await std::move(future)  the same, and moves: the only way to a result that cannot be copied
//   co_await future.settled()   std::expected<T, Failure>: for where a throw is in the way, as
//                               co_await is ill-formed in a catch handler
//   co_await select(a, b, …)    the index of the lowest settled one; never throws, the others go on
//   co_await any(range)         the same of a range, for as many as there are at run time
//   co_await all(a, b, …)       waits for all, then a tuple of results, or throws the failure of the
//                               lowest index; a void result is a std::monostate in it
//   co_await all(range)         the same of a range, a std::vector of results (of void: nothing)
//
// One thread runs a workflow at a time, so nothing here locks.
#pragma once
#include <coroutine>
#include <exception>
#include <expected>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <variant>
#include <vector>

#include "temporal/failure.h"
#include "temporal/value.h"

namespace temporal {

namespace detail {

struct FutureState;
using State = std::shared_ptr<FutureState>;
struct PromiseBase;
struct ScopeState;
class Waiting;

// A place in the line of those that wait for one state.
struct Link {
  State state = {};
  Waiting* waiting = nullptr;
  Link* previous = nullptr;
  Link* next = nullptr;
};

// What Core is to be told when the scope of a command is cancelled.
struct CommandId {
  enum class Kind : std::uint8_t {
    none,
    timer,
    activity,
    local_activity,
    local_backoff,
    child,
    signal,
    cancel_external,
    nexus_operation,
    condition,
  };
  Kind kind = Kind::none;
  std::uint32_t seq = 0;
};

struct FutureState {
  // The last: workflow::EndCanceled or a continue-as-new, which no Failure can hold.
  std::variant<std::monostate, Value, Failure, std::exception_ptr> result = {};
  Value (*decode)(const Value&) = nullptr;  // of the typed call: from payload to object
  bool kept = false;  // others may ask for the result again, so that it is never moved out
  CommandId command = {};
  std::shared_ptr<ScopeState> scope = {};  // of the command, until it is settled
  Link* first = nullptr;
  Link* last = nullptr;

  FutureState() = default;
  FutureState(const FutureState&) = delete;
  FutureState& operator=(const FutureState&) = delete;
  virtual ~FutureState() = default;
  virtual void release() {}  // lets go of what only an unsettled state needs
  bool settled() const { return result.index() != 0; }
  void settle(decltype(result) r);
};

// A suspended coroutine, in its frame: wakes when one of the states, or each of them, is settled.
class Waiting {
 public:
  Waiting(PromiseBase* promise, State state) : promise_(promise) {
    one_.state = std::move(state);
    links_ = &one_;
    size_ = 1;
  }
  Waiting(PromiseBase* promise, const std::vector<State>& states, bool all);
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { forget(); }

  bool await_ready() const { return done(); }
  void await_suspend(std::coroutine_handle<> h);

  bool done() const;
  // Marks it as on its way to run; null when it is so already.
  std::coroutine_handle<> wake() { return queued_ ? nullptr : (queued_ = true, handle_); }

 protected:
  std::size_t resumed();  // the lowest settled index
  FutureState& state(std::size_t i = 0) const { return *links_[i].state; }

 private:
  void forget();
  PromiseBase* promise_;
  std::coroutine_handle<> handle_ = {};
  Link one_ = {};
  std::vector<Link> many_ = {};
  Link* links_ = nullptr;
  std::size_t size_ = 0;
  bool all_ = false;
  bool queued_ = false;
};

inline Value& value_of(FutureState& s) {
  auto& v = std::get<Value>(s.result);
  if (s.decode) v = s.decode(v);
  return v;
}

}  // namespace detail

namespace workflow {

template <class T>
using Settled = std::expected<T, Failure>;

template <class T>
class [[nodiscard]] Future {
 public:
  explicit Future(detail::State s) : state_(std::move(s)) {}
  // The typed face of what an erased call returned.
  static Future of(Future<Value>&& f) {
    f.state().decode = &Value::decoded<T>;
    return Future(std::move(f.state_));
  }
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;
  ~Future() = default;

  // Whether awaiting it would go on at once.
  bool ready() const { return state().settled(); }

  struct SettledAwaitable {
    using SettledResult = T;
    detail::State state;
  };
  SettledAwaitable settled() const { return {shared()}; }

  const detail::State& shared() const { return state(), state_; }  // for the SDK's own parts

 private:
  template <class U>
  friend class Future;
  detail::FutureState& state() const {
    return state_ ? *state_ : throw std::logic_error("this Future was moved from");
  }
  detail::State state_;
};

// What select and any give, and all: awaited, then gone.
struct [[nodiscard]] Select {
  std::vector<detail::State> states;
};
template <class... T>
struct [[nodiscard]] All {
  std::tuple<Future<T>*...> futures;
};

template <class T>
struct [[nodiscard]] AllOf {
  std::vector<Future<T>*> futures;
};

template <class... T>
Select select(Future<T>&... f) {
  static_assert(sizeof...(T) > 0, "select of nothing would wait for ever");
  return {{f.shared()...}};
}
template <std::ranges::input_range R>
Select any(R& futures) {
  Select s;
  for (auto& f : futures) s.states.push_back(f.shared());
  if (s.states.empty())
    throw std::logic_error("workflow::any: no Future given: it would wait for ever");
  return s;
}
template <class... T>
All<T...> all(Future<T>&... f) {
  return {{&f...}};
}
template <std::ranges::input_range R>
auto all(R& futures) {
  return []<class T>(R& range, const Future<T>*) {
    AllOf<T> a;
    for (auto& f : range) a.futures.push_back(&f);
    return a;
  }(futures, static_cast<std::ranges::range_value_t<R>*>(nullptr));
}

}  // namespace workflow

namespace detail {

template <class T>
T take(workflow::Future<T>& f) {
  if (auto* failure = std::get_if<Failure>(&f.shared()->result)) throw_failure(*failure);
  return value_of(*f.shared()).template object<T>();
}

template <class T, bool Move>
struct FutureAwaiter : Waiting {
  using Waiting::Waiting;
  T await_resume() {
    resumed();
    if (auto* f = std::get_if<Failure>(&state().result)) throw_failure(*f);
    auto& value = value_of(state());
    if constexpr (Move && std::is_copy_constructible_v<T>)
      return state().kept ? value.template object<T>() : std::move(value).template object<T>();
    else if constexpr (Move)
      return std::move(value).template object<T>();
    else
      return value.template object<T>();
  }
};

template <class T>
struct SettledAwaiter : Waiting {
  using Waiting::Waiting;
  workflow::Settled<T> await_resume() {
    resumed();
    if (auto* f = std::get_if<Failure>(&state().result)) return std::unexpected(*f);
    auto& v = value_of(state());
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return v.template object<T>();
  }
};

struct SelectAwaiter : Waiting {
  using Waiting::Waiting;
  std::size_t await_resume() { return resumed(); }
};

template <class... T>
struct AllAwaiter : Waiting {
  AllAwaiter(PromiseBase* promise, std::tuple<workflow::Future<T>*...> f)
      : Waiting(promise,
                std::apply([](auto*... one) { return std::vector<State>{one->shared()...}; }, f),
                true),
        futures(f) {}
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
  std::tuple<workflow::Future<T>*...> futures;
};

template <class T>
struct AllOfAwaiter : Waiting {
  AllOfAwaiter(PromiseBase* promise, std::vector<workflow::Future<T>*> f)
      : Waiting(promise, states(f), true), futures(std::move(f)) {}
  auto await_resume() {
    resumed();
    if constexpr (std::is_void_v<T>) {
      for (auto* f : futures) take(*f);
    } else {
      std::vector<T> results;
      results.reserve(futures.size());
      for (auto* f : futures) results.push_back(take(*f));
      return results;
    }
  }
  static std::vector<State> states(const std::vector<workflow::Future<T>*>& futures) {
    std::vector<State> s;
    for (auto* f : futures) s.push_back(f->shared());
    return s;
  }
  std::vector<workflow::Future<T>*> futures;
};

}  // namespace detail
}  // namespace temporal
