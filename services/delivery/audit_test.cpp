// Each check of the deliveries, green on what the store wrote and red on rows made by hand, in tables
// without their constraints.
#include "delivery/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/order_id.h"
#include "db/temporary_database.h"
#include "delivery/store.h"

namespace ordering::delivery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}

struct Bench {
  Bench() {
    store.migrate();
    const Timetable at_once(0);
    for (int step = 0; step < 4; ++step) (void)store.proceed(order("there-1"), at_once, now());
    (void)store.proceed(order("asked-1"), at_once, now());
    (void)store.proceed(order("north-9"), at_once, now());
    (void)store.proceed(order("gone-1"), at_once, now());
    (void)store.cancel(order("gone-1"), now());
    (void)store.cancel(order("void-1"), now());
    for (int step = 0; step < 2; ++step) (void)store.proceed(order("away-1"), at_once, now());
    for (int step = 0; step < 3; ++step) (void)store.proceed(order("near-1"), at_once, now());
  }
  void damage(const std::string& sql) {
    pool.exclusive([&](db::Connection& c) {
      std::string bare = "PRAGMA foreign_keys = OFF;";
      for (const std::string table : {"delivery", "delivery_event"})
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

TEST(DeliveryAudit, EveryStateThatTheStoreWroteIsRight) {
  Bench bench;
  EXPECT_THAT(bench.red(), IsEmpty());
  const auto own = bench.audit.judge();
  std::vector<std::string> ids;
  for (const auto& check : own.checks) ids.push_back(check.id);
  EXPECT_THAT(ids, ElementsAre("D1", "D4"));
  EXPECT_EQ(own.sums, (AuditSums{{"delivered", 1}, {"underWay", 3}}));
  std::vector<std::string> states;
  for (const auto& row : bench.audit.read({}).rows) states.push_back(row.state);
  EXPECT_THAT(states, ElementsAre("REQUESTED", "DEPARTED", "CANCELLED", "IN_TRANSIT", "REJECTED",
                                  "DELIVERED", "VOID"));
}

TEST(DeliveryAudit, D1ASecondDelivery) {
  Bench bench;
  bench.damage(
      "INSERT INTO delivery_event (order_id, state, at) VALUES ('there-1', 'REQUESTED', 0);"
      "INSERT INTO delivery (order_id, state, since) VALUES ('void-1', 'VOID', 0)");
  EXPECT_THAT(bench.red(), ::testing::IsSupersetOf({"D1 there-1: It has 2 deliveries.",
                                                    "D1 void-1: It has 2 deliveries."}));
}

TEST(DeliveryAudit, D4BackToAnEarlierState) {
  Bench bench;
  bench.damage("UPDATE delivery SET state = 'REQUESTED' WHERE order_id = 'there-1'");
  EXPECT_THAT(bench.red(), ElementsAre("D4 there-1: It is REQUESTED after 4 changes, 1 of them on "
                                       "the way there."));
}

TEST(DeliveryAudit, D4AStateThatWasSkipped) {
  Bench bench;
  bench.damage("DELETE FROM delivery_event WHERE order_id = 'there-1' AND state = 'DEPARTED'");
  EXPECT_THAT(bench.red(), ElementsAre("D4 there-1: It is DELIVERED after 3 changes, 3 of them on "
                                       "the way there."));
}

TEST(DeliveryAudit, D4CancelledAfterItsDeparture) {
  Bench bench;
  bench.damage("UPDATE delivery SET state = 'CANCELLED' WHERE order_id = 'away-1'");
  EXPECT_THAT(bench.red(), ElementsAre("D4 away-1: It is CANCELLED after 2 changes, 1 of them on "
                                       "the way there."));
}

}  // namespace
}  // namespace ordering::delivery
