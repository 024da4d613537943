// What the audit's workflow asks of Temporal: the orders, by visibility where they are to be found
// and by Describe where it counts. Blocking; threads: any.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "contract/timestamp.h"
#include "order/audit_facts.h"
#include "order/orders.h"

namespace ordering::order {

class AuditActivities {
 public:
  static constexpr std::chrono::seconds kCallTime{10};
  static constexpr std::size_t kAtOnce = 16;  // so many questions are out at a time
  // Beyond the deadlines of an order's steps: for what a worker that was away makes up.
  static constexpr std::chrono::minutes kSlack{5};

  AuditActivities(temporal::Client client, Orders orders, const OrdersOptions& times)
      : client_(std::move(client)),
        orders_(std::move(orders)),
        longest_(3 * times.step_deadline + times.delivery_time + kSlack) {}

  EndedPage list_ended(OrdersRequest request) const;
  LatePage list_late(OrdersRequest request) const;
  KnownOrders look_up(std::vector<std::string> order_ids) const;

 private:
  temporal::ListPage list(std::string query, std::string page) const;
  temporal::Async<EndedRun> look_at(OrderId id, std::string run_id) const;
  temporal::Async<LateOrder> look_at_late(OrderId id, std::string run_id, Timestamp began) const;
  temporal::Async<KnownOrder> look_up_one(std::string order_id) const;

  temporal::Client client_;
  Orders orders_;
  std::chrono::milliseconds longest_;
};

}  // namespace ordering::order
