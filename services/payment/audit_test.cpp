// Each check of the money, green on what the store wrote and red on rows made by hand. Tables without
// their constraints stand in for a database that somebody has had his hands in.
#include "payment/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/order_id.h"
#include "db/temporary_database.h"
#include "payment/store.h"

namespace ordering::payment {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}

struct Bench {
  Bench() {
    store.migrate();
    (void)store.charge(order("paid"), Money::from_minor(100), false, now());
    (void)store.charge(order("back"), Money::from_minor(200), false, now());
    (void)store.refund(order("back"), now());
    (void)store.charge(order("declined"), Money::from_minor(300), true, now());
    (void)store.refund(order("void"), now());
  }
  void damage(const std::string& sql) {
    pool.exclusive([&](db::Connection& c) {
      c.script(
          "PRAGMA foreign_keys = OFF;"
          "CREATE TABLE bare AS SELECT * FROM ledger; DROP TABLE ledger;"
          "ALTER TABLE bare RENAME TO ledger;" +
          sql);
    });
  }
  // The checks that are red, each with what violates it.
  std::vector<std::string> red() {
    std::vector<std::string> found;
    for (const auto& check : audit.judge().checks)
      for (const auto& violation : check.violations)
        found.push_back(check.id + " " + violation.subject + ": " + violation.detail);
    return found;
  }

  db::TemporaryDatabase database;
  db::Pool pool{database.url()};
  Store store{pool};
  Audit audit{pool};
};

const std::string kEntry =
    "INSERT INTO ledger (seq, at, order_id, movement, account, amount_minor) VALUES ";

TEST(PaymentAudit, WhatTheStoreWroteIsRight) {
  Bench bench;
  EXPECT_THAT(bench.red(), IsEmpty());
  const auto own = bench.audit.judge();
  std::vector<std::string> ids;
  for (const auto& check : own.checks) ids.push_back(check.id);
  EXPECT_THAT(ids, ElementsAre("M1", "M2", "M3", "M6"));
  EXPECT_EQ(
      own.sums,
      (AuditSums{
          {"capturedMinor", 300}, {"ledgerMinor", 0}, {"netMinor", 100}, {"refundedMinor", 200}}));
}

TEST(PaymentAudit, M1ASecondCapture) {
  Bench bench;
  bench.damage(kEntry +
               "(90, 0, 'back', 'CAPTURE', 'revenue', 200), (91, 0, 'back', 'CAPTURE', 'customer', "
               "-200)");
  EXPECT_THAT(bench.red(), ElementsAre("M1 back: It was captured 2 times."));
}

TEST(PaymentAudit, M2ASecondRefundAndOneOfAnotherAmount) {
  Bench bench;
  bench.damage(
      kEntry +
      "(90, 0, 'paid', 'REFUND', 'revenue', -40), (91, 0, 'paid', 'REFUND', 'customer', "
      "40), (92, 0, 'back', 'REFUND', 'revenue', 0), (93, 0, 'back', 'REFUND', 'customer', "
      "0)");
  EXPECT_THAT(bench.red(),
              ::testing::UnorderedElementsAre("M2 back: It was refunded 2 times.",
                                              "M2 paid: Of 100 captured, 40 were refunded."));
}

TEST(PaymentAudit, M3MoreThanWasOrderedOrLessThanNothing) {
  Bench bench;
  bench.damage(
      "UPDATE ledger SET amount_minor = 101 * amount_minor / 100 WHERE order_id = 'paid';"
      "UPDATE ledger SET amount_minor = 2 * amount_minor WHERE order_id = 'back' "
      "AND movement = 'REFUND'");
  EXPECT_THAT(bench.red(), ::testing::IsSupersetOf(
                               {"M3 back: Net is -200 of 200.", "M3 paid: Net is 101 of 100."}));
}

TEST(PaymentAudit, M3MoneyWithoutAPayment) {
  Bench bench;
  bench.damage(kEntry +
               "(90, 0, 'ghost', 'CAPTURE', 'revenue', 5), (91, 0, 'ghost', 'CAPTURE', 'customer', "
               "-5)");
  EXPECT_THAT(bench.red(), ElementsAre("M3 ghost: Net is 5 of 0."));
}

TEST(PaymentAudit, M6AnEntryThatIsGone) {
  Bench bench;
  bench.damage("DELETE FROM ledger WHERE order_id = 'paid' AND account = 'customer'");
  EXPECT_THAT(bench.red(), ElementsAre("M6 paid: The entries of its CAPTURE sum to 100."));
}

TEST(PaymentAudit, ListsTheFirstAndCountsAll) {
  Bench bench;
  bench.damage("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) " +
               std::string("INSERT INTO ledger (seq, at, order_id, movement, account, "
                           "amount_minor) SELECT 100 + i, 0, 'x' || i, 'CAPTURE', 'customer', -1 "
                           "FROM n"));
  const auto own = bench.audit.judge();
  EXPECT_EQ(own.checks.back().id, "M6");
  EXPECT_EQ(own.checks.back().count, 50);
  EXPECT_EQ(own.checks.back().violations.size(), kMostListed);
}

TEST(PaymentAudit, RowsComePageByPageAndByOrder) {
  Bench bench;
  const auto all = bench.audit.read({}).rows;
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].order_id, "back");
  EXPECT_EQ(all[0].state, "REFUNDED");
  EXPECT_EQ(all[0].amount_minor, 200);
  EXPECT_EQ(all[0].net_minor, 0);
  EXPECT_EQ(all[2].order_id, "paid");
  EXPECT_EQ(all[2].net_minor, 100);
  EXPECT_GT(all[2].changed_at_ms, 0);
  EXPECT_EQ(bench.audit.read({.after = "declined"}).rows.size(), 2U);
  const auto some =
      bench.audit.read({.order_ids = std::vector<std::string>{"void", "nobody"}}).rows;
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(some[0].state, "VOID");
  EXPECT_TRUE(bench.audit.read({.order_ids = std::vector<std::string>{}}).rows.empty());
  EXPECT_THROW(bench.audit.read({.order_ids = std::vector<std::string>(kRowsAPage + 1)}),
               std::length_error);
}

}  // namespace
}  // namespace ordering::payment
