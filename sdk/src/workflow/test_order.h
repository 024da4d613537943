// An order as a saga, the largest workflow of these tests: steps that are undone last in first out, a
// cancel that is decided by the delivery once that has begun, a point of no return.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "temporal/saga.h"

namespace temporal::testing {

using namespace std::chrono_literals;

class OrderId {  // private state: Json is specialised below
 public:
  explicit OrderId(std::string s) : text_(std::move(s)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
}  // namespace temporal::testing
template <>
struct temporal::Json<temporal::testing::OrderId> {
  static void write(JsonOut out, const testing::OrderId& id) { out.string(id.text()); }
  static testing::OrderId read(const JsonIn& in) {
    return testing::OrderId(std::string(in.string()));
  }
};
namespace temporal::testing {

struct Money {
  std::int64_t minor = 0;
};
enum class Stage { accepted, payment, inventory, delivery, compensating, done };
struct OrderInput {
  OrderId order_id;
  Money amount;
};
struct Completed {
  OrderId order_id;
};
struct CancelRequest {
  std::string by = {};
};
struct CancelAnswer {
  bool accepted = false;
  std::optional<std::string> code = {};
};
struct ChargeInput {
  OrderId order_id;
  Money amount;
};
struct StepInput {
  OrderId order_id;
};
struct Charged {
  std::string payment_id = {};
};
struct Done {};

inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};
inline constexpr temporal::ActivityType<Done(StepInput)> reserve_inventory{"reserveInventory"};
inline constexpr temporal::ActivityType<Done(StepInput)> start_delivery{"startDelivery"};
inline constexpr temporal::ActivityType<Done(StepInput)> refund_payment{"refundPayment"};
inline constexpr temporal::ActivityType<Done(StepInput)> restock_inventory{"restockInventory"};
inline constexpr temporal::ActivityType<Done(StepInput)> cancel_delivery{"cancelDelivery"};

struct OrderWorkflow {
  static constexpr temporal::WorkflowType<Completed(OrderInput)> type{"OrderWorkflow"};
  static constexpr temporal::UpdateType<CancelAnswer(CancelRequest)> cancel{"cancel"};
  static constexpr temporal::QueryType<Stage()> stage{"stage"};
};

inline bool departed(const workflow::Settled<temporal::Value>& answer) {
  return !answer && answer.error().root().type() == "D005";
}

class OrderSaga {
 public:
  static auto definition() {
    return temporal::workflow_definition(OrderWorkflow::type, &OrderSaga::run,
                                         {.cancel_requests = workflow::observe})
        .update(OrderWorkflow::cancel, &OrderSaga::cancel, &OrderSaga::check_cancel)
        .query(OrderWorkflow::stage, &OrderSaga::stage);
  }

  workflow::Task<Completed> run(OrderInput in) {
    auto watching = workflow::spawn(watch_cancel_requests());
    std::optional<temporal::Failure> failure;
    try {
      co_await workflow::in_scope(steps_, forward(in));
    } catch (const temporal::TemporalFailure& e) {
      failure = e.failure();
    }
    if (failure) co_await turn_back(*failure);
    stage_ = Stage::done;
    co_return Completed{in.order_id};
  }
  workflow::Task<CancelAnswer> cancel(CancelRequest) { co_return co_await decide(); }
  void check_cancel(CancelRequest) const {
    if (stage_ == Stage::compensating && !canceled_)
      throw temporal::ApplicationFailure("too late", {.type = "ORD005"});
  }
  Stage stage() const { return stage_; }

 private:
  workflow::Task<> forward(OrderInput in) {
    enter(Stage::payment);
    saga_.compensate_with(refund_payment,
                          {.task_queue = "PaymentTaskQueue", .start_to_close_timeout = 10s},
                          {in.order_id});
    co_await workflow::execute_activity(
        charge_payment, {.task_queue = "PaymentTaskQueue", .start_to_close_timeout = 10s},
        {.order_id = in.order_id, .amount = in.amount});
    enter(Stage::inventory);
    saga_.compensate_with(restock_inventory,
                          {.task_queue = "InventoryTaskQueue", .start_to_close_timeout = 10s},
                          {in.order_id});
    co_await workflow::execute_activity(
        reserve_inventory, {.task_queue = "InventoryTaskQueue", .start_to_close_timeout = 10s},
        {.order_id = in.order_id});
    enter(Stage::delivery);
    saga_.compensate_with(cancel_delivery,
                          {.task_queue = "DeliveryTaskQueue", .start_to_close_timeout = 10s},
                          {in.order_id});
    auto delivery =
        start({.task_queue = "DeliveryTaskQueue", .schedule_to_close_timeout = 10min}, in);
    co_await workflow::wait_until([&] { return canceled_ || (delivery.ready() && !deciding_); });
    if (canceled_) enter(Stage::delivery);
    auto delivered = co_await delivery.settled();
    if (departed_ && !delivered)
      co_await start({.task_queue = "DeliveryTaskQueue", .start_to_close_timeout = 10s}, in);
    else if (!delivered)
      temporal::throw_failure(delivered.error());
  }
  // Undo, or find at the delivery's row that the order can only complete.
  workflow::Task<> turn_back(temporal::Failure failure) {
    stage_ = Stage::compensating;
    auto undone = co_await saga_.compensate();
    if (undone.stopped)
      co_await start({.task_queue = "DeliveryTaskQueue", .start_to_close_timeout = 10s}, in_());
    else if (canceled_)
      throw workflow::EndCanceled{"ORD004"};
    else
      throw temporal::ApplicationFailure(failure.root().message(), {.type = failure.root().type()});
  }
  // Decided once, by the delivery's row where the delivery has begun.
  workflow::Task<CancelAnswer> decide() {
    if (deciding_) co_await workflow::wait_until([this] { return !deciding_; });
    if (canceled_) co_return CancelAnswer{.accepted = true};
    if (departed_) co_return CancelAnswer{.code = "D005"};
    if (stage_ >= Stage::compensating) co_return CancelAnswer{.code = "ORD005"};
    if (stage_ == Stage::delivery) {
      deciding_ = true;
      auto undo = saga_.pop()->start();
      departed_ = departed(co_await undo.settled());
      deciding_ = false;
      if (departed_) co_return CancelAnswer{.code = "D005"};
    }
    canceled_ = true;
    if (stage_ < Stage::delivery) steps_.cancel("ORD004");
    co_return CancelAnswer{.accepted = true};
  }
  workflow::Task<> watch_cancel_requests() {
    co_await workflow::cancel_requested();
    co_await decide();
  }
  workflow::Future<Done> start(workflow::ActivityOptions options, const OrderInput& in) {
    order_ = in.order_id;
    return workflow::execute_activity(start_delivery, std::move(options),
                                      {.order_id = in.order_id});
  }
  OrderInput in_() const { return {*order_, {}}; }
  void enter(Stage stage) {
    if (canceled_) throw temporal::CanceledFailure(temporal::Failure::canceled("ORD004"));
    stage_ = stage;
  }

  workflow::Saga saga_{{.stop = [](const workflow::Compensated& c) { return departed(c.result); }}};
  workflow::Scope steps_;
  std::optional<OrderId> order_;
  Stage stage_ = Stage::accepted;
  bool canceled_ = false, deciding_ = false, departed_ = false;
};

}  // namespace temporal::testing
