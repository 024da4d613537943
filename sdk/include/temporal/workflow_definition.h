// How a class becomes a workflow: its run and handlers are bound to their definitions.
//
//   class OrderSaga {
//    public:
//     static auto definition() {
//       return temporal::workflow_definition(OrderWorkflow::type, &OrderSaga::run)
//           .update(OrderWorkflow::cancel, &OrderSaga::cancel, &OrderSaga::check_cancel)
//           .signal(OrderWorkflow::note, &OrderSaga::note)
//           .query(OrderWorkflow::stage, &OrderSaga::stage);
//     }
//     workflow::Task<Completed> run(OrderInput in);
//     workflow::Task<CancelAnswer> cancel(CancelRequest);  // a handler may also be a plain function
//     void check_cancel(CancelRequest) const;              // throws to reject
//     …
//   };
//   registry.workflow<OrderSaga>();
//
// One object of the class is made for each run: by a constructor that takes run's parameters, where
// there is one and the class is no aggregate, else by the default one. Signals and updates that came
// with the start run before run does. A signal whose arguments do not decode is logged and dropped; an
// update's arguments are decoded and its validator runs before it is accepted, and what they throw
// rejects it. Queries and validators are const and make no command.
//
// A signal that no handler is bound to waits for workflow::set_signal_handler; an update or query is
// answered with a failure that names the known ones.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "temporal/definition.h"
#include "temporal/options.h"
#include "temporal/scope.h"

namespace temporal {

namespace workflow {

// What a cancel request from outside does.
enum class CancelRequests : std::uint8_t {
  cancel_root,  // cancels the root scope, and so everything that is not shielded
  observe,      // nothing of itself: workflow::cancel_requested() is settled
};
using enum CancelRequests;

// A type of exception that fails the run when it leaves workflow code, where otherwise only a
// TemporalFailure does and anything else fails the task, to be tried again with corrected code.
struct FailureType {
  bool (*matches)(const std::exception_ptr&) = nullptr;
};
template <class E>
constexpr FailureType failure_type() {
  return {[](const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const E&) {
      return true;
    } catch (...) {
      return false;
    }
  }};
}

struct DefinitionOptions {
  CancelRequests cancel_requests = cancel_root;
  std::vector<FailureType> failure_types = {};  // besides those of the worker
  VersioningBehavior versioning_behavior = VersioningBehavior::unspecified;  // the worker's default
};

}  // namespace workflow

// The erased form that a run is made from. Workflows are defined by workflow_definition.
struct WorkflowDefinition {
  struct Body {  // std::function may not return a coro_return_type itself
    workflow::Task<Value> task;
  };
  struct Handler {
    std::function<void(Values&)> decode = {};  // in place; throws ConversionError
    std::function<void(const void* self, const Values&)> validate = {};  // may be empty
    std::function<Body(void* self, Values)> run = {};
  };
  struct Query {
    std::function<Value(const void* self, Values)> run = {};
  };

  std::string name = {};
  workflow::DefinitionOptions options = {};
  std::function<std::shared_ptr<void>(Values&)> create = {};
  Handler run = {};
  std::map<std::string, Handler, std::less<>> signals = {};
  std::map<std::string, Handler, std::less<>> updates = {};
  std::map<std::string, Query, std::less<>> queries = {};
};

namespace detail {

// The coroutine that a handler runs in, be it a Task itself or a plain function.
template <class R, class C, class Fn, class... A, std::size_t... I>
workflow::Task<Value> run_member(C* self, Fn fn, std::tuple<A...> args, std::index_sequence<I...>) {
  if constexpr (!is_task<typename Member<Fn>::Result>) {
    co_return invoke<R>(self, fn, std::move(args));
  } else if constexpr (std::is_void_v<R>) {
    co_await (self->*fn)(std::move(std::get<I>(args))...);
    co_return Value();
  } else {
    co_return Value::of<R>(co_await (self->*fn)(std::move(std::get<I>(args))...));
  }
}

// The same for a callable that is bound at run time.
template <class F, class... A, std::size_t... I>
workflow::Task<Value> run_callable(std::shared_ptr<F> f, std::tuple<A...> args,
                                   std::index_sequence<I...>) {
  if constexpr (is_task<std::invoke_result_t<F&, A...>>)
    co_await (*f)(std::move(std::get<I>(args))...);
  else
    (*f)(std::move(std::get<I>(args))...);
  co_return Value();
}

template <class C, class R, class... A, class Fn>
WorkflowDefinition::Handler bind_handler(Fn fn) {
  return {.decode = &Arguments<A...>::decode,
          .run = [fn](void* self, Values v) -> WorkflowDefinition::Body {
            return {run_member<R>(static_cast<C*>(self), fn, Arguments<A...>::take(std::move(v)),
                                  std::index_sequence_for<A...>())};
          }};
}

// An aggregate is never built of run's arguments: its first member would take them by accident.
template <class C, class... A>
std::shared_ptr<void> create_object(Values& v) {
  if constexpr (!std::is_aggregate_v<C> && std::is_constructible_v<C, A...>) {
    Arguments<A...>::decode(v);
    return std::apply([](auto&&... a) { return std::make_shared<C>(std::move(a)...); },
                      Arguments<A...>::take(v));
  } else {
    static_assert(std::is_default_constructible_v<C>,
                  "a workflow's class is made by a constructor that takes run's parameters, "
                  "or by one without parameters");
    return std::make_shared<C>();
  }
}

}  // namespace detail

template <class C>
class DefinitionOf : public WorkflowDefinition {
 public:
  template <class R, class... A, class Fn>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, R(A...)>();
    updates[std::string(type.name)] = detail::bind_handler<C, R, A...>(fn);
    return std::move(*this);
  }
  template <class R, class... A, class Fn, class Check>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn, Check check) && {
    detail::check_handler<Fn, R(A...)>();
    detail::check_handler<Check, void(A...)>();
    static_assert(detail::Member<Check>::is_const, "a validator changes nothing: declare it const");
    auto& handler = updates[std::string(type.name)] = detail::bind_handler<C, R, A...>(fn);
    handler.validate = [check](const void* self, const Values& v) {
      detail::invoke<void>(static_cast<const C*>(self), check, detail::Arguments<A...>::take(v));
    };
    return std::move(*this);
  }
  template <class... A, class Fn>
  DefinitionOf signal(const SignalType<void(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, void(A...)>();
    signals[std::string(type.name)] = detail::bind_handler<C, void, A...>(fn);
    return std::move(*this);
  }
  template <class R, class... A, class Fn>
  DefinitionOf query(const QueryType<R(A...)>& type, Fn fn) && {
    detail::check_handler<Fn, R(A...)>();
    static_assert(detail::Member<Fn>::is_const, "a query changes nothing: declare it const");
    queries[std::string(type.name)].run = [fn](const void* self, Values v) {
      return detail::invoke<R>(static_cast<const C*>(self), fn,
                               detail::Arguments<A...>::take(std::move(v)));
    };
    return std::move(*this);
  }
};

template <class R, class... A, class Fn>
auto workflow_definition(const WorkflowType<R(A...)>& type, Fn run,
                         workflow::DefinitionOptions options = {}) {
  using C = typename detail::Member<Fn>::C;
  detail::check_handler<Fn, R(A...)>();
  static_assert(detail::is_task<typename detail::Member<Fn>::Result>,
                "run returns a workflow::Task");
  DefinitionOf<C> d;
  d.name = type.name;
  d.options = std::move(options);
  d.create = &detail::create_object<C, A...>;
  d.run = detail::bind_handler<C, R, A...>(run);
  return d;
}

}  // namespace temporal
