// What the three services' audits have in common. A check that one statement decides selects what
// violates it; rows are read page by page.
//
//   judge(connection, "S1", "SELECT item_id, 'Available is ' || available FROM item "
//                           "WHERE available < 0")
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "contract/audit.h"
#include "db/connection.h"

namespace ordering::process {

// `violations` selects two texts, the subject and a sentence. In memory are kMostListed rows at most.
inline CheckResult judge(db::Connection& connection, std::string_view id,
                         const std::string& violations) {
  CheckResult result{.id = std::string(id)};
  result.count =
      connection.query("SELECT COUNT(*) FROM (" + violations + ") AS violation")[0].integer(0);
  if (result.count == 0) return result;
  const auto listed = connection.query(violations + " LIMIT $1", kMostListed);
  for (auto row : listed)
    result.violations.push_back(
        {.subject = std::string(row.text(0)), .detail = std::string(row.text(1))});
  return result;
}

// Of a select that begins with order_id, a state and when it came about.
inline AuditRow read_row(db::Row row) {
  return {.order_id = std::string(row.text(0)),
          .state = std::string(row.text(1)),
          .changed_at_ms = row.integer(2)};
}

// `select` ends in front of its WHERE; its first column is order_id.
template <class ReadRow>
AuditRows read_rows(db::Connection& connection, const std::string& select,
                    const RowsRequest& request, ReadRow read_row) {
  AuditRows found;
  const auto add = [&](const db::Rows& rows) {
    for (auto row : rows) found.rows.push_back(read_row(row));
  };
  if (!request.order_ids) {
    add(connection.query(select + "WHERE order_id > $1 ORDER BY order_id LIMIT $2", request.after,
                         kRowsAPage));
    return found;
  }
  if (request.order_ids->size() > kRowsAPage) throw std::length_error("more orders than a page");
  for (const auto& id : *request.order_ids)
    add(connection.query(select + "WHERE order_id = $1", id));
  return found;
}

}  // namespace ordering::process
