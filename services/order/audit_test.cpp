// Each check that needs more than one service's rows, red on facts made by hand; and the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "order/audit_api.h"
#include "order/audit_checks.h"

namespace ordering::order {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kBegan = 1'000'000'000;

EndedRun ended(const std::string& shown, const std::string& temporal) {
  return {.order_id = "order-1",
          .chain = "run-1",
          .latest_chain = "run-1",
          .latest = true,
          .shown = shown,
          .temporal = temporal,
          .closed_at_ms = kBegan - 1000,
          .amount_minor = 100};
}
EndedRun completed() {
  return ended("COMPLETED", "completed");
}
EndedRun failed() {
  auto run = ended("FAILED", "failed");
  run.code = "D002";
  run.failed_step = "D002";
  return run;
}
EndedRun cancelled() {
  auto run = ended("CANCELLED", "canceled");
  run.code = "ORD004";
  return run;
}

AuditRow row(const std::string& state, std::int64_t amount = 100, std::int64_t net = 0) {
  return {.order_id = "order-1",
          .state = state,
          .changed_at_ms = kBegan - 2000,
          .amount_minor = amount,
          .net_minor = net};
}
PageRows rows(AuditRow payment, AuditRow reservation, AuditRow delivery) {
  return {.payments = by_id({std::move(payment)}),
          .reservations = by_id({std::move(reservation)}),
          .deliveries = by_id({std::move(delivery)})};
}
const PageRows kKept = rows(row("CAPTURED", 100, 100), row("RESERVED"), row("DELIVERED"));
const PageRows kUndone = rows(row("REFUNDED"), row("RELEASED"), row("CANCELLED"));

// The ids of what is red.
std::vector<std::string> red(const Findings& findings) {
  std::vector<std::string> ids;
  for (const auto& check : findings.so_far())
    if (check.count > 0) ids.push_back(check.id);
  return ids;
}
std::vector<std::string> red(const EndedRun& run, const PageRows& rows) {
  Findings findings;
  judge_ended(run, rows, kBegan, findings);
  return red(findings);
}

TEST(AuditChecks, WhatAnOrderLeavesIsRight) {
  EXPECT_THAT(red(completed(), kKept), IsEmpty());
  EXPECT_THAT(red(failed(), kUndone), IsEmpty());
  EXPECT_THAT(red(cancelled(), kUndone), IsEmpty());
  EXPECT_THAT(red(failed(), {}), IsEmpty()) << "it was refused before it had rows";
  EXPECT_THAT(red(failed(), rows(row("DECLINED"), row("VOID"), row("REJECTED"))), IsEmpty());
}

TEST(AuditChecks, M4ACompletedOrderKeepsItsWholePrice) {
  auto less = kKept;
  less.payments = by_id({row("CAPTURED", 100, 99)});
  EXPECT_THAT(red(completed(), less), ElementsAre("M4"));
  less.payments.clear();
  EXPECT_THAT(red(completed(), less), ElementsAre("M4"));
}

TEST(AuditChecks, M5AnUndoneOrderKeepsNothing) {
  auto kept = kUndone;
  kept.payments = by_id({row("CAPTURED", 100, 100)});
  EXPECT_THAT(red(failed(), kept), ElementsAre("M5"));
  EXPECT_THAT(red(cancelled(), kept), ElementsAre("M5"));
}

TEST(AuditChecks, S4ReservedIfAndOnlyIfCompleted) {
  auto other = kKept;
  other.reservations = by_id({row("RELEASED")});
  EXPECT_THAT(red(completed(), other), ElementsAre("S4"));
  other.reservations.clear();
  EXPECT_THAT(red(completed(), other), ElementsAre("S4"));
  other = kUndone;
  other.reservations = by_id({row("RESERVED")});
  EXPECT_THAT(red(cancelled(), other), ElementsAre("S4"));
}

TEST(AuditChecks, D2AndD3DeliveredIfAndOnlyIfCompleted) {
  auto other = kKept;
  other.deliveries = by_id({row("IN_TRANSIT")});
  EXPECT_THAT(red(completed(), other), ElementsAre("D2"));
  other.deliveries.clear();
  EXPECT_THAT(red(completed(), other), ElementsAre("D2"));
  other = kUndone;
  other.deliveries = by_id({row("REQUESTED")});
  EXPECT_THAT(red(failed(), other), ElementsAre("D3"));
  other.deliveries = by_id({row("DELIVERED")});
  EXPECT_THAT(red(failed(), other), ElementsAre("D2", "D3"));
}

TEST(AuditChecks, T5TheApiSaysWhatTemporalSays) {
  auto run = failed();
  run.temporal = "completed";
  EXPECT_THAT(red(run, kUndone), ElementsAre("T5"));
  run = cancelled();
  run.temporal = "failed";
  EXPECT_THAT(red(run, kUndone), ElementsAre("T5"));
  run = completed();
  run.temporal = "running";
  EXPECT_THAT(red(run, kKept), ElementsAre("T5"));
  run.temporal = "terminated";  // COMPLETED by its repair alone
  EXPECT_THAT(red(run, kKept), ElementsAre("T5"));
  run.repaired = true;
  EXPECT_THAT(red(run, kKept), IsEmpty());
}

TEST(AuditChecks, T2AnEndFromOutsideIsRepairedSoon) {
  auto run = ended("PROCESSING", "terminated");
  EXPECT_THAT(red(run, kKept), IsEmpty()) << "its repair is under way";
  run.closed_at_ms = kBegan - std::chrono::milliseconds(kRepairWithin).count() - 1;
  EXPECT_THAT(red(run, kKept), ElementsAre("T2"));
  run.stuck = true;
  EXPECT_THAT(red(run, kKept), IsEmpty()) << "which is shown elsewhere";
}

TEST(AuditChecks, T2AnOrderEndsUnlessItIsStuckOrWaitsForAStep) {
  Findings findings;
  judge_late({.order_id = "a", .stuck = true}, findings);
  judge_late({.order_id = "b", .within_deadline = true}, findings);
  EXPECT_THAT(red(findings), IsEmpty());
  judge_late({.order_id = "c"}, findings);
  EXPECT_THAT(red(findings), ElementsAre("T2"));
}

TEST(AuditChecks, T4OneStartAnOrder) {
  auto run = completed();
  run.latest_chain = "run-2";
  EXPECT_THAT(red(run, kKept), ElementsAre("T4"));
  run.latest = false;  // an earlier run: nothing else is judged
  run.shown.clear();
  EXPECT_THAT(red(run, {}), ElementsAre("T4"));
  run.chain = "run-2";  // of a reset
  EXPECT_THAT(red(run, {}), IsEmpty());
}

TEST(AuditChecks, T6TheCodeIsTheFirstFailingSteps) {
  auto run = failed();
  run.code = "I006";
  EXPECT_THAT(red(run, kUndone), ElementsAre("T6"));
  run = failed();
  run.failed_step.reset();
  EXPECT_THAT(red(run, kUndone), ElementsAre("T6"));
  run = failed();
  run.repaired = true;
  run.temporal = "terminated";
  run.code = "ORD003";
  EXPECT_THAT(red(run, kUndone), IsEmpty());
  run = cancelled();
  run.code = "D002";
  EXPECT_THAT(red(run, kUndone), ElementsAre("T6"));
  run = completed();
  run.code = "P001";
  EXPECT_THAT(red(run, kKept), ElementsAre("T6"));
}

TEST(AuditChecks, WhatAPersonCountedAsDoneIsNoViolation) {
  auto run = failed();
  run.resolved = true;
  EXPECT_THAT(red(run, kKept), IsEmpty());
  run.code = "P001";
  EXPECT_THAT(red(run, kKept), ElementsAre("T6")) << "the rest is judged all the same";
}

TEST(AuditChecks, X1AndM7ARowHasItsOrderAndItsAmount) {
  const auto judge = [](const AuditRow& row, const KnownOrders& orders) {
    Findings findings;
    judge_known("payment", {row}, orders, findings);
    return red(findings);
  };
  const auto captured = row("CAPTURED", 100, 100);
  EXPECT_THAT(judge(captured, {.orders = {{"order-1", 100}}}), IsEmpty());
  EXPECT_THAT(judge(captured, {.orders = {{"order-1", 101}}}), ElementsAre("M7"));
  EXPECT_THAT(judge(row("REFUNDED"), {.orders = {{"order-1", 101}}}), ElementsAre("M7"));
  EXPECT_THAT(judge(row("VOID", 0), {.orders = {{"order-1", 101}}}), IsEmpty());
  EXPECT_THAT(judge(captured, {.orders = {{"order-1", {}}}}), ElementsAre("X1"));
  EXPECT_THAT(judge(captured, {}), ElementsAre("X1"));
  EXPECT_THAT(judge(captured, {.orders = {{"order-1", {}}}, .kept_since_ms = kBegan}), IsEmpty())
      << "past the retention";
}

TEST(AuditChecks, D5WhatHasDepartedIsNeverTakenBack) {
  const auto judge = [](const std::string& delivery, const PageRows& rows) {
    Findings findings;
    judge_departed(row(delivery), rows.payments, rows.reservations, findings);
    return red(findings);
  };
  EXPECT_THAT(judge("DELIVERED", kKept), IsEmpty());
  EXPECT_THAT(judge("CANCELLED", kUndone), IsEmpty());
  EXPECT_THAT(judge("REQUESTED", kUndone), IsEmpty()) << "it can still be cancelled";
  for (auto state : {"DEPARTED", "IN_TRANSIT", "DELIVERED"}) {
    auto refunded = kKept, restocked = kKept;
    refunded.payments = kUndone.payments;
    restocked.reservations = kUndone.reservations;
    EXPECT_THAT(judge(state, refunded), ElementsAre("D5"));
    EXPECT_THAT(judge(state, restocked), ElementsAre("D5"));
  }
}

TEST(Findings, WhatNobodyJudgedIsNotOk) {
  std::vector<std::string> ok;
  for (const auto& check : Findings().checks()) {
    EXPECT_EQ(check.note, check.ok ? "fault tests" : "not judged") << check.id;
    if (check.ok) ok.push_back(check.id);
  }
  EXPECT_THAT(ok, ElementsAre("S5", "T1", "T3"));
}

TEST(Findings, AllAreListedInOrderAndOverSeveralRuns) {
  Findings first;
  first.judged({"M1"});
  for (int i = 0; i < 15; ++i) first.add("X1", "order-" + std::to_string(i), "gone");
  Findings then(first.so_far());
  for (int i = 0; i < 15; ++i) then.add("X1", "order-1" + std::to_string(i), "gone");
  std::string ids;
  for (const auto& check : then.checks()) {
    ids += check.id + " ";
    if (check.id == "M1") EXPECT_TRUE(check.ok);
    if (check.id == "X1") {
      EXPECT_FALSE(check.ok);
      EXPECT_EQ(check.count, 30);
      EXPECT_EQ(check.violations.size(), kMostListed);
    }
  }
  EXPECT_EQ(ids, "M1 M2 M3 M4 M5 M6 M7 S1 S2 S3 S4 S5 D1 D2 D3 D4 D5 T1 T2 T3 T4 T5 T6 X1 ");
}

TEST(AuditAnswer, IsTheContracts) {
  const AuditResult result{
      .ok = false,
      .at = "2026-01-02T03:04:05.000Z",
      .checks = {{.id = "M1", .ok = true},
                 {.id = "M4", .count = 1, .violations = {{.subject = "order-1", .detail = "Why."}}},
                 {.id = "T1", .ok = true, .note = "fault tests"}},
      .sums = {{"completed", 1}},
      .resolved = {"order-2"}};
  EXPECT_EQ(
      to_json(result),
      R"({"ok":false,"at":"2026-01-02T03:04:05.000Z","checks":[)"
      R"({"id":"M1","ok":true,"violations":[],"count":0},)"
      R"({"id":"M4","ok":false,"violations":[{"subject":"order-1","detail":"Why."}],"count":1},)"
      R"({"id":"T1","ok":true,"violations":[],"count":0,"note":"fault tests"}],)"
      R"("sums":{"completed":1},"resolved":["order-2"]})");
}

}  // namespace
}  // namespace ordering::order
