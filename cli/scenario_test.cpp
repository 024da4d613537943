#include "cli/scenario.h"

#include <gtest/gtest.h>

#include "cli/fresh_ids.h"
#include "contract/order_id.h"

namespace ordering::cli {
namespace {

TEST(Outcome, IsWhatTheReadmesTableSays) {
  const Order order{.status = "FAILED",
                    .failure = OrderFailure{.code = "D002", .message = "no"},
                    .compensations = {{.name = "cancelDelivery", .result = "NOTHING"},
                                      {.name = "restockInventory", .result = "UNDONE"},
                                      {.name = "refundPayment", .state = "RUNNING"}}};
  EXPECT_EQ(in_words(outcome_of(order)),
            "FAILED D002: cancel (nothing), restock, refund (running)");
  EXPECT_EQ(in_words(outcome_of({.status = "COMPLETED"})), "COMPLETED");
}

TEST(FreshIds, EndAsTheyMustAndDifferFromObjectToObject) {
  FreshIds ids("order");
  const auto one = ids.next("16");
  EXPECT_TRUE(one.starts_with("order-") && one.ends_with("-16")) << one;
  EXPECT_TRUE(OrderId::parse(one)) << one;
  EXPECT_NE(ids.next("16"), one);
  EXPECT_NE(FreshIds("order").next("16"), one);
}

TEST(FreshIds, AreChosenByPaymentsRule) {
  FreshIds ids("order");
  const FailureRule rule;
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(rule.fails(OrderId::parse(*ids.next("1", rule, false)).value()));
    EXPECT_TRUE(rule.fails(OrderId::parse(*ids.next("16", rule, true)).value()));
  }
  EXPECT_FALSE(ids.next("1", FailureRule(0), true));
  EXPECT_FALSE(ids.next("1", FailureRule(1), false));
}

}  // namespace
}  // namespace ordering::cli
