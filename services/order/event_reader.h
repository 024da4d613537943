// Reads the events of orders from their histories.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "order/order_events.h"
#include "order/order_index.h"

namespace ordering::order {

class EventReader {
 public:
  static constexpr std::chrono::seconds kCallTime{5};

  explicit EventReader(temporal::Client client) : client_(client), index_(std::move(client)) {}

  // All of one order, those of its repair behind them. RpcError{not_found}: there is no such order.
  temporal::Async<std::vector<OrderEvent>> timeline(OrderId id) const;

  // Those of one run that come after its event `after`.
  temporal::Async<std::vector<OrderEvent>> of_run(IndexedOrder run, std::int64_t after) const;

  // Those of all orders within [from, until), in their order; nothing where too many orders were
  // under way in that time: ask for less of it.
  temporal::Async<std::optional<std::vector<OrderEvent>>> between(Time from, Time until) const;

  // The runs, orders' and repairs', that were under way at `since` or later and began before
  // `until`; nothing where they are more than `most`.
  temporal::Async<std::optional<std::vector<IndexedOrder>>> under_way(Time since, Time until,
                                                                      std::size_t most) const;

 private:
  temporal::Client client_;
  OrderIndex index_;
};

// By their time; of the same moment by order and position.
bool earlier(const OrderEvent& one, const OrderEvent& other);

}  // namespace ordering::order
