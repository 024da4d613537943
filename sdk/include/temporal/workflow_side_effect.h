// Side effects: a short piece of ordinary code inside a workflow, whose result is recorded once and
// repeated by every replay.
//
//   auto token = co_await workflow::side_effect([] { return read_token(); });
//   auto limit = co_await workflow::mutable_side_effect("limit", [] { return config().limit; });
//
// The function runs at the call, on the workflow's thread, where the history does not have its result yet;
// if the worker dies before the task is recorded it runs again. So it may read what differs from machine
// to machine (a file of settings, a random device) but changes nothing and takes milliseconds: anything
// slower, or that may fail, is an activity. It makes no command. What it throws fails the workflow task.
//
// The result is data (Json<T>, temporal/json.h), and what comes back has been one: a replay sees the same.
// It is recorded as a local activity's, so the worker's other tasks go on meanwhile. No cancellation
// reaches it.
#pragma once
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "temporal/workflow.h"

namespace temporal {
namespace detail {
using SideEffect = std::move_only_function<Value()>;
using SameValue = std::move_only_function<bool(const Value& before, const Value& now)>;
workflow::Future<Value> side_effect(SideEffect effect, std::string summary);
workflow::Future<Value> mutable_side_effect(std::string id, SideEffect effect, SameValue same,
                                            std::string summary);
}  // namespace detail

namespace workflow {

struct SideEffectOptions {
  std::string summary = {};  // one line for the UI; at most 400 bytes
};

template <class F>
auto side_effect(F effect, SideEffectOptions options = {}) {
  using T = std::invoke_result_t<F&>;
  return Future<T>::of(
      detail::side_effect([effect = std::move(effect)]() mutable { return Value::of<T>(effect()); },
                          std::move(options.summary)));
}

// For a value that may change while the run goes on: the function runs at each call, and its result is
// recorded only where it is not equal to the one before of the same id in this run; otherwise the answer
// is that one. Each call leaves one event in the history, a small one where nothing changed (Core cannot
// say to a replay which calls left none).
template <class F, class Equal = std::equal_to<>>
auto mutable_side_effect(std::string id, F effect, Equal equal = {},
                         SideEffectOptions options = {}) {
  using T = std::invoke_result_t<F&>;
  return Future<T>::of(detail::mutable_side_effect(
      std::move(id), [effect = std::move(effect)]() mutable { return Value::of<T>(effect()); },
      [equal = std::move(equal)](const Value& before, const Value& now) mutable {
        return static_cast<bool>(equal(before.as<T>(), now.as<T>()));
      },
      std::move(options.summary)));
}

}  // namespace workflow
}  // namespace temporal
