#include "payment/store.h"

#include <string_view>
#include <utility>

#include "db/migration.h"
#include "payment/migrations.h"

namespace ordering::payment {
namespace {

Payment read_row(db::Row row) {
  const auto refusal = row.optional_text(2);
  return {.state = state_from(row.text(0)),
          .amount = Money::from_minor(row.integer(1)),
          .refusal = refusal ? find_name(*refusal) : std::nullopt};
}

// `lock` is empty, or db::kForUpdate.
std::optional<Payment> find_row(db::Connection& connection, const OrderId& id,
                                std::string_view lock = {}) {
  const auto rows = connection.query(
      std::string("SELECT state, amount_minor, refusal FROM payment WHERE order_id = $1")
          .append(lock),
      id.text());
  if (rows.empty()) return std::nullopt;
  return read_row(rows[0]);
}

void write_row(db::Connection& connection, const OrderId& id, State before, const Payment& row,
               Timestamp at) {
  const auto state = to_string(row.state);
  const auto millis = at.time_since_epoch().count();
  std::int64_t written = 0;
  if (before == State::none) {
    std::optional<std::string_view> refusal;
    if (row.refusal) refusal = explain(*row.refusal).name;
    written = connection.execute(
        "INSERT INTO payment (order_id, state, amount_minor, refusal, changed_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        id.text(), state, row.amount.minor(), refusal, millis);
  } else {
    written = connection.execute(
        "UPDATE payment SET state = $3, changed_at = $4 WHERE order_id = $1 AND state = $2",
        id.text(), to_string(before), state, millis);
  }
  if (written != 1) throw db::Error("40001", "the payment has changed meanwhile");
}

// Money moves from the customer to our revenue, or back; a decision that moves none is an event.
void book(db::Connection& connection, const OrderId& id, const Payment& row, Timestamp at) {
  const auto millis = at.time_since_epoch().count();
  if (row.state != State::captured && row.state != State::refunded) {
    connection.execute("INSERT INTO payment_event (order_id, state, at) VALUES ($1, $2, $3)",
                       id.text(), to_string(row.state), millis);
    return;
  }
  const bool captured = row.state == State::captured;
  const auto to_revenue = captured ? row.amount.minor() : -row.amount.minor();
  connection.execute(
      "INSERT INTO ledger (at, order_id, movement, account, amount_minor) "
      "VALUES ($1, $2, $3, 'customer', $4), ($1, $2, $3, 'revenue', $5)",
      millis, id.text(), captured ? "CAPTURE" : "REFUND", -to_revenue, to_revenue);
}

template <class Decide>
auto change(db::Pool& pool, const OrderId& id, Timestamp at, Decide decide) {
  return pool.write([&](db::Connection& connection) {
    const Payment found = find_row(connection, id, db::kForUpdate).value_or(Payment());
    auto decision = decide(found);
    if (decision.row) {
      write_row(connection, id, found.state, *decision.row, at);
      book(connection, id, *decision.row, at);
    }
    return std::move(decision.answer);
  });
}

}  // namespace

void Store::migrate() {
  db::migrate(pool_, kMigrations);
}

std::expected<Money, Refusal> Store::charge(const OrderId& id, Money amount, bool system_fails,
                                            Timestamp at) {
  return change(pool_, id, at,
                [&](const Payment& found) { return payment::charge(found, amount, system_fails); });
}

std::expected<UndoResult, Refusal> Store::refund(const OrderId& id, Timestamp at) {
  return change(pool_, id, at, [](const Payment& found) { return payment::refund(found); });
}

std::optional<Payment> Store::find(const OrderId& id) {
  return pool_.read([&](db::Connection& connection) { return find_row(connection, id); });
}

std::vector<LedgerEntry> Store::ledger(const OrderId& id) {
  return pool_.read([&](db::Connection& connection) {
    std::vector<LedgerEntry> entries;
    for (auto row : connection.query("SELECT seq, at, account, amount_minor FROM ledger "
                                     "WHERE order_id = $1 ORDER BY seq",
                                     id.text()))
      entries.push_back({.seq = row.integer(0),
                         .at = Timestamp(std::chrono::milliseconds(row.integer(1))),
                         .order_id = id.text(),
                         .account = std::string(row.text(2)),
                         .amount = Money::from_minor(row.integer(3))});
    return entries;
  });
}

}  // namespace ordering::payment
