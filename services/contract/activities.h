// The three steps of the saga and their compensations, as Temporal knows them.
//
//   workflow::execute_activity(charge_payment, {.task_queue = …}, {.order_id = id, .amount =
//   price})
//
// Every answer is the row's, so each may run twice, late, or after its compensation. A refusal
// arrives as an ApplicationFailure whose type is the refusal's code (refusal.h); the type FENCED
// says that the step came after its compensation.
#pragma once
#include <string>

#include "contract/money.h"
#include "contract/order_id.h"
#include "contract/wire.h"
#include "temporal/definition.h"

namespace ordering {

struct ChargeInput {
  OrderId order_id;
  Money amount = {};
};
// What the other five need: the row knows the rest.
struct StepInput {
  OrderId order_id;
};

struct Charged {
  OrderId order_id;
  Money amount = {};
};
struct Reserved {
  OrderId order_id;
  std::string item_id = {};
};
struct Delivered {
  OrderId order_id;
};

// What a compensation did. NOTHING: the step had not happened, or had been refused; it can no
// longer happen now.
enum class UndoResult { undone, nothing };
struct Undone {
  OrderId order_id;
  UndoResult result = UndoResult::undone;
};

// The most that DELIVERY_TIME_SCALE may be, in both services that read it.
inline constexpr double kMaxDeliveryTimeScale = 1000;

inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};
inline constexpr temporal::ActivityType<Undone(StepInput)> refund_payment{"refundPayment"};
inline constexpr temporal::ActivityType<Reserved(StepInput)> reserve_inventory{"reserveInventory"};
inline constexpr temporal::ActivityType<Undone(StepInput)> restock_inventory{"restockInventory"};
inline constexpr temporal::ActivityType<Delivered(StepInput)> start_delivery{"startDelivery"};
// Refused with D005 once the courier has departed.
inline constexpr temporal::ActivityType<Undone(StepInput)> cancel_delivery{"cancelDelivery"};

}  // namespace ordering

template <>
struct temporal::Json<ordering::ChargeInput>
    : ordering::wire::Members<
          ordering::ChargeInput, ordering::wire::Field<"orderId", &ordering::ChargeInput::order_id>,
          ordering::wire::Field<"amountMinor", &ordering::ChargeInput::amount>> {};
template <>
struct temporal::Json<ordering::StepInput>
    : ordering::wire::Members<ordering::StepInput,
                              ordering::wire::Field<"orderId", &ordering::StepInput::order_id>> {};
template <>
struct temporal::Json<ordering::Charged>
    : ordering::wire::Members<ordering::Charged,
                              ordering::wire::Field<"orderId", &ordering::Charged::order_id>,
                              ordering::wire::Field<"amountMinor", &ordering::Charged::amount>> {};
template <>
struct temporal::Json<ordering::Reserved>
    : ordering::wire::Members<ordering::Reserved,
                              ordering::wire::Field<"orderId", &ordering::Reserved::order_id>,
                              ordering::wire::Field<"itemId", &ordering::Reserved::item_id>> {};
template <>
struct temporal::Json<ordering::Delivered>
    : ordering::wire::Members<ordering::Delivered,
                              ordering::wire::Field<"orderId", &ordering::Delivered::order_id>> {};
template <>
struct temporal::Json<ordering::UndoResult> {
  static void write(JsonOut out, ordering::UndoResult result) {
    out.string(result == ordering::UndoResult::undone ? "UNDONE" : "NOTHING");
  }
  static ordering::UndoResult read(const JsonIn& in) {
    if (in.string() == "UNDONE") return ordering::UndoResult::undone;
    if (in.string() == "NOTHING") return ordering::UndoResult::nothing;
    in.fail("is neither UNDONE nor NOTHING");
  }
};
template <>
struct temporal::Json<ordering::Undone>
    : ordering::wire::Members<ordering::Undone,
                              ordering::wire::Field<"orderId", &ordering::Undone::order_id>,
                              ordering::wire::Field<"result", &ordering::Undone::result>> {};
