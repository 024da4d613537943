#include "payment/audit.h"

#include <string>

#include "process/row_check.h"

namespace ordering::payment {
namespace {

const std::string kCapturedTwice =
    "SELECT order_id, 'It was captured ' || COUNT(*) || ' times.' FROM ledger "
    "WHERE account = 'revenue' AND movement = 'CAPTURE' GROUP BY order_id HAVING COUNT(*) > 1";

const std::string kRefundedWrongly =
    "SELECT order_id, CASE WHEN refunds > 1 THEN 'It was refunded ' || refunds || ' times.' "
    "ELSE 'Of ' || captured || ' captured, ' || refunded || ' were refunded.' END "
    "FROM (SELECT order_id, COUNT(CASE WHEN movement = 'REFUND' THEN 1 END) AS refunds, "
    "COALESCE(MAX(CASE WHEN movement = 'CAPTURE' THEN amount_minor END), 0) AS captured, "
    "COALESCE(MAX(CASE WHEN movement = 'REFUND' THEN -amount_minor END), 0) AS refunded "
    "FROM ledger WHERE account = 'revenue' GROUP BY order_id) AS moved "
    "WHERE refunds > 1 OR (refunds = 1 AND refunded <> captured)";

const std::string kNetOutOfRange =
    "SELECT l.order_id, 'Net is ' || l.net || ' of ' || COALESCE(p.amount_minor, 0) || '.' "
    "FROM (SELECT order_id, CAST(SUM(amount_minor) AS BIGINT) AS net FROM ledger "
    "WHERE account = 'revenue' GROUP BY order_id) AS l "
    "LEFT JOIN payment AS p ON p.order_id = l.order_id "
    "WHERE l.net < 0 OR l.net > COALESCE(p.amount_minor, 0)";

const std::string kUnbalanced =
    "SELECT order_id, 'The entries of its ' || movement || ' sum to ' || "
    "CAST(SUM(amount_minor) AS BIGINT) || '.' FROM ledger "
    "GROUP BY order_id, movement HAVING SUM(amount_minor) <> 0";

const std::string kRow =
    "SELECT order_id, state, changed_at, amount_minor, COALESCE((SELECT CAST(SUM(l.amount_minor) "
    "AS BIGINT) FROM ledger AS l WHERE l.order_id = p.order_id AND l.account = 'revenue'), 0) "
    "FROM payment AS p ";

AuditSums read_sums(db::Connection& connection) {
  const auto rows = connection.query(
      "SELECT CAST(COALESCE(SUM(CASE WHEN account = 'revenue' AND movement = 'CAPTURE' "
      "THEN amount_minor END), 0) AS BIGINT), "
      "CAST(COALESCE(SUM(CASE WHEN account = 'revenue' AND movement = 'REFUND' "
      "THEN -amount_minor END), 0) AS BIGINT), "
      "CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger");
  const auto row = rows[0];
  return {{"capturedMinor", row.integer(0)},
          {"refundedMinor", row.integer(1)},
          {"netMinor", row.integer(0) - row.integer(1)},
          {"ledgerMinor", row.integer(2)}};
}

AuditRow read_row(db::Row row) {
  auto read = process::read_row(row);
  read.amount_minor = row.integer(3);
  read.net_minor = row.integer(4);
  return read;
}

}  // namespace

OwnAudit Audit::judge() {
  return pool_.read([](db::Connection& connection) {
    return OwnAudit{.checks = {process::judge(connection, "M1", kCapturedTwice),
                               process::judge(connection, "M2", kRefundedWrongly),
                               process::judge(connection, "M3", kNetOutOfRange),
                               process::judge(connection, "M6", kUnbalanced)},
                    .sums = read_sums(connection)};
  });
}

AuditRows Audit::read(RowsRequest request) {
  return pool_.read([&](db::Connection& connection) {
    return process::read_rows(connection, kRow, request, read_row);
  });
}

}  // namespace ordering::payment
