#include "inventory/store.h"

#include <stdexcept>
#include <utility>

#include "db/migration.h"
#include "inventory/migrations.h"

namespace ordering::inventory {
namespace {

constexpr std::string_view kItemColumns =
    "SELECT item_id, initial, available, reserved, discontinued FROM item ";

// `lock` is empty, or db::kForUpdate.
std::optional<StoredReservation> find_row(db::Connection& connection, const OrderId& id,
                                          std::string_view lock = {}) {
  const auto rows = connection.query(
      std::string("SELECT item_id, state, refusal FROM reservation WHERE order_id = $1")
          .append(lock),
      id.text());
  if (rows.empty()) return std::nullopt;
  const auto refusal = rows[0].optional_text(2);
  return StoredReservation{.item_id = std::string(rows[0].text(0)),
                           .row = {.state = state_from(rows[0].text(1)),
                                   .refusal = refusal ? find_name(*refusal) : std::nullopt}};
}

// Everybody locks the order's row first and the item's then, so that none waits for another in a ring.
Shelf look_at_shelf(db::Connection& connection, const ItemId& item) {
  const auto rows = connection.query(
      std::string(
          "SELECT discontinued, available, EXISTS (SELECT 1 FROM item_warehouse AS place "
          "JOIN warehouse ON warehouse.name = place.warehouse "
          "WHERE place.item_id = item.item_id AND warehouse.open) FROM item WHERE item_id = $1")
          .append(db::kForUpdate),
      item.text());
  if (rows.empty()) return {};
  return {.exists = true,
          .discontinued = rows[0].boolean(0),
          .available = rows[0].integer(1),
          .open = rows[0].boolean(2)};
}

void write_row(db::Connection& connection, const OrderId& id, State before, const Reservation& row,
               Timestamp at) {
  const auto millis = at.time_since_epoch().count();
  std::int64_t written = 0;
  if (before == State::none) {
    std::optional<std::string_view> refusal;
    if (row.refusal) refusal = explain(*row.refusal).name;
    written = connection.execute(
        "INSERT INTO reservation (order_id, item_id, state, refusal, changed_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        id.text(), ItemId::of(id).text(), to_string(row.state), refusal, millis);
  } else {
    written = connection.execute(
        "UPDATE reservation SET state = $3, changed_at = $4 WHERE order_id = $1 AND state = $2",
        id.text(), to_string(before), to_string(row.state), millis);
  }
  if (written != 1) throw db::Error("40001", "the reservation has changed meanwhile");
}

// A unit goes from available to reserved, or back.
void move_unit(db::Connection& connection, const ItemId& item, std::int64_t moved) {
  if (moved == 0) return;
  connection.execute(
      "UPDATE item SET available = available - $2, reserved = reserved + $2 WHERE item_id = $1",
      item.text(), moved);
}

template <class Decide>
auto change(db::Pool& pool, const OrderId& id, Timestamp at, Decide decide) {
  return pool.write([&](db::Connection& connection) {
    const auto item = ItemId::of(id);
    const auto found = find_row(connection, id, db::kForUpdate).value_or(StoredReservation()).row;
    auto decision = decide(found, look_at_shelf(connection, item));
    if (decision.row) {
      write_row(connection, id, found.state, *decision.row, at);
      move_unit(connection, item, decision.moved);
      connection.execute(
          "INSERT INTO stock_event (at, order_id, item_id, state, units) "
          "VALUES ($1, $2, $3, $4, $5)",
          at.time_since_epoch().count(), id.text(), item.text(), to_string(decision.row->state),
          -decision.moved);
    }
    return std::move(decision.answer);
  });
}

std::vector<std::string> warehouses_of(db::Connection& connection, std::string_view item) {
  std::vector<std::string> names;
  for (auto row : connection.query(
           "SELECT warehouse FROM item_warehouse WHERE item_id = $1 ORDER BY warehouse", item))
    names.emplace_back(row.text(0));
  return names;
}

Item read_item(db::Connection& connection, db::Row row) {
  return {.id = ItemId::parse(row.text(0)).value(),
          .initial = row.integer(1),
          .available = row.integer(2),
          .reserved = row.integer(3),
          .discontinued = row.boolean(4),
          .warehouses = warehouses_of(connection, row.text(0))};
}

// `lock` is empty, or db::kForUpdate.
std::optional<Item> find_item(db::Connection& connection, const ItemId& id,
                              std::string_view lock = {}) {
  const auto rows = connection.query(
      std::string(kItemColumns).append("WHERE item_id = $1").append(lock), id.text());
  if (rows.empty()) return std::nullopt;
  return read_item(connection, rows[0]);
}

void make_item(db::Connection& connection, const ItemId& id) {
  if (connection.execute("INSERT INTO item (item_id, initial, available) VALUES ($1, 0, 0) "
                         "ON CONFLICT DO NOTHING",
                         id.text()) != 1)
    throw db::Error("40001", "the item was made meanwhile");
  connection.execute("INSERT INTO item_warehouse (item_id, warehouse) VALUES ($1, $2)", id.text(),
                     Store::kFirstWarehouse);
}

void check_units(std::int64_t units) {
  if (units < -Store::kMaxUnits || units > Store::kMaxUnits)
    throw std::out_of_range("more units than an item may have");
}

}  // namespace

void Store::migrate() {
  db::migrate(pool_, kMigrations);
}

std::expected<Held, Refusal> Store::reserve(const OrderId& id, Timestamp at) {
  return change(pool_, id, at, [](const Reservation& found, const Shelf& shelf) {
    return inventory::reserve(found, shelf);
  });
}

std::expected<UndoResult, Refusal> Store::restock(const OrderId& id, Timestamp at) {
  return change(pool_, id, at, [](const Reservation& found, const Shelf& shelf) {
    return inventory::restock(found, shelf);
  });
}

std::expected<Item, Refusal> Store::adjust(const ItemId& id, const Adjustment& by, Timestamp at) {
  check_units(by.delta);
  return pool_.write([&](db::Connection& connection) -> std::expected<Item, Refusal> {
    auto item = find_item(connection, id, db::kForUpdate);
    const auto available = (item ? item->available : 0) + by.delta;
    if (available < 0) return std::unexpected(Refusal{Code::out_of_stock});
    check_units(available + (item ? item->reserved : 0));
    if (!item) make_item(connection, id);
    connection.execute(
        "UPDATE item SET adjusted = adjusted + $2, available = available + $2 WHERE item_id = $1",
        id.text(), by.delta);
    connection.execute(
        "INSERT INTO adjustment (at, item_id, delta, reason) VALUES ($1, $2, $3, $4)",
        at.time_since_epoch().count(), id.text(), by.delta, by.reason);
    return find_item(connection, id).value();
  });
}

bool Store::set_warehouse(std::string_view name, bool open, Timestamp at) {
  return pool_.write([&](db::Connection& connection) {
    if (connection.execute("UPDATE warehouse SET open = $2 WHERE name = $1", name, open) == 0)
      return false;
    connection.execute("INSERT INTO warehouse_event (at, warehouse, open) VALUES ($1, $2, $3)",
                       at.time_since_epoch().count(), name, open);
    return true;
  });
}

std::vector<Item> Store::items() {
  return pool_.read([](db::Connection& connection) {
    std::vector<Item> items;
    const auto rows = connection.query(std::string(kItemColumns) + "ORDER BY item_id");
    for (auto row : rows) items.push_back(read_item(connection, row));
    return items;
  });
}

std::optional<Item> Store::find(const ItemId& id) {
  return pool_.read([&](db::Connection& connection) { return find_item(connection, id); });
}

std::optional<StoredReservation> Store::find_reservation(const OrderId& id) {
  return pool_.read([&](db::Connection& connection) { return find_row(connection, id); });
}

}  // namespace ordering::inventory
