#include "order/failure_codes.h"

#include <temporal/api.h>

#include <algorithm>
#include <utility>

#include "contract/activities.h"

namespace ordering::order {

namespace {

// What a step that gave up is called.
constexpr std::array kSteps{
    std::pair{charge_payment.name, Code::payment_system_error},
    std::pair{reserve_inventory.name, Code::reservation_failed},
    std::pair{start_delivery.name, Code::no_available_courier},
};
constexpr std::array kCompensations{refund_payment.name, restock_inventory.name,
                                    cancel_delivery.name};

auto find_step(std::string_view activity) {
  return std::ranges::find(kSteps, activity, &std::pair<std::string_view, Code>::first);
}

}  // namespace

std::array<std::string_view, 3> step_names() {
  return {kSteps[0].first, kSteps[1].first, kSteps[2].first};
}

bool is_step(std::string_view activity) {
  return find_step(activity) != kSteps.end();
}

bool is_compensation(std::string_view activity) {
  return std::ranges::find(kCompensations, activity) != kCompensations.end();
}

std::optional<Code> code_in(const temporal::api::failure::v1::Failure& failure) {
  if (failure.has_application_failure_info()) {
    const auto& type = failure.application_failure_info().type();
    if (auto code = find_code(type, failure.message())) return code;
  }
  return failure.has_cause() ? code_in(failure.cause()) : std::nullopt;
}

// A refusal ends an activity at once, a timeout's cause is only what the last attempt met.
std::optional<std::string> failed_code(std::string_view activity,
                                       const temporal::api::failure::v1::Failure* failure) {
  auto code = failure ? code_in(*failure) : std::nullopt;
  if (code == Code::fenced) code = Code::repaired;
  const auto step = find_step(activity);
  if (!code && step != kSteps.end()) code = step->second;
  if (!code) return std::nullopt;
  return std::string(explain(*code).code);
}

}  // namespace ordering::order
