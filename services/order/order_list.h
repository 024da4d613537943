// GET /orders: the orders, newest first, a page at a time.
//
//   ListQuery query{.status = Status::failed, .limit = 20};
//   OrderPage page = co_await list.page(query);
//   query.after = page.next;                        // unset: that was the last
//
// Read from visibility by spans of time and sorted here, so that no order comes twice or is lost
// while others come and end (docs/orders.md, 5).
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <compare>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "order/code_attribute.h"
#include "order/order_index.h"
#include "order/order_view.h"
#include "order/orders.h"

namespace ordering::order {

// Behind which order a page begins. Opaque to clients.
struct ListCursor {
  Time created_at = {};
  std::string order_id = {};  // empty: before all orders of that moment
  friend auto operator<=>(const ListCursor&, const ListCursor&) = default;
};
std::string to_text(const ListCursor& cursor);
std::optional<ListCursor> parse_cursor(std::string_view text);

struct ListQuery {
  std::optional<Status> status = {};
  std::optional<std::string> code = {};
  std::string prefix = {};          // of the order id; of its alphabet
  std::optional<Time> from = {};    // of createdAt, itself included
  std::optional<Time> to = {};      // of createdAt, itself not
  std::size_t limit = 50;           // 1 to 200
  std::optional<ListCursor> after;  // unset: the first page
};

struct ListedOrder {
  OrderId order_id;
  std::string run_id = {};  // which tells it; shown to nobody
  Money amount = {};
  Status status = Status::processing;
  std::optional<std::string> code = {};
  bool stuck = false;
  Time created_at = {};
  std::optional<Time> closed_at = {};
};
struct OrderPage {
  std::vector<ListedOrder> items = {};
  std::optional<ListCursor> next = {};
};
std::string to_json(const OrderPage& page);

class OrderList {
 public:
  // Younger orders are on their usual way: whether one is stuck is not asked.
  static constexpr std::chrono::seconds kYoung{10};

  OrderList(temporal::Client client, Orders orders, std::shared_ptr<const CodeAttribute> codes)
      : client_(client), orders_(std::move(orders)), codes_(std::move(codes)), index_(client) {}
  temporal::Async<OrderPage> page(ListQuery query) const;

 private:
  // What one reading found: lines in order, and whether older orders may be left.
  struct Span {
    std::vector<IndexedOrder> lines = {};
    Time from = {};
    bool last = false;
  };
  temporal::Async<OrderPage> read(ListQuery query) const;
  temporal::Async<std::vector<ListedOrder>> current(std::vector<ListedOrder> orders) const;
  temporal::Async<Span> span_before(Time until, ListQuery query) const;
  temporal::Async<std::optional<ListedOrder>> listed(IndexedOrder line, ListQuery query) const;
  temporal::Async<std::optional<ListedOrder>> put_right(IndexedOrder line) const;
  temporal::Async<std::optional<std::string>> code_of_end(IndexedOrder line) const;
  temporal::Async<bool> is_stuck(IndexedOrder line) const;
  temporal::Async<bool> is_current(ListedOrder order) const;
  std::string filter_of(const ListQuery& query) const;

  temporal::Client client_;
  Orders orders_;
  std::shared_ptr<const CodeAttribute> codes_;
  OrderIndex index_;
};

}  // namespace ordering::order
