// What crosses a process, declared once: a name and a signature, no code.
#pragma once
#include <string_view>
#include <tuple>
#include <type_traits>

#include "temporal/json.h"

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

}  // namespace detail
}  // namespace temporal
