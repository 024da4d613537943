#include "payment/activities.h"

#include "contract/activity_edge.h"
#include "process/tracing.h"

namespace ordering::payment {

Charged Activities::charge(temporal::activity::Context context, ChargeInput input) {
  const process::ActivityScope scope(context);
  const auto captured = at_activity_edge([&] {
    auto answer = store_.charge(input.order_id, input.amount, rule_.fails(input.order_id), now());
    answers_.record(charge_payment.name, input.order_id, answer);
    return answer;
  });
  return {.order_id = std::move(input.order_id), .amount = captured};
}

Undone Activities::refund(temporal::activity::Context context, StepInput input) {
  const process::ActivityScope scope(context);
  const auto result = at_activity_edge([&] {
    auto answer = store_.refund(input.order_id, now());
    answers_.record(refund_payment.name, input.order_id, answer);
    return answer;
  });
  return {.order_id = std::move(input.order_id), .result = result};
}

}  // namespace ordering::payment
