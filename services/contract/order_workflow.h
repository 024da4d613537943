// The order's workflow, as whoever starts, cancels or watches it knows it.
//
//   client.start_workflow(OrderWorkflow::type, {.id = workflow_id(id), .task_queue = …}, input)
//   handle.execute_update(OrderWorkflow::cancel, {.id = kCancelUpdateId}, CancelRequest{})
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contract/money.h"
#include "contract/order_id.h"
#include "contract/wire.h"
#include "temporal/definition.h"
#include "temporal/search_attributes.h"

namespace ordering {

// A cancel is one decision an order: whoever asks again gets the same update's answer.
inline constexpr std::string_view kCancelUpdateId = "cancel";
// The memo in which the amount stands, whole minor units: what a repeated POST is compared with.
inline constexpr std::string_view kAmountMemo = "amountMinor";

// By which orders are listed: why they ended, "P001". Of one that completes it is not set.
inline constexpr temporal::KeywordKey kOrderCode{"OrderCode"};

// The two times are settings of the order service when it accepts the order: a run keeps them, so a
// replay under other settings gives the same commands.
struct OrderInput {
  OrderId order_id;
  Money amount = {};
  std::chrono::milliseconds step_deadline = std::chrono::minutes(10);  // STEP_DEADLINE
  std::chrono::milliseconds delivery_time = std::chrono::seconds(5);   // 5 s × DELIVERY_TIME_SCALE
  std::optional<bool> index_code = {};  // whether to set kOrderCode; unset: not
};
struct Completed {
  OrderId order_id;
};

struct CancelRequest {
  std::optional<std::string> by = {};  // who asked, for the history; empty: not said
};
struct CancelAnswer {
  bool accepted = false;
  std::optional<std::string> code = {};  // why not: D005 or ORD005
};

struct OrderWorkflow {
  static constexpr temporal::WorkflowType<Completed(OrderInput)> type{"OrderWorkflow"};
  static constexpr temporal::UpdateType<CancelAnswer(CancelRequest)> cancel{"cancel"};
};

}  // namespace ordering

template <>
struct temporal::Json<
    std::chrono::milliseconds> {  // a whole number; the member's name has the unit
  static void write(JsonOut out, std::chrono::milliseconds time) { out.integer(time.count()); }
  static std::chrono::milliseconds read(const JsonIn& in) {
    return std::chrono::milliseconds(in.integer());
  }
};
template <>
struct temporal::Json<ordering::OrderInput>
    : ordering::wire::Members<
          ordering::OrderInput, ordering::wire::Field<"orderId", &ordering::OrderInput::order_id>,
          ordering::wire::Field<"amountMinor", &ordering::OrderInput::amount>,
          ordering::wire::Field<"stepDeadlineMs", &ordering::OrderInput::step_deadline>,
          ordering::wire::Field<"deliveryTimeMs", &ordering::OrderInput::delivery_time>,
          ordering::wire::Field<"indexCode", &ordering::OrderInput::index_code>> {};
template <>
struct temporal::Json<ordering::Completed>
    : ordering::wire::Members<ordering::Completed,
                              ordering::wire::Field<"orderId", &ordering::Completed::order_id>> {};
