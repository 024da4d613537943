// Each check of the stock, green on what the store wrote and red on rows made by hand, in tables
// without their constraints.
#include "inventory/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/order_id.h"
#include "db/temporary_database.h"
#include "inventory/store.h"

namespace ordering::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}

struct Bench {
  Bench() {
    store.migrate();
    (void)store.reserve(order("held-4"), now());
    (void)store.reserve(order("back-5"), now());
    (void)store.restock(order("back-5"), now());
    (void)store.reserve(order("none-2"), now());
    (void)store.adjust(ItemId::parse("ITEM_7").value(), {.delta = 5, .reason = "test"}, now());
    (void)store.adjust(ItemId::parse("ITEM_new").value(), {.delta = 3, .reason = "test"}, now());
  }
  void damage(const std::string& sql) {
    pool.exclusive([&](db::Connection& c) {
      std::string bare = "PRAGMA foreign_keys = OFF;";
      for (const std::string table : {"item", "reservation", "stock_event"})
        bare += "CREATE TABLE bare AS SELECT * FROM " + table + "; DROP TABLE " + table +
                "; ALTER TABLE bare RENAME TO " + table + ";";
      c.script(bare + sql);
    });
  }
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

TEST(InventoryAudit, WhatTheStoreWroteIsRight) {
  Bench bench;
  EXPECT_THAT(bench.red(), IsEmpty());
  const auto own = bench.audit.judge();
  std::vector<std::string> ids;
  for (const auto& check : own.checks) ids.push_back(check.id);
  EXPECT_THAT(ids, ElementsAre("S1", "S2", "S3"));
  EXPECT_EQ(own.sums, (AuditSums{{"available", 407}, {"reserved", 1}}));
}

TEST(InventoryAudit, S1LessThanNothing) {
  Bench bench;
  bench.damage("UPDATE item SET initial = -5, available = -5 WHERE item_id = 'ITEM_6'");
  EXPECT_THAT(bench.red(), ::testing::Contains("S1 ITEM_6: Available is -5."));
}

TEST(InventoryAudit, S2AUnitTooMany) {
  Bench bench;
  bench.damage("UPDATE item SET available = available + 1 WHERE item_id = 'ITEM_6'");
  EXPECT_THAT(bench.red(), ElementsAre("S2 ITEM_6: Of 50 units 51 are available and 0 reserved; 0 "
                                       "orders hold one."));
}

TEST(InventoryAudit, S2AUnitReservedForNobody) {
  Bench bench;
  bench.damage(
      "UPDATE item SET available = available - 1, reserved = reserved + 1 "
      "WHERE item_id = 'ITEM_4'");
  EXPECT_THAT(bench.red(), ElementsAre("S2 ITEM_4: Of 50 units 48 are available and 2 reserved; 1 "
                                       "orders hold one."));
}

TEST(InventoryAudit, S2AChangeByHandThatWasNotRecorded) {
  Bench bench;
  bench.damage(
      "UPDATE item SET available = available + 9, adjusted = adjusted + 9 "
      "WHERE item_id = 'ITEM_new'");
  EXPECT_THAT(bench.red(), ElementsAre("S2 ITEM_new: Of 3 units 12 are available and 0 reserved; 0 "
                                       "orders hold one."));
}

TEST(InventoryAudit, S3ASecondReservation) {
  Bench bench;
  bench.damage(
      "INSERT INTO stock_event (seq, at, order_id, item_id, state, units) "
      "VALUES (90, 0, 'back-5', 'ITEM_5', 'RESERVED', -1);"
      "INSERT INTO reservation (order_id, item_id, state, changed_at) "
      "VALUES ('none-2', 'ITEM_2', 'REJECTED', 0)");
  EXPECT_THAT(bench.red(), ::testing::UnorderedElementsAre("S3 back-5: It was reserved 2 times.",
                                                           "S3 none-2: It was reserved 2 times."));
}

TEST(InventoryAudit, RowsComePageByPageAndByOrder) {
  Bench bench;
  const auto all = bench.audit.read({}).rows;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].order_id, "back-5");
  EXPECT_EQ(all[0].state, "RELEASED");
  EXPECT_FALSE(all[0].amount_minor);
  const auto one = bench.audit.read({.order_ids = std::vector<std::string>{"held-4"}}).rows;
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].state, "RESERVED");
}

}  // namespace
}  // namespace ordering::inventory
