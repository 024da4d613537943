#include "order/audit_checks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "contract/refusal.h"

namespace ordering::order {

namespace {

struct Check {
  std::string_view id = {};
  std::string_view note = {};  // of those that one reading cannot decide
};
constexpr std::string_view kFaultTests = "fault tests";
constexpr std::array kChecks{
    Check{"M1"}, Check{"M2"},
    Check{"M3"}, Check{"M4"},
    Check{"M5"}, Check{"M6"},
    Check{"M7"}, Check{"S1"},
    Check{"S2"}, Check{"S3"},
    Check{"S4"}, Check{"S5", kFaultTests},
    Check{"D1"}, Check{"D2"},
    Check{"D3"}, Check{"D4"},
    Check{"D5"}, Check{"T1", kFaultTests},
    Check{"T2"}, Check{"T3", kFaultTests},
    Check{"T4"}, Check{"T5"},
    Check{"T6"}, Check{"X1"},
};

constexpr std::string_view kCompleted = "COMPLETED";
constexpr std::string_view kProcessing = "PROCESSING";

const AuditRow* find(const RowsById& rows, std::string_view id) {
  const auto at = rows.find(id);
  return at == rows.end() ? nullptr : &at->second;
}
std::string_view state_of(const AuditRow* row) {
  return row == nullptr ? "NONE" : std::string_view(row->state);
}
template <std::size_t N>
bool is_one_of(std::string_view state, const std::array<std::string_view, N>& states) {
  return std::ranges::find(states, state) != states.end();
}

std::string sentence(std::string_view status, std::string_view what, std::string_view state) {
  return std::string(status) + ", but " + std::string(what) + " is " + std::string(state) + ".";
}

// Section 5's table. Of a run that was ended from outside, R9's.
bool agree(std::string_view shown, std::string_view temporal, bool repaired) {
  if (temporal == "completed") return shown == kCompleted;
  if (temporal == "failed") return shown == "FAILED";
  if (temporal == "canceled") return shown == "CANCELLED";
  if (temporal == "terminated" || temporal == "timed_out")
    return repaired ? shown == "FAILED" || shown == kCompleted : shown == kProcessing;
  return false;  // no status of a run that has ended
}

void judge_money(const EndedRun& run, const AuditRow* payment, Findings& findings) {
  const auto net = payment == nullptr ? 0 : payment->net_minor.value_or(0);
  const auto sentence = [&] {
    return run.shown + ", but of " + std::to_string(run.amount_minor) + " minor units " +
           std::to_string(net) + " are kept.";
  };
  if (run.shown == kCompleted && net != run.amount_minor)
    findings.add("M4", run.order_id, sentence());
  if (run.shown != kCompleted && net != 0) findings.add("M5", run.order_id, sentence());
}

void judge_goods(const EndedRun& run, const PageRows& rows, Findings& findings) {
  constexpr std::array<std::string_view, 4> kNotDelivered{"NONE", "REJECTED", "CANCELLED", "VOID"};
  const bool completed = run.shown == kCompleted;
  const auto reservation = state_of(find(rows.reservations, run.order_id));
  const auto delivery = state_of(find(rows.deliveries, run.order_id));
  if ((reservation == "RESERVED") != completed)
    findings.add("S4", run.order_id, sentence(run.shown, "the reservation", reservation));
  if ((delivery == "DELIVERED") != completed)
    findings.add("D2", run.order_id, sentence(run.shown, "the delivery", delivery));
  if (!completed && !is_one_of(delivery, kNotDelivered))
    findings.add("D3", run.order_id, sentence(run.shown, "the delivery", delivery));
}

void judge_code(const EndedRun& run, Findings& findings) {
  std::string expected;
  if (run.shown == "CANCELLED") expected = explain(Code::cancelled).code;
  if (run.shown == "FAILED")
    expected = run.repaired ? std::string(explain(Code::repaired).code)
                            : run.failed_step.value_or("a failed step's");
  if (run.code.value_or("") != expected)
    findings.add(
        "T6", run.order_id,
        run.shown + " with code \"" + run.code.value_or("") + "\", not \"" + expected + "\".");
}

}  // namespace

Findings::Findings(std::vector<CheckResult> so_far) {
  merge(so_far);
}

void Findings::add(std::string_view check, std::string_view subject, std::string detail) {
  judged({check});
  auto& found = found_.find(check)->second;
  ++found.count;
  if (found.violations.size() < kMostListed)
    found.violations.push_back({.subject = std::string(subject), .detail = std::move(detail)});
}

void Findings::judged(std::initializer_list<std::string_view> checks) {
  for (auto id : checks) found_.try_emplace(std::string(id), CheckResult{.id = std::string(id)});
}

void Findings::merge(const std::vector<CheckResult>& checks) {
  for (const auto& check : checks) {
    judged({check.id});
    auto& found = found_.find(check.id)->second;
    found.count += check.count;
    for (const auto& violation : check.violations)
      if (found.violations.size() < kMostListed) found.violations.push_back(violation);
  }
}

std::vector<CheckResult> Findings::so_far() const {
  std::vector<CheckResult> all;
  all.reserve(found_.size());
  for (const auto& [id, check] : found_) all.push_back(check);
  return all;
}

std::vector<AuditedCheck> Findings::checks() const {
  std::vector<AuditedCheck> all;
  for (const auto& check : kChecks) {
    AuditedCheck audited{.id = std::string(check.id)};
    const auto at = found_.find(check.id);
    const bool decided = at != found_.end();
    if (decided) {
      audited.count = at->second.count;
      audited.violations = at->second.violations;
    }
    audited.ok = (decided || !check.note.empty()) && audited.count == 0;
    if (!check.note.empty()) audited.note = check.note;
    if (!decided && check.note.empty()) audited.note = "not judged";
    all.push_back(std::move(audited));
  }
  return all;
}

RowsById by_id(std::vector<AuditRow> rows) {
  RowsById all;
  for (auto& row : rows) {
    auto id = row.order_id;
    all.insert_or_assign(std::move(id), std::move(row));
  }
  return all;
}

void judge_ended(const EndedRun& run, const PageRows& rows, std::int64_t began_ms,
                 Findings& findings) {
  if (run.chain != run.latest_chain)
    findings.add("T4", run.order_id, "Its workflow was started more than once.");
  if (!run.latest) return;
  if (!agree(run.shown, run.temporal, run.repaired))
    findings.add("T5", run.order_id, sentence(run.shown, "its workflow", run.temporal));
  if (run.shown == kProcessing) {
    const auto repair_by = run.closed_at_ms + std::chrono::milliseconds(kRepairWithin).count();
    if (repair_by < began_ms && !run.stuck)
      findings.add("T2", run.order_id, "Its workflow was ended from outside and is not repaired.");
    return;
  }
  judge_code(run, findings);
  if (run.resolved) return;  // what is not undone is a person's word
  judge_money(run, find(rows.payments, run.order_id), findings);
  judge_goods(run, rows, findings);
}

void judge_late(const LateOrder& order, Findings& findings) {
  if (!order.within_deadline && !order.stuck)
    findings.add("T2", order.order_id, "It does not end.");
}

void judge_known(std::string_view what, const std::vector<AuditRow>& rows,
                 const KnownOrders& orders, Findings& findings) {
  std::map<std::string_view, const KnownOrder*> known;
  for (const auto& order : orders.orders) known.emplace(order.order_id, &order);
  for (const auto& row : rows) {
    const auto at = known.find(row.order_id);
    if (at == known.end() || !at->second->amount_minor) {
      if (row.changed_at_ms >= orders.kept_since_ms)
        findings.add("X1", row.order_id, "There is a " + std::string(what) + ", but no order.");
      continue;
    }
    const bool captured = row.state == "CAPTURED" || row.state == "REFUNDED";
    if (captured && row.amount_minor && row.amount_minor != at->second->amount_minor)
      findings.add("M7", row.order_id,
                   "Ordered are " + std::to_string(*at->second->amount_minor) +
                       " minor units, captured " + std::to_string(*row.amount_minor) + ".");
  }
}

bool has_departed(const AuditRow& delivery) {
  constexpr std::array<std::string_view, 3> kDeparted{"DEPARTED", "IN_TRANSIT", "DELIVERED"};
  return is_one_of(delivery.state, kDeparted);
}

void judge_departed(const AuditRow& delivery, const RowsById& payments,
                    const RowsById& reservations, Findings& findings) {
  if (!has_departed(delivery)) return;
  if (state_of(find(payments, delivery.order_id)) == "REFUNDED")
    findings.add("D5", delivery.order_id, delivery.state + ", but refunded.");
  if (state_of(find(reservations, delivery.order_id)) == "RELEASED")
    findings.add("D5", delivery.order_id, delivery.state + ", but restocked.");
}

}  // namespace ordering::order
