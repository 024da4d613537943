#include "order/audit_workflow.h"

#include <chrono>
#include <utility>

#include "contract/task_queues.h"
#include "contract/timestamp.h"

namespace ordering::order {

namespace workflow = temporal::workflow;
using namespace std::chrono_literals;
using workflow::Task;

namespace {

// A page takes a moment; a part that is away for longer ends the audit, which then has no result.
constexpr auto kAttempt = 60s;
constexpr auto kGiveUpAfter = 90s;

workflow::ActivityOptions asking(std::string_view task_queue) {
  return {.task_queue = std::string(task_queue),
          .start_to_close_timeout = kAttempt,
          .schedule_to_close_timeout = kGiveUpAfter,
          .retry_policy = temporal::RetryPolicy{.maximum_interval = 10s}};
}

std::vector<std::string> ids_of(const std::vector<AuditRow>& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row.order_id);
  return ids;
}

auto read_rows(AuditPass pass, std::string after) {
  RowsRequest request{.after = std::move(after)};
  if (pass == AuditPass::payments)
    return workflow::execute_activity(read_payments, asking(kPaymentTaskQueue), std::move(request));
  if (pass == AuditPass::reservations)
    return workflow::execute_activity(read_reservations, asking(kInventoryTaskQueue),
                                      std::move(request));
  return workflow::execute_activity(read_deliveries, asking(kDeliveryTaskQueue),
                                    std::move(request));
}

std::string_view name_of_row(AuditPass pass) {
  if (pass == AuditPass::payments) return "payment";
  return pass == AuditPass::reservations ? "reservation" : "delivery";
}

AuditPass after(AuditPass pass) {
  return static_cast<AuditPass>(static_cast<int>(pass) + 1);
}

}  // namespace

temporal::WorkflowDefinition Audit::definition() {
  return temporal::workflow_definition(AuditWorkflow::type, &Audit::run);
}

Task<AuditResult> Audit::run(AuditProgress /*progress: the constructor has it*/) {
  if (!progress_.at_ms)
    progress_.at_ms =
        std::chrono::floor<std::chrono::milliseconds>(workflow::now()).time_since_epoch().count();
  while (progress_.pass != AuditPass::done) {
    if (progress_.pass == AuditPass::own)
      co_await judge_own_rows();
    else if (progress_.pass == AuditPass::ended)
      co_await judge_ended_orders();
    else if (progress_.pass == AuditPass::late)
      co_await judge_late_orders();
    else
      co_await judge_rows();
    if (workflow::info().continue_as_new_suggested) go_on_in_a_new_run();
  }
  co_return result();
}

Task<> Audit::judge_own_rows() {
  auto money = workflow::execute_activity(audit_payment, asking(kPaymentTaskQueue));
  auto stock = workflow::execute_activity(audit_inventory, asking(kInventoryTaskQueue));
  auto deliveries = workflow::execute_activity(audit_delivery, asking(kDeliveryTaskQueue));
  keep(co_await std::move(money));
  keep(co_await std::move(stock));
  keep(co_await std::move(deliveries));
  progress_.pass = AuditPass::ended;
}

void Audit::keep(const OwnAudit& own) {
  findings_.merge(own.checks);
  progress_.sums.insert(own.sums.begin(), own.sums.end());
}

Task<> Audit::judge_ended_orders() {
  auto page = co_await workflow::execute_activity(list_ended_orders, asking(kOrderTaskQueue),
                                                  next_orders());
  std::vector<std::string> orders;
  for (const auto& run : page.runs)
    if (run.latest) orders.push_back(run.order_id);
  auto rows = co_await rows_of(std::move(orders));
  for (const auto& run : page.runs) {
    judge_ended(run, rows, *progress_.at_ms, findings_);
    count(run);
  }
  findings_.judged({"M4", "M5", "S4", "D2", "D3", "T4", "T5", "T6"});
  turn_page(std::move(page.next_page), AuditPass::late);
}

Task<> Audit::judge_late_orders() {
  auto page =
      co_await workflow::execute_activity(list_late_orders, asking(kOrderTaskQueue), next_orders());
  for (const auto& order : page.orders) judge_late(order, findings_);
  findings_.judged({"T2"});
  turn_page(std::move(page.next_page), AuditPass::payments);
}

Task<> Audit::judge_rows() {
  const auto pass = progress_.pass;
  const auto page = co_await read_rows(pass, progress_.after);
  if (pass == AuditPass::payments)
    co_await look_up(name_of_row(pass), page.rows);
  else
    co_await judge_by_payments(pass, page.rows);
  if (!page.rows.empty()) progress_.after = page.rows.back().order_id;
  if (page.rows.size() == kRowsAPage) co_return;
  findings_.judged({"X1", "M7", "D5"});
  progress_.after.clear();
  progress_.pass = after(pass);
}

// X1, and M7 of payments.
Task<> Audit::look_up(std::string_view what, std::vector<AuditRow> rows) {
  if (rows.empty()) co_return;
  const auto known =
      co_await workflow::execute_activity(look_up_orders, asking(kOrderTaskQueue), ids_of(rows));
  judge_known(what, rows, known, findings_);
}

// X1 and D5. The order of a payment has been looked up with it, so here only those without one are.
Task<> Audit::judge_by_payments(AuditPass pass, std::vector<AuditRow> rows) {
  if (rows.empty()) co_return;
  const RowsRequest request{.order_ids = ids_of(rows)};
  auto paid = workflow::execute_activity(read_payments, asking(kPaymentTaskQueue), request);
  const auto payments = by_id((co_await std::move(paid)).rows);
  if (pass == AuditPass::deliveries) co_await judge_departures(rows, payments);
  std::erase_if(rows, [&](const AuditRow& row) { return payments.contains(row.order_id); });
  co_await look_up(name_of_row(pass), std::move(rows));
}

Task<PageRows> Audit::rows_of(std::vector<std::string> orders) {
  const RowsRequest request{.order_ids = std::move(orders)};
  auto payments = workflow::execute_activity(read_payments, asking(kPaymentTaskQueue), request);
  auto reservations =
      workflow::execute_activity(read_reservations, asking(kInventoryTaskQueue), request);
  auto deliveries =
      workflow::execute_activity(read_deliveries, asking(kDeliveryTaskQueue), request);
  PageRows rows;
  rows.payments = by_id((co_await std::move(payments)).rows);
  rows.reservations = by_id((co_await std::move(reservations)).rows);
  rows.deliveries = by_id((co_await std::move(deliveries)).rows);
  co_return rows;
}

Task<> Audit::judge_departures(std::vector<AuditRow> deliveries, RowsById payments) {
  std::erase_if(deliveries, [](const AuditRow& row) { return !has_departed(row); });
  if (deliveries.empty()) co_return;
  auto held = workflow::execute_activity(read_reservations, asking(kInventoryTaskQueue),
                                         RowsRequest{.order_ids = ids_of(deliveries)});
  const auto reservations = by_id((co_await std::move(held)).rows);
  for (const auto& delivery : deliveries)
    judge_departed(delivery, payments, reservations, findings_);
}

void Audit::count(const EndedRun& run) {
  if (!run.latest) return;
  if (run.shown == "COMPLETED") ++progress_.sums["completed"];
  if (run.shown == "FAILED") ++progress_.sums["failed"];
  if (run.shown == "CANCELLED") ++progress_.sums["cancelled"];
  if (!run.resolved) return;
  ++progress_.sums["resolved"];
  if (progress_.resolved.size() < kMostListed) progress_.resolved.push_back(run.order_id);
}

void Audit::turn_page(temporal::Bytes next, AuditPass then) {
  progress_.page = std::move(next);
  if (progress_.page.data.empty()) progress_.pass = then;
}

OrdersRequest Audit::next_orders() const {
  return {.page = progress_.page, .started_before_ms = *progress_.at_ms};
}

void Audit::go_on_in_a_new_run() {
  if (progress_.pass == AuditPass::done) return;
  progress_.checks = findings_.so_far();
  workflow::continue_as_new(AuditWorkflow::type, {}, progress_);
}

AuditResult Audit::result() const {
  AuditResult result{.ok = true,
                     .at = to_rfc3339(Timestamp(std::chrono::milliseconds(*progress_.at_ms))),
                     .checks = findings_.checks(),
                     .sums = progress_.sums,
                     .resolved = progress_.resolved};
  for (const auto& check : result.checks) result.ok = result.ok && check.ok;
  for (auto status : {"completed", "failed", "cancelled"}) result.sums.try_emplace(status, 0);
  return result;
}

}  // namespace ordering::order
