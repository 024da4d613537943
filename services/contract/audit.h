// The audit (docs/orders.md, 6), as its workflow, the three services and whoever asks for it know it.
//
// Each service judges what its own rows decide, in one transaction (audit_payment …), and gives its
// rows to be held against the orders, page by page (read_payments …). The workflow asks for both.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/wire.h"
#include "temporal/definition.h"
#include "temporal/payload.h"

namespace ordering {

// Of each check so many violations are listed; all are counted.
inline constexpr std::size_t kMostListed = 20;
// In one answer: far below the 2 MB that Temporal takes, whatever the ids.
inline constexpr std::size_t kRowsAPage = 500;

struct Violation {
  std::string subject = {};  // an order's id or an item's
  std::string detail = {};   // one sentence
};
struct CheckResult {
  std::string id = {};                     // "M1"
  std::int64_t count = 0;                  // of violations
  std::vector<Violation> violations = {};  // the first kMostListed of them
};
using AuditSums = std::map<std::string, std::int64_t>;

// What a service found in its own rows.
struct OwnAudit {
  std::vector<CheckResult> checks = {};  // each that it judges, violated or not
  AuditSums sums = {};
};

struct RowsRequest {
  // The rows of these orders, at most kRowsAPage; unset: those after `after`, in the store's order.
  std::optional<std::vector<std::string>> order_ids = {};
  std::string after = {};  // the last order id of the page before; empty: from the first
};
struct AuditRow {
  std::string order_id = {};
  std::string state = {};
  std::int64_t changed_at_ms = 0;                 // since the Unix epoch
  std::optional<std::int64_t> amount_minor = {};  // of payments, as the next
  std::optional<std::int64_t> net_minor = {};     // what the ledger says is kept of it
};
struct AuditRows {
  std::vector<AuditRow> rows = {};  // kRowsAPage of them: there may be more
};

inline constexpr temporal::ActivityType<OwnAudit()> audit_payment{"auditPayment"};
inline constexpr temporal::ActivityType<OwnAudit()> audit_inventory{"auditInventory"};
inline constexpr temporal::ActivityType<OwnAudit()> audit_delivery{"auditDelivery"};
inline constexpr temporal::ActivityType<AuditRows(RowsRequest)> read_payments{"readPayments"};
inline constexpr temporal::ActivityType<AuditRows(RowsRequest)> read_reservations{
    "readReservations"};
inline constexpr temporal::ActivityType<AuditRows(RowsRequest)> read_deliveries{"readDeliveries"};

struct AuditedCheck {
  std::string id = {};
  bool ok = false;
  std::int64_t count = 0;
  std::vector<Violation> violations = {};
  std::optional<std::string> note = {};
};
struct AuditResult {
  bool ok = false;
  std::string at = {};                    // RFC 3339: when it began
  std::vector<AuditedCheck> checks = {};  // all, in the order of docs/orders.md
  AuditSums sums = {};
  // Orders with a compensation that a person counted as done: the first kMostListed of them.
  std::vector<std::string> resolved = {};
};

// Where an audit is: a run that has become long hands it to the next one.
enum class AuditPass { own, ended, late, payments, reservations, deliveries, done };
struct AuditProgress {
  std::optional<std::int64_t> at_ms = {};  // unset: it has not begun
  AuditPass pass = AuditPass::own;
  temporal::Bytes page = {};  // of a list of orders: where it goes on
  std::string after = {};     // of a list of rows: likewise
  std::vector<CheckResult> checks = {};
  AuditSums sums = {};
  std::vector<std::string> resolved = {};
};

struct AuditWorkflow {
  static constexpr temporal::WorkflowType<AuditResult(AuditProgress)> type{"AuditWorkflow"};
};
// Of the schedule, and of an audit that somebody asks for; those of the schedule have a time behind.
inline constexpr std::string_view kAuditId = "order-audit";

}  // namespace ordering

template <>
struct temporal::Json<ordering::OwnAudit>
    : ordering::wire::Members<ordering::OwnAudit,
                              ordering::wire::Field<"checks", &ordering::OwnAudit::checks>,
                              ordering::wire::Field<"sums", &ordering::OwnAudit::sums>> {};
template <>
struct temporal::Json<ordering::RowsRequest>
    : ordering::wire::Members<ordering::RowsRequest,
                              ordering::wire::Field<"orderIds", &ordering::RowsRequest::order_ids>,
                              ordering::wire::Field<"after", &ordering::RowsRequest::after>> {};
template <>
struct temporal::Json<ordering::AuditRow>
    : ordering::wire::Members<
          ordering::AuditRow, ordering::wire::Field<"orderId", &ordering::AuditRow::order_id>,
          ordering::wire::Field<"state", &ordering::AuditRow::state>,
          ordering::wire::Field<"changedAtMs", &ordering::AuditRow::changed_at_ms>,
          ordering::wire::Field<"amountMinor", &ordering::AuditRow::amount_minor>,
          ordering::wire::Field<"netMinor", &ordering::AuditRow::net_minor>> {};
