#include "inventory/audit.h"

#include <string>

#include "process/row_check.h"

namespace ordering::inventory {
namespace {

const std::string kBelowZero =
    "SELECT item_id, 'Available is ' || available || '.' FROM item WHERE available < 0";

// What is reserved must also be what the reservations hold: a unit that only moved between the two
// columns would not show.
const std::string kUnaccounted =
    "SELECT item_id, 'Of ' || owned || ' units ' || available || ' are available and ' || reserved "
    "|| ' reserved; ' || held || ' orders hold one.' "
    "FROM (SELECT i.item_id, i.available, i.reserved, COALESCE(r.held, 0) AS held, "
    "CASE WHEN i.initial < 0 THEN 0 ELSE i.initial END + COALESCE(a.added, 0) AS owned "
    "FROM item AS i "
    "LEFT JOIN (SELECT item_id, CAST(SUM(delta) AS BIGINT) AS added FROM adjustment "
    "GROUP BY item_id) AS a ON a.item_id = i.item_id "
    "LEFT JOIN (SELECT item_id, COUNT(*) AS held FROM reservation WHERE state = 'RESERVED' "
    "GROUP BY item_id) AS r ON r.item_id = i.item_id) AS stock "
    "WHERE owned <> available + reserved OR reserved <> held";

const std::string kReservedTwice =
    "SELECT order_id, 'It was reserved ' || times || ' times.' FROM ("
    "SELECT order_id, COUNT(*) AS times FROM stock_event WHERE state = 'RESERVED' GROUP BY "
    "order_id "
    "UNION ALL SELECT order_id, COUNT(*) FROM reservation GROUP BY order_id) AS reserved "
    "WHERE times > 1";

const std::string kRow = "SELECT order_id, state, changed_at FROM reservation ";

AuditSums read_sums(db::Connection& connection) {
  const auto rows = connection.query(
      "SELECT CAST(COALESCE(SUM(available), 0) AS BIGINT), "
      "CAST(COALESCE(SUM(reserved), 0) AS BIGINT) FROM item");
  return {{"available", rows[0].integer(0)}, {"reserved", rows[0].integer(1)}};
}

}  // namespace

OwnAudit Audit::judge() {
  return pool_.read([](db::Connection& connection) {
    return OwnAudit{.checks = {process::judge(connection, "S1", kBelowZero),
                               process::judge(connection, "S2", kUnaccounted),
                               process::judge(connection, "S3", kReservedTwice)},
                    .sums = read_sums(connection)};
  });
}

AuditRows Audit::read(RowsRequest request) {
  return pool_.read([&](db::Connection& connection) {
    return process::read_rows(connection, kRow, request, process::read_row);
  });
}

}  // namespace ordering::inventory
