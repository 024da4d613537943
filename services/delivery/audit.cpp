#include "delivery/audit.h"

#include <string>

#include "process/row_check.h"

namespace ordering::delivery {
namespace {

const std::string kDeliveredTwice =
    "SELECT order_id, 'It has ' || times || ' deliveries.' FROM ("
    "SELECT order_id, COUNT(*) AS times FROM delivery GROUP BY order_id "
    "UNION ALL SELECT order_id, COUNT(*) FROM delivery_event WHERE state = 'REQUESTED' "
    "GROUP BY order_id) AS requested WHERE times > 1";

// The events of an order are exactly those of the way to its row's state. A state that was skipped
// lacks its event, one that was left again has one too many.
const std::string kMovedBackward =
    "SELECT order_id, 'It is ' || state || ' after ' || past || ' changes, ' || on_its_way || "
    "' of them on the way there.' "
    "FROM (SELECT d.order_id, d.state, COUNT(e.state) AS past, "
    "COUNT(CASE WHEN e.state = d.state "
    "OR (e.state = 'REQUESTED' AND d.state IN ('DEPARTED', 'IN_TRANSIT', 'DELIVERED', "
    "'CANCELLED')) "
    "OR (e.state = 'DEPARTED' AND d.state IN ('IN_TRANSIT', 'DELIVERED')) "
    "OR (e.state = 'IN_TRANSIT' AND d.state = 'DELIVERED') THEN 1 END) AS on_its_way, "
    "CASE d.state WHEN 'DELIVERED' THEN 4 WHEN 'IN_TRANSIT' THEN 3 WHEN 'DEPARTED' THEN 2 "
    "WHEN 'CANCELLED' THEN 2 ELSE 1 END AS needed "
    "FROM delivery AS d LEFT JOIN delivery_event AS e ON e.order_id = d.order_id "
    "GROUP BY d.order_id, d.state) AS way "
    "WHERE past <> needed OR on_its_way <> needed";

const std::string kRow = "SELECT order_id, state, since FROM delivery ";

AuditSums read_sums(db::Connection& connection) {
  const auto rows = connection.query(
      "SELECT COUNT(CASE WHEN state = 'DELIVERED' THEN 1 END), "
      "COUNT(CASE WHEN state IN ('REQUESTED', 'DEPARTED', 'IN_TRANSIT') THEN 1 END) FROM delivery");
  return {{"delivered", rows[0].integer(0)}, {"underWay", rows[0].integer(1)}};
}

}  // namespace

OwnAudit Audit::judge() {
  return pool_.read([](db::Connection& connection) {
    return OwnAudit{.checks = {process::judge(connection, "D1", kDeliveredTwice),
                               process::judge(connection, "D4", kMovedBackward)},
                    .sums = read_sums(connection)};
  });
}

AuditRows Audit::read(RowsRequest request) {
  return pool_.read([&](db::Connection& connection) {
    return process::read_rows(connection, kRow, request, process::read_row);
  });
}

}  // namespace ordering::delivery
