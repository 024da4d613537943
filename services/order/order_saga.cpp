#include "order/order_saga.h"

#include "contract/activity_edge.h"
#include "contract/task_queues.h"

namespace ordering::order {

namespace workflow = temporal::workflow;
using namespace std::chrono_literals;

namespace {

constexpr auto kStepRetryCap = 30s;  // R3

std::string wire(Code code) {
  return std::string(explain(code).code);
}

}  // namespace

temporal::WorkflowDefinition OrderSaga::definition() {
  return temporal::workflow_definition(OrderWorkflow::type, &OrderSaga::run,
                                       {.cancel_requests = workflow::observe})
      .update(OrderWorkflow::cancel, &OrderSaga::cancel, &OrderSaga::check_cancel)
      .update(Compensation::retry, &OrderSaga::retry, &OrderSaga::check)
      .update(Compensation::resolve, &OrderSaga::resolve, &OrderSaga::check);
}

workflow::Task<Completed> OrderSaga::run(OrderInput /*order: the constructor has it*/) {
  [[maybe_unused]] auto watching = workflow::spawn(watch_cancel_requests());
  Refused why = co_await workflow::in_scope(steps_, forward());
  if (why) {
    stage_ = Stage::compensating;
    if (!co_await turn_back()) why.reset();  // R5: it departed, so it is delivered after all
  }
  stage_ = Stage::done;
  if (!why) co_return Completed{.order_id = order_.order_id};
  if (order_.index_code.value_or(false))
    workflow::upsert_search_attributes({kOrderCode.is(wire(*why))});
  if (*why == Code::cancelled) throw workflow::EndCanceled{wire(Code::cancelled)};
  throw temporal::ApplicationFailure(std::string(explain(*why).english),
                                     {.type = wire(*why), .non_retryable = true});
}

workflow::Task<OrderSaga::Refused> OrderSaga::forward() {
  if (Refused why = co_await charge()) co_return why;
  if (Refused why = co_await reserve()) co_return why;
  co_return co_await deliver();
}

workflow::Task<OrderSaga::Refused> OrderSaga::charge() {
  if (canceled_) co_return Code::cancelled;
  stage_ = Stage::payment;
  compensate_with(refund_payment, kPaymentTaskQueue);
  auto charged =
      workflow::execute_activity(charge_payment, step_options(kPaymentTaskQueue),
                                 ChargeInput{.order_id = order_.order_id, .amount = order_.amount});
  co_return refused(co_await charged.settled(), Code::payment_system_error);
}

workflow::Task<OrderSaga::Refused> OrderSaga::reserve() {
  if (canceled_) co_return Code::cancelled;
  stage_ = Stage::inventory;
  compensate_with(restock_inventory, kInventoryTaskQueue);
  auto reserved = workflow::execute_activity(reserve_inventory, step_options(kInventoryTaskQueue),
                                             step_input());
  co_return refused(co_await reserved.settled(), Code::reservation_failed);
}

// R10: while cancelDelivery is out, startDelivery's result is kept and not acted on.
workflow::Task<OrderSaga::Refused> OrderSaga::deliver() {
  if (canceled_) co_return Code::cancelled;
  stage_ = Stage::delivery;
  compensate_with(cancel_delivery, kDeliveryTaskQueue);
  auto options = delivery_options();
  options.schedule_to_close_timeout = order_.step_deadline + order_.delivery_time;
  options.retry_policy->maximum_interval = kStepRetryCap;
  auto delivery = workflow::execute_activity(start_delivery, options, step_input());
  auto decided = workflow::wait_until(
      [this, &delivery] { return canceled_ || (delivery.ready() && !deciding_); });
  co_await decided.settled();
  if (canceled_) co_return Code::cancelled;
  auto delivered = co_await delivery.settled();
  if (delivered || !departed_) co_return refused(delivered, Code::no_available_courier);
  co_await finish_delivery();
  co_return std::nullopt;
}

// The row's refusal is the order's. Without one the step gave up: its deadline passed.
template <class T>
OrderSaga::Refused OrderSaga::refused(const workflow::Settled<T>& step, Code gave_up) const {
  if (canceled_) return Code::cancelled;
  if (step) return std::nullopt;
  auto refusal = refusal_in(step.error());
  if (!refusal) return gave_up;
  return refusal->code == Code::fenced ? Code::repaired : refusal->code;
}

workflow::Task<CancelAnswer> OrderSaga::cancel(CancelRequest /*request: for the history*/) {
  co_return co_await decide();
}

void OrderSaga::check_cancel(CancelRequest /*request*/) const {
  if (stage_ == Stage::compensating && !canceled_) throw to_failure({Code::already_ended});
}

// R10: decided once, and by the delivery's row where the delivery has begun.
workflow::Task<CancelAnswer> OrderSaga::decide() {
  if (deciding_) co_await workflow::wait_until([this] { return !deciding_; });
  if (canceled_) co_return CancelAnswer{.accepted = true};
  if (departed_) co_return CancelAnswer{.code = wire(Code::already_started)};
  if (stage_ >= Stage::compensating) co_return CancelAnswer{.code = wire(Code::already_ended)};
  if (stage_ == Stage::delivery) {
    deciding_ = true;
    departed_ = !co_await undo_latest();
    deciding_ = false;
    if (departed_) co_return CancelAnswer{.code = wire(Code::already_started)};
  }
  canceled_ = true;
  steps_.cancel(wire(Code::cancelled));
  co_return CancelAnswer{.accepted = true};
}

// Temporal's own cancel (Web UI, command line) follows the same rule, without an answer.
workflow::Task<> OrderSaga::watch_cancel_requests() {
  co_await workflow::cancel_requested();
  co_await decide();
}

workflow::ActivityOptions OrderSaga::step_options(std::string_view task_queue) const {
  auto options = undo_options(task_queue);
  options.schedule_to_close_timeout = order_.step_deadline;
  options.retry_policy->maximum_interval = kStepRetryCap;
  return options;
}

}  // namespace ordering::order
