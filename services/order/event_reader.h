// Reads the events of orders from their histories.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "http/message.h"
#include "order/order_events.h"
#include "order/order_index.h"

namespace ordering::order {

// A run, and its events behind its event `after`.
struct RunEvents {
  IndexedOrder run;
  std::int64_t after = 0;
  std::vector<OrderEvent> events = {};
};

class EventReader {
 public:
  static constexpr std::chrono::seconds kCallTime{5};
  static constexpr std::size_t kAtOnce = 4;  // histories that one call reads

  explicit EventReader(temporal::Client client) : client_(client), index_(std::move(client)) {}

  // All of one order, those of its repair behind them. RpcError{not_found}: there is no such order.
  temporal::Async<std::vector<OrderEvent>> timeline(OrderId id) const;

  // The runs, orders' and repairs', that were under way at `since` or later and began before `until`:
  // a page of them (OrderIndex::page).
  temporal::Async<IndexPage> under_way(Time since, Time until, std::string page = {}) const;

  // How many orders began within [from, until).
  temporal::Async<std::int64_t> begun(Time from, Time until) const;

  // Fills in the events of each, kAtOnce at a time. A run that is no more has none.
  http::Task<std::vector<RunEvents>> of_runs(std::vector<RunEvents> runs) const;

 private:
  class Reading;
  temporal::Async<std::vector<OrderEvent>> of_run(IndexedOrder run, std::int64_t after) const;

  temporal::Client client_;
  OrderIndex index_;
};

// By their time; of the same moment by order and position.
bool earlier(const OrderEvent& one, const OrderEvent& other);

}  // namespace ordering::order
