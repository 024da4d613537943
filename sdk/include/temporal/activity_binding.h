// How a function, lambda or method becomes an activity: taken apart here, at compile time, into one
// erased call. Users see Registry::activity (temporal/registry.h) only.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "temporal/activity.h"
#include "temporal/definition.h"

namespace temporal::detail {

struct ActivityBinding {
  std::string name = {};
  // One of them is set.
  std::function<Value(activity::Context, Values)> blocking = {};
  std::function<Async<Value>(activity::Context, Values)> async = {};
};

template <class Fn>
struct ActivityFunction : ActivityFunction<decltype(&Fn::operator())> {};  // a lambda, a functor
template <class R, class... A>
struct ActivityFunction<R (*)(A...)> {
  using Returned = R;
  using Signature = R(A...);
};
template <class R, class... A>
struct ActivityFunction<R (*)(A...) noexcept> : ActivityFunction<R (*)(A...)> {};
template <class C, class R, class... A>
struct ActivityFunction<R (C::*)(A...)> : ActivityFunction<R (*)(A...)> {};
template <class C, class R, class... A>
struct ActivityFunction<R (C::*)(A...) const> : ActivityFunction<R (*)(A...)> {};
template <class C, class R, class... A>
struct ActivityFunction<R (C::*)(A...) noexcept> : ActivityFunction<R (*)(A...)> {};
template <class C, class R, class... A>
struct ActivityFunction<R (C::*)(A...) const noexcept> : ActivityFunction<R (*)(A...)> {};

template <class T>
struct Awaited {
  using type = T;
};
template <class T>
struct Awaited<Async<T>> {
  using type = T;
};

// The signature that its definition must have: without the context, and without Async.
template <class Signature>
struct ActivitySignature;
template <class R, class... A>
struct ActivitySignature<R(A...)> {
  using type = typename Awaited<R>::type(A...);
  static constexpr bool takes_context = false;
};
template <class R, class... A>
struct ActivitySignature<R(activity::Context, A...)> {
  using type = typename Awaited<R>::type(A...);
  static constexpr bool takes_context = true;
};

template <class Signature>
inline constexpr bool takes_raw = false;
template <class R>
inline constexpr bool takes_raw<R(RawArgs)> = true;

template <class R>
Async<Value> erase(Async<R> result) {
  if constexpr (std::is_void_v<R>) {
    co_await std::move(result);
    co_return Value();
  } else {
    co_return Value::of<R>(co_await std::move(result));
  }
}

// `call` takes the arguments, after the context where it wants one.
template <class R, class... A, class Call>
ActivityBinding bind_activity(std::string name, Call call, R (*)(A...)) {
  auto run = [call = std::move(call)](activity::Context context, Values values) {
    auto arguments = Arguments<A...>::take(std::move(values));
    return std::apply([&](A&... a) { return call(std::move(context), std::move(a)...); },
                      arguments);
  };
  using Returned = decltype(call(std::declval<activity::Context>(), std::declval<A>()...));
  ActivityBinding binding{.name = std::move(name)};
  if constexpr (!std::is_same_v<typename Awaited<Returned>::type, Returned>) {
    binding.async = [run](activity::Context context, Values values) {
      return erase(run(std::move(context), std::move(values)));
    };
  } else {
    binding.blocking = [run](activity::Context context, Values values) {
      if constexpr (std::is_void_v<R>) {
        run(std::move(context), std::move(values));
        return Value();
      } else {
        return Value::of<R>(run(std::move(context), std::move(values)));
      }
    };
  }
  return binding;
}

template <class Definition, class Fn>
constexpr bool check_activity() {
  using Signature = ActivitySignature<typename ActivityFunction<Fn>::Signature>;
  check_signature<typename Signature::type, Definition>();
  return Signature::takes_context;
}

// A plain function, or a lambda, which the registry keeps.
template <class Signature, class Fn>
ActivityBinding bind_function(std::string_view name, Fn fn) {
  constexpr bool kContext = check_activity<Signature, Fn>();
  return bind_activity(
      std::string(name),
      [fn = std::move(fn)](activity::Context context, auto... a) {
        if constexpr (kContext)
          return fn(std::move(context), std::move(a)...);
        else
          return fn(std::move(a)...);
      },
      static_cast<Signature*>(nullptr));
}

// A method; `object` is a shared_ptr or a reference_wrapper.
template <class Signature, class Method, class Object>
ActivityBinding bind_method(std::string_view name, Method method, Object object) {
  constexpr bool kContext = check_activity<Signature, Method>();
  return bind_activity(
      std::string(name),
      [method, object](activity::Context context, auto... a) {
        if constexpr (kContext)
          return std::invoke(method, object, std::move(context), std::move(a)...);
        else
          return std::invoke(method, object, std::move(a)...);
      },
      static_cast<Signature*>(nullptr));
}

// The one that takes what no other does.
template <class Fn>
ActivityBinding bind_dynamic(Fn fn) {
  using Full = typename ActivityFunction<Fn>::Signature;
  using Signature = typename ActivitySignature<Full>::type;
  static_assert(ActivitySignature<Full>::takes_context && takes_raw<Signature>,
                "a dynamic activity takes (activity::Context, RawArgs)");
  return bind_function<Signature>("", std::move(fn));
}

}  // namespace temporal::detail
