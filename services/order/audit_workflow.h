// The audit's workflow: reads and judges page by page, in bounded memory and history.
//
// First each service judges its own rows. Then the orders that have ended are listed, a page at a
// time, and only when the end of those is certain their rows are read: an order in flight makes no
// alarm. Last the rows of each service, a page at a time, and then the order of each: a row that is
// read has an order that was there before it.
#pragma once
#include <temporal/workflow.h>

#include <string>
#include <string_view>
#include <vector>

#include "contract/audit.h"
#include "order/audit_checks.h"

namespace ordering::order {

class Audit {
 public:
  explicit Audit(AuditProgress progress)
      : progress_(std::move(progress)), findings_(std::move(progress_.checks)) {}
  static temporal::WorkflowDefinition definition();

  temporal::workflow::Task<AuditResult> run(AuditProgress progress);

 private:
  // One page each.
  temporal::workflow::Task<> judge_own_rows();
  temporal::workflow::Task<> judge_ended_orders();
  temporal::workflow::Task<> judge_late_orders();
  temporal::workflow::Task<> judge_rows();

  temporal::workflow::Task<PageRows> rows_of(std::vector<std::string> orders);
  temporal::workflow::Task<> look_up(std::string_view what, std::vector<AuditRow> rows);
  temporal::workflow::Task<> judge_by_payments(AuditPass pass, std::vector<AuditRow> rows);
  temporal::workflow::Task<> judge_departures(std::vector<AuditRow> deliveries, RowsById payments);
  void keep(const OwnAudit& own);
  void count(const EndedRun& run);
  void turn_page(temporal::Bytes next, AuditPass then);
  OrdersRequest next_orders() const;
  void go_on_in_a_new_run();
  AuditResult result() const;

  AuditProgress progress_;
  Findings findings_;
};

}  // namespace ordering::order
