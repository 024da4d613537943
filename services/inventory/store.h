// Stock and reservations. Each call that changes anything is one transaction: the rows and their
// event, or none of them.
//
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/order_id.h"
#include "contract/timestamp.h"
#include "db/pool.h"
#include "inventory/item_id.h"
#include "inventory/reservation.h"

namespace ordering::inventory {

struct Item {
  ItemId id;
  std::int64_t initial = 0;  // −1: discontinued from the start
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  bool discontinued = false;
  std::vector<std::string> warehouses = {};
};

struct StoredReservation {
  std::string item_id = {};
  Reservation row = {};
};

struct Adjustment {
  std::int64_t delta = 0;  // units added to available; below 0: taken away
  std::string reason = {};
};

class Store {
 public:
  // Of one item, by all adjustments together: far from what could overflow.
  static constexpr std::int64_t kMaxUnits = 1'000'000'000'000;
  // Where an item stands that an adjustment makes.
  static constexpr std::string_view kFirstWarehouse = "SEOUL";

  explicit Store(db::Pool& pool) : pool_(pool) {}

  void migrate();  // brings schema and catalogue up to date; before anything else

  std::expected<Held, Refusal> reserve(const OrderId& id, Timestamp at);
  std::expected<UndoResult, Refusal> restock(const OrderId& id, Timestamp at);

  // By hand. An unknown item is made; I003 when it would take away what is not there or what is
  // reserved. |delta| and the stock it leads to are at most kMaxUnits: std::out_of_range.
  std::expected<Item, Refusal> adjust(const ItemId& id, const Adjustment& by, Timestamp at);
  // False: there is no such warehouse.
  bool set_warehouse(std::string_view name, bool open, Timestamp at);

  std::vector<Item> items();
  std::optional<Item> find(const ItemId& id);
  std::optional<StoredReservation> find_reservation(const OrderId& id);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::inventory
