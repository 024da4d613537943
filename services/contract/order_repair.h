// The repair of an order whose workflow was terminated or timed out from outside (docs/orders.md,
// R9): a workflow of its own, on the orders' task queue.
//
//   client.start_workflow(OrderRepair::type, {.id = repair_id(id), .task_queue = …}, input)
#pragma once
#include <chrono>
#include <string>

#include "contract/order_id.h"
#include "contract/order_workflow.h"
#include "contract/wire.h"
#include "temporal/definition.h"

namespace ordering {

struct RepairInput {
  OrderId order_id;
  std::chrono::milliseconds delivery_time = std::chrono::seconds(5);  // as in OrderInput
};

// DELIVERED: it had departed, so that it was finished. UNDONE: everything else.
enum class RepairResult { undone, delivered };
struct Repaired {
  OrderId order_id;
  RepairResult result = RepairResult::undone;
};

struct OrderRepair {
  static constexpr temporal::WorkflowType<Repaired(RepairInput)> type{"OrderRepair"};
};

}  // namespace ordering

template <>
struct temporal::Json<ordering::RepairInput>
    : ordering::wire::Members<
          ordering::RepairInput, ordering::wire::Field<"orderId", &ordering::RepairInput::order_id>,
          ordering::wire::Field<"deliveryTimeMs", &ordering::RepairInput::delivery_time>> {};
template <>
struct temporal::Json<ordering::RepairResult> {
  static void write(JsonOut out, ordering::RepairResult result) {
    out.string(result == ordering::RepairResult::undone ? "UNDONE" : "DELIVERED");
  }
  static ordering::RepairResult read(const JsonIn& in) {
    if (in.string() == "UNDONE") return ordering::RepairResult::undone;
    if (in.string() == "DELIVERED") return ordering::RepairResult::delivered;
    in.fail("is neither UNDONE nor DELIVERED");
  }
};
template <>
struct temporal::Json<ordering::Repaired>
    : ordering::wire::Members<ordering::Repaired,
                              ordering::wire::Field<"orderId", &ordering::Repaired::order_id>,
                              ordering::wire::Field<"result", &ordering::Repaired::result>> {};
