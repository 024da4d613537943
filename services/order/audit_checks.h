// The checks of the audit that need more than one service's rows, and what all of them have come to.
// Pure: no clock, nothing asked. docs/orders.md, section 6, says what each id means.
//
//   Findings findings;
//   judge_ended(run, rows, began, findings);
//   findings.judged({"M4", "M5", …});         // what nobody judged is not ok
//   findings.checks();
#pragma once
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "contract/audit.h"
#include "order/audit_facts.h"

namespace ordering::order {

// How long after its workflow was ended from outside an order may wait for its repair (R9).
inline constexpr std::chrono::minutes kRepairWithin{2};

class Findings {
 public:
  Findings() = default;
  explicit Findings(std::vector<CheckResult> so_far);

  void add(std::string_view check, std::string_view subject, std::string detail);
  void judged(std::initializer_list<std::string_view> checks);
  void merge(const std::vector<CheckResult>& checks);  // and so they are judged

  std::vector<CheckResult> so_far() const;   // to go on with later
  std::vector<AuditedCheck> checks() const;  // all ids, in the order of section 6

 private:
  std::map<std::string, CheckResult, std::less<>> found_;
};

// The rows of one page, by order. An order has at most one in each service; of what breaks that (S3,
// D1) the last counts here.
using RowsById = std::map<std::string, AuditRow, std::less<>>;
RowsById by_id(std::vector<AuditRow> rows);
struct PageRows {
  RowsById payments = {};
  RowsById reservations = {};
  RowsById deliveries = {};
};

// M4, M5, S4, D2, D3, T5, T6, and of T2 and T4 what an ended run shows.
void judge_ended(const EndedRun& run, const PageRows& rows, std::int64_t began_ms,
                 Findings& findings);
// T2.
void judge_late(const LateOrder& order, Findings& findings);
// X1, and M7 of payments: `orders` are those of the rows.
void judge_known(std::string_view what, const std::vector<AuditRow>& rows,
                 const KnownOrders& orders, Findings& findings);
// D5: the deliveries were read first, and what has departed stays departed.
bool has_departed(const AuditRow& delivery);
void judge_departed(const AuditRow& delivery, const RowsById& payments,
                    const RowsById& reservations, Findings& findings);

}  // namespace ordering::order
