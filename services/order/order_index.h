// The orders as Temporal's visibility lists them. Its page tokens follow an order of its own
// (open ones first, then by their end), so readers here take spans of time that hold few
// enough orders to be read whole.
//
//   OrderIndex index(client);
//   auto lines = co_await index.read("StartTime < '2026-11-25T00:00:00.000Z'");
//   if (!lines) …                       // more than kMost: ask for less
//   auto page = co_await index.page("CloseTime >= …");       // or all there are, page by page
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

struct IndexPage {
  std::vector<IndexedOrder> runs = {};
  std::string next = {};  // the next page; empty: this was the last
};

class OrderIndex {
 public:
  // Of one reading, and of a page.
  static constexpr std::size_t kMost = 1000;
  static constexpr std::chrono::seconds kCallTime{5};

  explicit OrderIndex(temporal::Client client) : client_(std::move(client)) {}

  // Those that match a List Filter, beside being orders; nothing where they are more than kMost.
  temporal::Async<std::optional<std::vector<IndexedOrder>>> read(std::string filter) const;
  temporal::Async<std::int64_t> count(std::string filter) const;

  // A page of the orders' and repairs' runs that match. One that ends while page follows page may
  // come twice; none that was there before the first is left out.
  temporal::Async<IndexPage> page(std::string filter, std::string page = {}) const;

 private:
  temporal::Async<IndexPage> list(std::string query, std::string page) const;
  temporal::Client client_;
};

}  // namespace ordering::order
