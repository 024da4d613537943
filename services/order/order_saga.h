// The order's workflow: charge → reserve → deliver, and the way back.
//
// Each step's compensation is registered before the step runs (a step that timed out may have
// happened). When a step is refused, gives up, or a cancel is accepted, the compensations run last
// in, first out, until each is done; only then does the run end. The rows of the three services
// decide what really happened: see services/{payment,inventory,delivery}.
//
// Two moments need care. Once the courier has departed nothing can be undone, so the order can only
// complete (finish_delivery). And a cancel that comes while the delivery is under way is decided by
// the delivery's row, not here (decide).
//
// The rules R1 to R10 that the comments name stand in docs/orders.md.
#pragma once
#include <temporal/workflow.h>

#include <optional>

#include "contract/order_workflow.h"
#include "contract/refusal.h"
#include "order/compensating.h"

namespace ordering::order {

class OrderSaga : public Compensating {
 public:
  explicit OrderSaga(OrderInput order)
      : Compensating(order.order_id, order.delivery_time), order_(std::move(order)) {}
  static temporal::WorkflowDefinition definition();

  temporal::workflow::Task<Completed> run(OrderInput order);
  temporal::workflow::Task<CancelAnswer> cancel(CancelRequest request);
  void check_cancel(CancelRequest request) const;

 private:
  enum class Stage { accepted, payment, inventory, delivery, compensating, done };

  // Why the order turns back; nothing when the step succeeded.
  using Refused = std::optional<Code>;

  temporal::workflow::Task<Refused> forward();
  temporal::workflow::Task<Refused> charge();
  temporal::workflow::Task<Refused> reserve();
  temporal::workflow::Task<Refused> deliver();
  template <class T>
  Refused refused(const temporal::workflow::Settled<T>& step, Code gave_up) const;

  temporal::workflow::Task<CancelAnswer> decide();
  temporal::workflow::Task<> watch_cancel_requests();

  temporal::workflow::ActivityOptions step_options(std::string_view task_queue) const;

  OrderInput order_;
  temporal::workflow::Scope steps_;  // what an accepted cancel cancels
  Stage stage_ = Stage::accepted;
  bool canceled_ = false;  // a cancel was accepted
  bool deciding_ = false;  // cancelDelivery is out to decide a cancel
  bool departed_ = false;  // it came too late
};

}  // namespace ordering::order
