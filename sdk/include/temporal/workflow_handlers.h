// Handlers that a run binds for itself, by names or for as long as it wants them:
//
//   workflow::set_update_handler(rename, [this](std::string name) { return name_ = name; },
//                                [](std::string name) {
//                                  if (name.empty()) throw temporal::ApplicationFailure("no name");
//                                });
//   …
//   workflow::set_update_handler(rename, nullptr);  // no longer
//
// They are callables that take the definition's parameters by value; of signals and updates also ones
// that return a Task. Each takes the place of the handler of that name, be it of the definition or of
// an earlier call. nullptr unbinds it; a handler that runs goes on. set_dynamic_… binds the one for every
// name that no other is bound to, which takes (std::string name, RawArgs). Queries and validators must be
// callable as const, and change nothing.
//
// Signals that waited for a handler are handed over in the order they came, as soon as the caller
// suspends. Updates wait only until the workflow task that brought them comes to rest, for the server wants
// to know then whether they are accepted: what run binds before its first suspension gets those that came
// with the start.
//
// In a query, a validator or a condition all of these throw std::logic_error.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "temporal/workflow_definition.h"

namespace temporal {

namespace detail {
// Without a handler: unbinds. Without a name: the dynamic one.
void set_signal_handler(std::optional<std::string_view> name,
                        std::optional<WorkflowDefinition::Handler> handler);
void set_update_handler(std::optional<std::string_view> name,
                        std::optional<WorkflowDefinition::Handler> handler);
void set_query_handler(std::optional<std::string_view> name,
                       std::optional<WorkflowDefinition::Query> handler);

template <class F, class R, class... A>
constexpr void check_callable() {
  static_assert(std::is_invocable_v<F&, A...>,
                "the handler cannot be called with its definition's parameters by value");
  check_signature<typename Unwrapped<std::invoke_result_t<F&, A...>>::type(A...), R(A...)>();
}
template <class F, class R, class... A>
constexpr void check_const_callable() {
  static_assert(std::is_invocable_v<const F&, A...>,
                "a query or validator changes nothing: it must be callable as const");
  check_signature<std::invoke_result_t<const F&, A...>(A...), R(A...)>();
}
template <class F>
concept Callable = !std::is_null_pointer_v<F>;
}  // namespace detail

namespace workflow {

template <class... A, detail::Callable F>
void set_signal_handler(const SignalType<void(A...)>& type, F handler,
                        HandlerOptions options = {}) {
  detail::check_callable<F, void, A...>();
  detail::set_signal_handler(type.name,
                             detail::bind_handler<void, detail::TypedInput<A...>>(
                                 std::move(options), detail::on_callable(std::move(handler))));
}
template <class R, class... A, detail::Callable F>
void set_update_handler(const UpdateType<R(A...)>& type, F handler, HandlerOptions options = {}) {
  detail::check_callable<F, R, A...>();
  detail::set_update_handler(type.name,
                             detail::bind_handler<R, detail::TypedInput<A...>>(
                                 std::move(options), detail::on_callable(std::move(handler))));
}
template <class R, class... A, detail::Callable F, class Check>
void set_update_handler(const UpdateType<R(A...)>& type, F handler, Check check,
                        HandlerOptions options = {}) {
  detail::check_callable<F, R, A...>();
  detail::check_const_callable<Check, void, A...>();
  detail::set_update_handler(type.name,
                             detail::bind_handler<R, detail::TypedInput<A...>>(
                                 std::move(options), detail::on_callable(std::move(handler)),
                                 detail::on_const_callable(std::move(check))));
}
template <class R, class... A, detail::Callable F>
void set_query_handler(const QueryType<R(A...)>& type, F handler, HandlerOptions options = {}) {
  detail::check_const_callable<F, R, A...>();
  detail::set_query_handler(type.name,
                            detail::bind_query<R, detail::TypedInput<A...>>(
                                std::move(options), detail::on_const_callable(std::move(handler))));
}

template <class S>
void set_signal_handler(const SignalType<S>& type, std::nullptr_t) {
  detail::set_signal_handler(type.name, std::nullopt);
}
template <class S>
void set_update_handler(const UpdateType<S>& type, std::nullptr_t) {
  detail::set_update_handler(type.name, std::nullopt);
}
template <class S>
void set_query_handler(const QueryType<S>& type, std::nullptr_t) {
  detail::set_query_handler(type.name, std::nullopt);
}

template <detail::Callable F>
void set_dynamic_signal_handler(F handler, HandlerOptions options = {}) {
  detail::check_callable<F, void, std::string, RawArgs>();
  detail::set_signal_handler(std::nullopt,
                             detail::bind_handler<void, detail::DynamicInput>(
                                 std::move(options), detail::on_callable(std::move(handler))));
}
template <detail::Callable F>
void set_dynamic_update_handler(F handler, HandlerOptions options = {}) {
  using R = typename detail::Unwrapped<std::invoke_result_t<F&, std::string, RawArgs>>::type;
  detail::set_update_handler(std::nullopt,
                             detail::bind_handler<R, detail::DynamicInput>(
                                 std::move(options), detail::on_callable(std::move(handler))));
}
template <detail::Callable F, class Check>
void set_dynamic_update_handler(F handler, Check check, HandlerOptions options = {}) {
  using R = typename detail::Unwrapped<std::invoke_result_t<F&, std::string, RawArgs>>::type;
  detail::check_const_callable<Check, void, std::string, RawArgs>();
  detail::set_update_handler(std::nullopt,
                             detail::bind_handler<R, detail::DynamicInput>(
                                 std::move(options), detail::on_callable(std::move(handler)),
                                 detail::on_const_callable(std::move(check))));
}
template <detail::Callable F>
void set_dynamic_query_handler(F handler, HandlerOptions options = {}) {
  using R = std::invoke_result_t<const F&, std::string, RawArgs>;
  detail::set_query_handler(std::nullopt,
                            detail::bind_query<R, detail::DynamicInput>(
                                std::move(options), detail::on_const_callable(std::move(handler))));
}
inline void set_dynamic_signal_handler(std::nullptr_t) {
  detail::set_signal_handler(std::nullopt, std::nullopt);
}
inline void set_dynamic_update_handler(std::nullptr_t) {
  detail::set_update_handler(std::nullopt, std::nullopt);
}
inline void set_dynamic_query_handler(std::nullptr_t) {
  detail::set_query_handler(std::nullopt, std::nullopt);
}

// Whether no signal or update handler is running: before run returns,
//   co_await workflow::wait_until(workflow::all_handlers_finished);
bool all_handlers_finished();

}  // namespace workflow
}  // namespace temporal
