// The orders as Temporal's visibility lists them. Its page tokens follow an order of its own
// (open ones first, then by their end), so readers here take spans of time that hold few
// enough orders to be read whole.
//
//   OrderIndex index(client);
//   auto lines = co_await index.read("StartTime < '2026-11-25T00:00:00.000Z'");
//   if (!lines) …                       // more than kMost: ask for less
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/money.h"
#include "contract/order_id.h"
#include "order/order_events.h"
#include "order/order_view.h"

namespace ordering::order {

// One run of an order's workflow, or of its repair's. After a reset an order has several, of which
// one is current.
struct IndexedOrder {
  OrderId order_id;
  Chain chain = Chain::order;
  std::string run_id = {};
  temporal::WorkflowStatus status = {};
  Money amount = {};
  std::optional<std::string> code =
      {};  // why it ended; unset also where the index does not know it
  Time created_at = {};
  std::optional<Time> closed_at = {};
};

class OrderIndex {
 public:
  // Of one reading, where nothing else is said, and of a page of the server's.
  static constexpr std::size_t kMost = 1000;
  static constexpr std::chrono::seconds kCallTime{5};

  explicit OrderIndex(temporal::Client client) : client_(std::move(client)) {}

  // Those that match a List Filter, beside being orders (or repairs); nothing where they are more
  // than `most`.
  temporal::Async<std::optional<std::vector<IndexedOrder>>> read(std::string filter,
                                                                 std::size_t most = kMost,
                                                                 Chain chain = Chain::order) const;
  temporal::Async<std::int64_t> count(std::string filter) const;

 private:
  temporal::Client client_;
};

}  // namespace ordering::order
