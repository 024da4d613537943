// The workflow that repairs an order whose own was ended from outside (R9): it undoes everything, or,
// where the courier had departed, finishes the delivery. What had happened the rows know.
#pragma once
#include <temporal/workflow.h>

#include "contract/order_repair.h"
#include "order/compensating.h"

namespace ordering::order {

class RepairWorkflow : public Compensating {
 public:
  explicit RepairWorkflow(RepairInput order) : Compensating(order.order_id, order.delivery_time) {}
  static temporal::WorkflowDefinition definition();

  temporal::workflow::Task<Repaired> run(RepairInput order);
};

}  // namespace ordering::order
