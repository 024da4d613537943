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
// A dynamic handler takes every name that no other is bound to: void on_any(std::string name, RawArgs).
// Handlers may also be bound by the run itself (temporal/workflow_handlers.h). What no handler is bound
// to: a signal waits for one (as one of 10,000 at most, which is also what the server takes for a run
// by default; a further one is logged and dropped); an update waits until its workflow task comes to
// rest and is then rejected; a query fails. The failures name the known ones.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

// What becomes of a signal or update handler that runs when the run ends: it is abandoned, in either
// case. A warning, [TMPRL1102] in the log, names it, unless that is what is wanted.
enum class HandlerUnfinishedPolicy : std::uint8_t { warn_and_abandon, abandon };

struct HandlerOptions {
  std::string description = {};  // for people: the Web UI shows it
  // Not of a query, which ends at once.
  HandlerUnfinishedPolicy unfinished_policy = HandlerUnfinishedPolicy::warn_and_abandon;
};

}  // namespace workflow

// The erased form that a run is made from. Workflows are defined by workflow_definition.
struct WorkflowDefinition {
  struct Body {  // std::function may not return a coro_return_type itself
    workflow::Task<Value> task;
  };
  // `name` is that of the message, for handlers that take every name.
  struct Handler {
    std::function<void(Values&)> decode = {};  // in place; throws ConversionError
    std::function<void(const void* self, const std::string& name, const Values&)> validate = {};
    std::function<Body(void* self, const std::string& name, Values)> run = {};
    workflow::HandlerOptions options = {};
  };
  struct Query {
    std::function<Value(const void* self, const std::string& name, Values)> run = {};
    workflow::HandlerOptions options = {};
  };
  template <class H>
  struct Table {
    std::map<std::string, H, std::less<>> named = {};
    std::optional<H> dynamic = {};  // for every name that has none, but Temporal's own

    const H* find(std::string_view name) const {
      if (auto found = named.find(name); found != named.end()) return &found->second;
      return dynamic && !detail::is_reserved(name) ? &*dynamic : nullptr;
    }
  };
  struct Handlers {
    Table<Handler> signals = {};
    Table<Handler> updates = {};
    Table<Query> queries = {};
  };

  std::string name = {};
  bool dynamic = false;  // for every type that nothing else is bound to; it has no name
  workflow::DefinitionOptions options = {};
  std::function<std::shared_ptr<void>(Values&)> create = {};
  Handler run = {};
  Handlers handlers = {};
};

namespace detail {

// What a handler's parameters are made of: the arguments, as its definition has them,
template <class... A>
struct TypedInput {
  static void decode(Values& v) { Arguments<A...>::decode(v); }
  static std::tuple<A...> take(const std::string&, Values v) {
    return Arguments<A...>::take(std::move(v));
  }
};
// or the name of the message and whatever arguments came.
struct DynamicInput {
  static void decode(Values&) {}
  static std::tuple<std::string, RawArgs> take(const std::string& name, Values v) {
    return {name, RawArgs{std::move(v)}};
  }
};

// What is called with them: a member function of the run's object, or a callable that the run has bound.
template <class C, class Fn>
struct OnObject {
  C* self;
  Fn fn;
  template <class... A>
  [[clang::coro_wrapper]] auto operator()(A... a) const {
    return (self->*fn)(std::move(a)...);
  }
};
template <class C, class Fn>
auto on_object(Fn fn) {
  return [fn](void* self) { return OnObject<C, Fn>{static_cast<C*>(self), fn}; };
}
template <class C, class Fn>
auto on_const_object(Fn fn) {
  return [fn](const void* self) { return OnObject<const C, Fn>{static_cast<const C*>(self), fn}; };
}
template <class F>
struct Kept {
  std::shared_ptr<F> f;
  template <class... A>
  [[clang::coro_wrapper]] auto operator()(A... a) const {
    return (*f)(std::move(a)...);
  }
};
template <class F>
auto on_callable(F f) {
  return [kept = std::make_shared<F>(std::move(f))](void*) { return Kept<F>{kept}; };
}
template <class F>
auto on_const_callable(F f) {
  return
      [kept = std::make_shared<const F>(std::move(f))](const void*) { return Kept<const F>{kept}; };
}

// The coroutine that a handler runs in, be it a Task itself or a plain function.
template <class R, class Call, class... A, std::size_t... I>
workflow::Task<Value> run_handler(Call call, std::tuple<A...> args, std::index_sequence<I...>) {
  if constexpr (!is_task<std::invoke_result_t<Call&, A...>>) {
    co_return invoke<R>(std::move(call), std::move(args));
  } else if constexpr (std::is_void_v<R>) {
    co_await call(std::move(std::get<I>(args))...);
    co_return Value();
  } else {
    co_return Value::of<R>(co_await call(std::move(std::get<I>(args))...));
  }
}

// `on` gives, for the run's object, what is to be called.
template <class R, class Input, class On>
WorkflowDefinition::Handler bind_handler(workflow::HandlerOptions options, On on) {
  return {.decode = &Input::decode,
          .run = [on](void* self, const std::string& name, Values v) -> WorkflowDefinition::Body {
            auto args = Input::take(name, std::move(v));
            constexpr auto kCount = std::tuple_size_v<decltype(args)>;
            return {run_handler<R>(on(self), std::move(args), std::make_index_sequence<kCount>())};
          },
          .options = std::move(options)};
}
template <class R, class Input, class On, class OnCheck>
WorkflowDefinition::Handler bind_handler(workflow::HandlerOptions options, On on,
                                         OnCheck on_check) {
  auto handler = bind_handler<R, Input>(std::move(options), std::move(on));
  handler.validate = [on_check](const void* self, const std::string& name, const Values& v) {
    invoke<void>(on_check(self), Input::take(name, v));
  };
  return handler;
}
template <class R, class Input, class On>
WorkflowDefinition::Query bind_query(workflow::HandlerOptions options, On on) {
  return {.run = [on](const void* self, const std::string& name,
                      Values v) { return invoke<R>(on(self), Input::take(name, std::move(v))); },
          .options = std::move(options)};
}

template <class Fn>
constexpr void check_dynamic() {
  using Result = typename Unwrapped<typename Member<Fn>::Result>::type;
  static_assert(std::is_same_v<typename Member<Fn>::Signature, Result(std::string, RawArgs)>,
                "a dynamic handler takes (std::string name, temporal::RawArgs)");
}

// Throw std::logic_error for a name that is bound already, or Temporal's own.
void add_handler(std::map<std::string, WorkflowDefinition::Handler, std::less<>>& to,
                 std::string_view name, WorkflowDefinition::Handler handler);
void add_handler(std::map<std::string, WorkflowDefinition::Query, std::less<>>& to,
                 std::string_view name, WorkflowDefinition::Query handler);

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
  using Options = workflow::HandlerOptions;

  template <class R, class... A, class Fn>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn, Options options = {}) && {
    detail::check_handler<Fn, R(A...)>();
    return std::move(*this).add(handlers.updates, type.name,
                                bind<R, detail::TypedInput<A...>>(std::move(options), fn));
  }
  template <class R, class... A, class Fn, class Check>
  DefinitionOf update(const UpdateType<R(A...)>& type, Fn fn, Check check,
                      Options options = {}) && {
    detail::check_handler<Fn, R(A...)>();
    detail::check_handler<Check, void(A...)>();
    return std::move(*this).add(handlers.updates, type.name,
                                bind<R, detail::TypedInput<A...>>(std::move(options), fn, check));
  }
  template <class... A, class Fn>
  DefinitionOf signal(const SignalType<void(A...)>& type, Fn fn, Options options = {}) && {
    detail::check_handler<Fn, void(A...)>();
    return std::move(*this).add(handlers.signals, type.name,
                                bind<void, detail::TypedInput<A...>>(std::move(options), fn));
  }
  template <class R, class... A, class Fn>
  DefinitionOf query(const QueryType<R(A...)>& type, Fn fn, Options options = {}) && {
    detail::check_handler<Fn, R(A...)>();
    return std::move(*this).add(handlers.queries, type.name,
                                bind_query<R, detail::TypedInput<A...>>(std::move(options), fn));
  }

  // For every name that no other is bound to: takes (std::string name, RawArgs). What an update or
  // query gives is its own affair; a RawValue is sent as it is.
  template <class Fn>
  DefinitionOf dynamic_update(Fn fn, Options options = {}) && {
    detail::check_dynamic<Fn>();
    handlers.updates.dynamic = bind<Result<Fn>, detail::DynamicInput>(std::move(options), fn);
    return std::move(*this);
  }
  template <class Fn, class Check>
  DefinitionOf dynamic_update(Fn fn, Check check, Options options = {}) && {
    detail::check_dynamic<Fn>();
    detail::check_handler<Check, void(std::string, RawArgs)>();
    handlers.updates.dynamic =
        bind<Result<Fn>, detail::DynamicInput>(std::move(options), fn, check);
    return std::move(*this);
  }
  template <class Fn>
  DefinitionOf dynamic_signal(Fn fn, Options options = {}) && {
    detail::check_handler<Fn, void(std::string, RawArgs)>();
    handlers.signals.dynamic = bind<void, detail::DynamicInput>(std::move(options), fn);
    return std::move(*this);
  }
  template <class Fn>
  DefinitionOf dynamic_query(Fn fn, Options options = {}) && {
    detail::check_dynamic<Fn>();
    handlers.queries.dynamic = bind_query<Result<Fn>, detail::DynamicInput>(std::move(options), fn);
    return std::move(*this);
  }

 private:
  template <class Fn>
  using Result = typename detail::Unwrapped<typename detail::Member<Fn>::Result>::type;

  template <class R, class Input, class Fn>
  static Handler bind(Options options, Fn fn) {
    return detail::bind_handler<R, Input>(std::move(options), detail::on_object<C>(fn));
  }
  template <class R, class Input, class Fn, class Check>
  static Handler bind(Options options, Fn fn, Check check) {
    static_assert(detail::Member<Check>::is_const, "a validator changes nothing: declare it const");
    return detail::bind_handler<R, Input>(std::move(options), detail::on_object<C>(fn),
                                          detail::on_const_object<C>(check));
  }
  template <class R, class Input, class Fn>
  static Query bind_query(Options options, Fn fn) {
    static_assert(detail::Member<Fn>::is_const, "a query changes nothing: declare it const");
    return detail::bind_query<R, Input>(std::move(options), detail::on_const_object<C>(fn));
  }
  template <class H>
  DefinitionOf add(Table<H>& table, std::string_view name, H handler) && {
    detail::add_handler(table.named, name, std::move(handler));
    return std::move(*this);
  }
};

namespace detail {
template <class R, class... A, class Fn>
auto define(std::string_view name, Fn run, workflow::DefinitionOptions options) {
  using C = typename Member<Fn>::C;
  check_handler<Fn, R(A...)>();
  static_assert(is_task<typename Member<Fn>::Result>, "run returns a workflow::Task");
  DefinitionOf<C> d;
  d.name = name;
  d.options = std::move(options);
  d.create = &create_object<C, A...>;
  d.run = bind_handler<R, TypedInput<A...>>({}, on_object<C>(run));
  return d;
}
}  // namespace detail

template <class R, class... A, class Fn>
auto workflow_definition(const WorkflowType<R(A...)>& type, Fn run,
                         workflow::DefinitionOptions options = {}) {
  return detail::define<R, A...>(type.name, run, std::move(options));
}

// Of a workflow for every type that nothing else is bound to: its run takes RawArgs, info().workflow_type
// names the type.
template <class Fn>
auto dynamic_workflow_definition(Fn run, workflow::DefinitionOptions options = {}) {
  using R = typename detail::Unwrapped<typename detail::Member<Fn>::Result>::type;
  static_assert(std::is_same_v<typename detail::Member<Fn>::Signature, R(RawArgs)>,
                "the run of a dynamic workflow takes (temporal::RawArgs)");
  auto d = detail::define<R, RawArgs>("", run, std::move(options));
  d.dynamic = true;
  return d;
}

}  // namespace temporal
