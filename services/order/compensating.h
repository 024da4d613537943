// The way back of an order, which its saga and its repair share: what has been registered is undone
// last in, first out, each until it is done (R4), and a person may have one that is stuck tried now
// or counted as done.
//
//   compensate_with(refund_payment, kPaymentTaskQueue);   // before the step runs
//   …
//   bool undone = co_await turn_back();
#pragma once
#include <temporal/saga.h>
#include <temporal/workflow.h>

#include <chrono>
#include <string>
#include <string_view>

#include "contract/activities.h"
#include "contract/compensation.h"

namespace ordering::order {

class Compensating {
 public:
  // The updates; `check` rejects what is not for the compensation under way.
  void retry(CompensationRequest request);
  void resolve(CompensationRequest request);
  void check(CompensationRequest request) const;

 protected:
  Compensating(OrderId order_id, std::chrono::milliseconds delivery_time)
      : order_id_(std::move(order_id)), delivery_time_(delivery_time) {}

  void compensate_with(const temporal::ActivityType<Undone(StepInput)>& undo,
                       std::string_view task_queue);
  // Each is false when the courier had departed before the undo came. turn_back() has then finished
  // the delivery (R5).
  temporal::workflow::Task<bool> turn_back();
  temporal::workflow::Task<bool> undo_latest();
  temporal::workflow::Task<> finish_delivery();

  static temporal::workflow::ActivityOptions undo_options(std::string_view task_queue);
  temporal::workflow::ActivityOptions delivery_options() const;
  StepInput step_input() const { return {.order_id = order_id_}; }

 private:
  enum class Asked { nothing, retry, resolve };

  temporal::workflow::Task<bool> undo(temporal::workflow::SagaStep step);
  temporal::workflow::Task<> pause();

  OrderId order_id_;
  std::chrono::milliseconds delivery_time_;
  temporal::workflow::Saga saga_;
  std::string under_way_ = {};  // the compensation that is; empty: none
  Asked asked_ = Asked::nothing;
};

}  // namespace ordering::order
