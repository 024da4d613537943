// The activity's edge: the one place where a refusal or a failure becomes what Temporal retries by.
//
//   Charged charge(ChargeInput in) { return at_activity_edge([&] { return store_.charge(in); }); }
//
// A refusal becomes an ApplicationFailure with its code as type, its English sentence as message,
// non-retryable unless the table says otherwise. Any exception becomes a retryable one of type
// INFRASTRUCTURE. A TemporalFailure, a cancellation among them, passes as it is.
#pragma once
#include <exception>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "contract/refusal.h"
#include "temporal/failure.h"

namespace ordering {

inline constexpr std::string_view kInfrastructureFailure = "INFRASTRUCTURE";

temporal::ApplicationFailure to_failure(Refusal refusal);
// The refusal inside a failure, its causes included; empty when it is none.
std::optional<Refusal> refusal_in(const temporal::Failure& failure);

template <class Decide>
auto at_activity_edge(Decide decide) -> typename decltype(decide())::value_type {
  try {
    auto answer = decide();
    if (!answer) throw to_failure(answer.error());
    return *std::move(answer);
  } catch (const temporal::TemporalFailure&) {
    throw;
  } catch (const std::exception& e) {
    throw temporal::ApplicationFailure(
        e.what(), {.type = std::string(kInfrastructureFailure), .non_retryable = false});
  }
}

}  // namespace ordering
