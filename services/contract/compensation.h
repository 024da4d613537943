// What a person may ask of a compensation that is stuck (docs/orders.md, R4): updates of the order's
// workflow, or of its repair's while that undoes the order. Both are for the compensation under way;
// for any other they are rejected with ORD007.
//
//   handle.execute_update(Compensation::resolve, CompensationRequest{.name = "refundPayment", …})
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "contract/wire.h"
#include "temporal/definition.h"

namespace ordering {

struct CompensationRequest {
  std::string name = {};  // of the compensation: "refundPayment"
  // Who asked and why, for the history; empty: not said.
  std::optional<std::string> by = {};
  std::optional<std::string> reason = {};
  // How many had been made: a history does not tell of attempts that failed.
  std::optional<std::int32_t> attempts = {};
};

struct Compensation {
  // Now, not when its next attempt is due.
  static constexpr temporal::UpdateType<void(CompensationRequest)> retry{"retryCompensation"};
  // No more: somebody has done it by hand.
  static constexpr temporal::UpdateType<void(CompensationRequest)> resolve{"resolveCompensation"};
};

}  // namespace ordering

template <>
struct temporal::Json<ordering::CompensationRequest>
    : ordering::wire::Members<
          ordering::CompensationRequest,
          ordering::wire::Field<"name", &ordering::CompensationRequest::name>,
          ordering::wire::Field<"by", &ordering::CompensationRequest::by>,
          ordering::wire::Field<"reason", &ordering::CompensationRequest::reason>,
          ordering::wire::Field<"attempts", &ordering::CompensationRequest::attempts>> {};
