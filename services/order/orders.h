// The orders, as Temporal holds them. The order service has no store of its own: a workflow's
// history is the record of its order, so there is nothing to keep in step and any number of order
// services may run.
//
//   auto placing = co_await orders.place(id, amount, request_id);
//   Status status = co_await orders.status(id, 10s);
//
// Every call throws temporal::RpcError where Temporal does not answer; an order that is not there is
// RpcError{not_found}. `trace` is of whoever asks (process/tracing.h); empty: nobody's.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "contract/compensation.h"
#include "contract/money.h"
#include "contract/order_id.h"
#include "contract/order_workflow.h"
#include "order/code_attribute.h"
#include "order/order_view.h"

namespace ordering::order {

enum class Placing { started, replayed, amount_differs };
enum class CancelDecision { accepted, departed, too_late, undecided };
using Asking = temporal::UpdateType<void(CompensationRequest)>;
enum class AskDecision { accepted, not_stuck, undecided };

struct OrdersOptions {
  std::chrono::milliseconds step_deadline = std::chrono::minutes(10);
  std::chrono::milliseconds delivery_time = std::chrono::seconds(5);
  std::shared_ptr<const CodeAttribute> codes = {};  // unset: orders are not indexed by their code
};

// Whether it is the namespace that is not there, not the order.
bool is_namespace_missing(const temporal::RpcError& error);

class Orders {
 public:
  // How long a call may take: to place an order, to have a cancel or the like decided, each other.
  static constexpr std::chrono::seconds kPlaceTime{5};
  static constexpr std::chrono::seconds kCancelTime{10};
  static constexpr std::chrono::seconds kReadTime{5};

  Orders(temporal::Client client, OrdersOptions options)
      : client_(std::move(client)), options_(options) {}

  // One order id is one workflow for ever: whoever comes second, or after its end, finds it. All
  // tries of one request have one request id, by which a run of an earlier try is no replay.
  temporal::Async<Placing> place(OrderId id, Money amount, std::string request_id,
                                 std::chrono::milliseconds within = kPlaceTime,
                                 temporal::Headers trace = {}) const;
  // At once, or as soon as the order has ended, at the latest after `wait`, or when asked to stop.
  // An order that was ended from outside (R9) is not waited for until its repair has begun.
  temporal::Async<Status> status(OrderId id, std::chrono::milliseconds wait,
                                 std::stop_token stop) const;
  temporal::Async<OrderView> view(OrderId id) const;
  // As view() tells it; `described` of the order or of its repair, and mostly enough.
  temporal::Async<bool> is_stuck(OrderId id, temporal::WorkflowDescription described) const;
  temporal::Async<CancelDecision> cancel(OrderId id, std::stop_token stop,
                                         temporal::Headers trace = {}) const;

  // R4: one of Compensation's two, of a compensation that is stuck. To resolve what is resolved is
  // accepted again.
  temporal::Async<AskDecision> ask(OrderId id, Asking what, CompensationRequest request,
                                   std::stop_token stop, temporal::Headers trace = {}) const;
  // R9: sees to it that an order whose current run was ended from outside is repaired; anything else
  // is left alone. Whether this call has begun a repair.
  temporal::Async<bool> repair(OrderId id) const;

 private:
  temporal::WorkflowHandle<Completed> handle(const OrderId& id) const {
    return client_.workflow_handle(OrderWorkflow::type, workflow_id(id));
  }
  temporal::Async<CancelDecision> decision_after_end(OrderId id) const;
  temporal::Async<Status> status_of_repair(OrderId id, std::chrono::milliseconds wait,
                                           std::stop_token stop) const;

  temporal::Client client_;
  OrdersOptions options_;
};

}  // namespace ordering::order
