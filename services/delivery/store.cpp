#include "delivery/store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "db/migration.h"
#include "delivery/migrations.h"

namespace ordering::delivery {
namespace {

Timestamp from_millis(std::int64_t millis) {
  return Timestamp(std::chrono::milliseconds(millis));
}

// `lock` is empty, or db::kForUpdate.
std::optional<Delivery> find_row(db::Connection& connection, const OrderId& id,
                                 std::string_view lock = {}) {
  const auto rows = connection.query(
      std::string("SELECT state, since, refusal FROM delivery WHERE order_id = $1").append(lock),
      id.text());
  if (rows.empty()) return std::nullopt;
  const auto refusal = rows[0].optional_text(2);
  return Delivery{.state = state_from(rows[0].text(0)),
                  .since = from_millis(rows[0].integer(1)),
                  .refusal = refusal ? find_name(*refusal) : std::nullopt};
}

void write_row(db::Connection& connection, const OrderId& id, State before, const Delivery& row) {
  const auto state = to_string(row.state);
  const auto millis = row.since.time_since_epoch().count();
  std::int64_t written = 0;
  if (before == State::none) {
    std::optional<std::string_view> refusal;
    if (row.refusal) refusal = explain(*row.refusal).name;
    written = connection.execute(
        "INSERT INTO delivery (order_id, state, since, refusal) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING",
        id.text(), state, millis, refusal);
  } else {
    written = connection.execute(
        "UPDATE delivery SET state = $3, since = $4 WHERE order_id = $1 AND state = $2", id.text(),
        to_string(before), state, millis);
  }
  if (written != 1) throw db::Error("40001", "the delivery has changed meanwhile");
  connection.execute("INSERT INTO delivery_event (order_id, state, at) VALUES ($1, $2, $3)",
                     id.text(), state, millis);
}

template <class Decide>
auto change(db::Pool& pool, const OrderId& id, Decide decide) {
  return pool.write([&](db::Connection& connection) {
    const auto found = find_row(connection, id, db::kForUpdate).value_or(Delivery());
    auto decision = decide(connection, found);
    if (decision.row) write_row(connection, id, found.state, *decision.row);
    return std::move(decision.answer);
  });
}

std::int64_t count_couriers(db::Connection& connection) {
  return connection.query("SELECT available FROM couriers ORDER BY seq DESC LIMIT 1")[0].integer(0);
}

}  // namespace

void Store::migrate() {
  db::migrate(pool_, kMigrations);
}

std::expected<Progress, Refusal> Store::proceed(const OrderId& id, const Timetable& timetable,
                                                Timestamp now) {
  return change(pool_, id, [&](db::Connection& connection, const Delivery& found) {
    const auto couriers = found.state == State::none ? count_couriers(connection) : 0;
    return delivery::proceed(found, id, couriers, timetable, now);
  });
}

std::expected<UndoResult, Refusal> Store::cancel(const OrderId& id, Timestamp now) {
  return change(pool_, id, [&](db::Connection&, const Delivery& found) {
    return delivery::cancel(found, now);
  });
}

void Store::set_couriers(std::int64_t available, Timestamp at) {
  pool_.write([&](db::Connection& connection) {
    connection.execute("INSERT INTO couriers (at, available) VALUES ($1, $2)",
                       at.time_since_epoch().count(), available);
  });
}

std::optional<StoredDelivery> Store::find(const OrderId& id) {
  return pool_.read([&](db::Connection& connection) -> std::optional<StoredDelivery> {
    const auto row = find_row(connection, id);
    if (!row) return std::nullopt;
    StoredDelivery stored{.row = *row};
    for (auto event :
         connection.query("SELECT state, at FROM delivery_event WHERE order_id = $1", id.text()))
      stored.changes.push_back(
          {.state = state_from(event.text(0)), .at = from_millis(event.integer(1))});
    // States only move forward, in the order they are declared; within a millisecond too.
    std::ranges::sort(stored.changes, {}, &StateChange::state);
    return stored;
  });
}

}  // namespace ordering::delivery
