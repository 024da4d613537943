#include "order/repair_workflow.h"

#include "contract/task_queues.h"

namespace ordering::order {

namespace workflow = temporal::workflow;

// A cancel request is no way out: half repaired is not repaired.
temporal::WorkflowDefinition RepairWorkflow::definition() {
  return temporal::workflow_definition(OrderRepair::type, &RepairWorkflow::run,
                                       {.cancel_requests = workflow::observe})
      .update(Compensation::retry, &RepairWorkflow::retry, &RepairWorkflow::check)
      .update(Compensation::resolve, &RepairWorkflow::resolve, &RepairWorkflow::check);
}

workflow::Task<Repaired> RepairWorkflow::run(RepairInput order) {
  compensate_with(refund_payment, kPaymentTaskQueue);
  compensate_with(restock_inventory, kInventoryTaskQueue);
  compensate_with(cancel_delivery, kDeliveryTaskQueue);
  const bool undone = co_await turn_back();
  co_return Repaired{.order_id = std::move(order.order_id),
                     .result = undone ? RepairResult::undone : RepairResult::delivered};
}

}  // namespace ordering::order
