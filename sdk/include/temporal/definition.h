// Definitions: what crosses a process, declared once as a constant with a name and a signature and
// no code, so that a caller needs no implementation.
//
//   inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};
//   struct OrderWorkflow {
//     static constexpr temporal::WorkflowType<Completed(OrderInput)> type{"OrderWorkflow"};
//     static constexpr temporal::UpdateType<CancelAnswer(CancelRequest)> cancel{"cancel"};
//   };
//
// The name is written, never taken from C++, and stands in histories: renaming a C++ type or function
// changes nothing, renaming a definition makes running workflows fail. The signature says what goes
// over the wire; a handler that is bound to it must have the same one, or does not compile.
//
// RawArgs as the only parameter takes whatever arguments come, each decoded by hand:
//
//   inline constexpr temporal::SignalType<void(temporal::RawArgs)> any_note{"note"};
//
// A name known only at run time is a definition made at run time; `name` must outlive the call:
//
//   co_await workflow::execute_activity(temporal::ActivityType<int(int)>{step.name}, options, 7);
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "temporal/value.h"

namespace temporal {

namespace detail {
template <class Tag, class Signature>
struct Definition;
template <class Tag, class R, class... A>
struct Definition<Tag, R(A...)> {
  static_assert((!std::is_reference_v<A> && ...), "a definition's parameters are values");
  using Signature = R(A...);
  std::string_view name;
};
}  // namespace detail

template <class S>
struct ActivityType : detail::Definition<struct ActivityTag, S> {};
template <class S>
struct WorkflowType : detail::Definition<struct WorkflowTag, S> {};
template <class S>
struct UpdateType : detail::Definition<struct UpdateTag, S> {};
template <class S>
struct SignalType : detail::Definition<struct SignalTag, S> {};
template <class S>
struct QueryType : detail::Definition<struct QueryTag, S> {};

// Arguments as they came: how many there are, and what they are, is the handler's to find out.
struct RawArgs {
  Values values = {};

  std::size_t size() const { return values.size(); }
  // The i-th argument as a T. Throws std::out_of_range, or ConversionError where it is no T.
  template <class T>
  T as(std::size_t i) const {
    return values.at(i).template as<T>();
  }
};

namespace workflow {
template <class T>
class Task;
}

namespace detail {

template <class T>
struct Unwrapped {
  using type = T;
};
template <class T>
struct Unwrapped<workflow::Task<T>> {
  using type = T;
};

template <class Fn>
struct Member;  // a pointer to a member function, taken apart
template <class C_, class R, class... A>
struct Member<R (C_::*)(A...)> {
  using C = C_;
  using Result = R;
  using Signature = typename Unwrapped<R>::type(A...);
  static constexpr bool is_const = false;
};
template <class C, class R, class... A>
struct Member<R (C::*)(A...) const> : Member<R (C::*)(A...)> {
  static constexpr bool is_const = true;
};
template <class C, class R, class... A>
struct Member<R (C::*)(A...) noexcept> : Member<R (C::*)(A...)> {};
template <class C, class R, class... A>
struct Member<R (C::*)(A...) const noexcept> : Member<R (C::*)(A...) const> {};

template <class Handler, class Definition>
constexpr void check_signature() {
  static_assert(
      std::is_same_v<Handler, Definition>,
      "the handler's signature (the first named here) is not its definition's (the second)");
}
template <class Fn, class Definition>
constexpr void check_handler() {
  check_signature<typename Member<Fn>::Signature, Definition>();
}

// Of a definition's parameters: packed into Values by the caller, decoded by the handler's side.
template <class... A>
struct Arguments {
  static constexpr bool raw = std::is_same_v<std::tuple<A...>, std::tuple<RawArgs>>;

  static Values pack(A... args) {
    Values v;
    v.reserve(sizeof...(A));
    (v.push_back(Value::of<A>(std::move(args))), ...);
    return v;
  }
  static Values pack(RawArgs args)
    requires raw
  {
    return std::move(args.values);
  }
  // From payloads to objects, in place. Fewer arguments than parameters is an error, more are
  // dropped, as in the other SDKs. Throws ConversionError.
  static void decode(Values& v) {
    if constexpr (!raw) {
      if (v.size() < sizeof...(A))
        throw ConversionError(std::to_string(v.size()) + " arguments given, " +
                              std::to_string(sizeof...(A)) + " wanted");
      v.resize(sizeof...(A));
      auto each = [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((v[I] = Value::decoded<A>(v[I])), ...);
      };
      each(std::index_sequence_for<A...>());
    }
  }
  static std::tuple<A...> take(Values v) {
    if constexpr (raw) {
      return {RawArgs{std::move(v)}};
    } else {
      decode(v);
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::tuple<A...>{std::move(v[I]).template object<A>()...};
      }(std::index_sequence_for<A...>());
    }
  }
};

// Calls what is no coroutine with decoded arguments; its result as a Value.
template <class R, class Call, class... A>
Value invoke(Call call, std::tuple<A...> args) {
  return std::apply(
      [&](A&... a) {
        if constexpr (std::is_void_v<R>)
          return call(std::move(a)...), Value();
        else
          return Value::of<R>(call(std::move(a)...));
      },
      args);
}

// Names of Temporal's own: no handler, workflow or activity of a user's is bound to one, and none that
// takes every name gets it.
constexpr bool is_reserved(std::string_view name) {
  return name.starts_with("__temporal_") || name == "__stack_trace" ||
         name == "__enhanced_stack_trace";
}

}  // namespace detail
}  // namespace temporal
