// How orders are seen that people had to do with: stuck ones, and those ended from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "order/order_view.h"
#include "order/test_history.h"

namespace ordering::order {
namespace {

using testing::ElementsAre;

constexpr auto kRetry = R"({"name":"refundPayment","by":null,"reason":null,"attempts":6})";
constexpr auto kResolve = R"({"name":"refundPayment","by":"kim","reason":"paid","attempts":6})";

TEST(OrderView, WhatAPersonHasTriedAgainIsStuckUntilItIsDone) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P002");
  auto first = told.schedule("refundPayment");
  told.accept_update("retryCompensation", kRetry);
  told.request_cancel(first);
  auto second = told.schedule("refundPayment");
  auto waits = told;
  waits.pend(second, kStarted, 1);
  EXPECT_TRUE(waits.view().stuck);
  EXPECT_TRUE(waits.view().compensations[0].stuck);
  EXPECT_EQ(waits.view().compensations[0].state, StepState::running);
  EXPECT_EQ(waits.view().compensations[0].attempts, 7) << "those before, and this one";
  told.complete(second, std::string(kUndone));
  EXPECT_FALSE(told.view().stuck);
  EXPECT_EQ(told.view().compensations[0].attempts, 7);
  EXPECT_EQ(told.view().compensations[0].result, UndoAnswer::undone);
}

TEST(OrderView, AResolvedCompensationIsDoneWhenItWasSaidSo) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P002");
  auto refund = told.schedule("refundPayment");
  told.accept_update("resolveCompensation", kResolve);
  told.request_cancel(refund);
  told.fail_order("P002");
  auto view = told.view();
  ASSERT_EQ(view.compensations.size(), 1u);
  EXPECT_EQ(view.compensations[0].state, StepState::completed);
  EXPECT_EQ(view.compensations[0].result, UndoAnswer::resolved);
  EXPECT_EQ(view.compensations[0].attempts, 6);
  EXPECT_EQ(view.compensations[0].ended_at, Time(6s));
  EXPECT_THAT(to_json(view, {}, http::Language::english),
              testing::HasSubstr(R"("state":"COMPLETED","result":"RESOLVED","attempts":6)"));
}

TEST(OrderView, AnAnswerCountsBeforeWhatWasAskedMeanwhile) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P002");
  told.complete(told.schedule("refundPayment"), std::string(kUndone));
  told.accept_update("resolveCompensation", kResolve);
  EXPECT_EQ(told.view().compensations[0].result, UndoAnswer::undone);
  EXPECT_EQ(told.view().compensations[0].attempts, 1);
}

TEST(OrderView, AnUndoThatWasRefusedCanBeResolved) {
  Told told;
  told.fail(told.schedule("reserveInventory"), "I003");
  told.fail(told.schedule("restockInventory"), "I006");
  told.accept_update("resolveCompensation", R"({"name":"restockInventory"})");
  EXPECT_EQ(told.view().compensations[0].result, UndoAnswer::resolved);
  EXPECT_FALSE(told.view().compensations[0].code);
}

// An order whose workflow was terminated while the reservation was under way.
Told told_until_terminated() {
  Told told;
  told.complete(told.schedule("chargePayment"));
  told.schedule("reserveInventory");
  told.end(WorkflowStatus::terminated);
  return told;
}

TEST(OrderView, AnOrderEndedOutsideIsUnderWayUntilItsRepairHasCompleted) {
  const auto order = told_until_terminated();
  auto view = order.view();
  EXPECT_EQ(view.status, Status::processing);
  EXPECT_TRUE(view.in_repair);
  EXPECT_EQ(view.steps[1].state, StepState::scheduled);
  Told repair;
  repair.complete(repair.schedule("cancelDelivery"), std::string(kNothing));
  repair.pend(repair.schedule("restockInventory"), kWaiting, 6);
  view = order.view_with(repair);
  EXPECT_EQ(view.status, Status::processing);
  EXPECT_EQ(view.stage, Stage::compensating);
  EXPECT_TRUE(view.stuck);
  EXPECT_FALSE(view.repaired);
  EXPECT_FALSE(view.closed_at);
  repair.end(WorkflowStatus::terminated);
  EXPECT_EQ(order.view_with(repair).status, Status::processing) << "it is begun again";
}

TEST(OrderView, ARepairedOrderHasFailedWithItsOwnCode) {
  Told repair;
  repair.complete(repair.schedule("cancelDelivery"), std::string(kNothing));
  repair.complete(repair.schedule("restockInventory"), std::string(kNothing));
  repair.complete(repair.schedule("refundPayment"), std::string(kUndone));
  repair.complete_repair("UNDONE");
  const auto view = told_until_terminated().view_with(repair);
  EXPECT_EQ(view.status, Status::failed);
  EXPECT_EQ(view.stage, Stage::done);
  EXPECT_EQ(view.code, "ORD003");
  EXPECT_TRUE(view.repaired);
  EXPECT_FALSE(view.in_repair);
  EXPECT_EQ(view.closed_at, Time(11s));
  EXPECT_THAT(states(view.steps),
              ElementsAre(StepState::completed, StepState::failed, StepState::skipped));
  EXPECT_EQ(view.steps[1].code, "ORD003");
  ASSERT_EQ(view.compensations.size(), 3u);
  EXPECT_EQ(view.compensations[2].result, UndoAnswer::undone);
  EXPECT_THAT(to_json(view, {}, http::Language::english),
              testing::HasSubstr(R"("stuck":false,"repaired":true,"failure":{"code":"ORD003",)"));
}

TEST(OrderView, ADepartedOrderIsFinishedByItsRepair) {
  Told order;
  order.complete(order.schedule("chargePayment"));
  order.complete(order.schedule("reserveInventory"));
  order.schedule_with_deadline("startDelivery");
  order.end(WorkflowStatus::timed_out);
  Told repair;
  repair.fail(repair.schedule("cancelDelivery"), "D005");
  auto delivery = repair.schedule("startDelivery");
  EXPECT_EQ(order.view_with(repair).stage, Stage::delivery);
  repair.complete(delivery);
  repair.complete_repair("DELIVERED");
  const auto view = order.view_with(repair);
  EXPECT_EQ(view.status, Status::completed);
  EXPECT_TRUE(view.repaired);
  EXPECT_FALSE(view.code);
  EXPECT_THAT(states(view.steps),
              ElementsAre(StepState::completed, StepState::completed, StepState::completed));
  EXPECT_THAT(to_json(view, {}, http::Language::english),
              testing::Not(testing::HasSubstr("failure")));
}

// An undo that the order had begun, or had done, is the same one in its repair.
TEST(OrderView, ARepairGoesOnWithTheCompensationsOfTheOrder) {
  Told order;
  order.complete(order.schedule("chargePayment"));
  order.fail(order.schedule("reserveInventory"), "I003");
  order.complete(order.schedule("restockInventory"), std::string(kNothing));
  order.schedule("refundPayment");
  order.end(WorkflowStatus::terminated);
  Told repair;
  repair.complete(repair.schedule("cancelDelivery"), std::string(kNothing));
  repair.complete(repair.schedule("restockInventory"), std::string(kNothing));
  repair.complete(repair.schedule("refundPayment"), std::string(kUndone));
  repair.complete_repair("UNDONE");
  const auto view = order.view_with(repair);
  ASSERT_EQ(view.compensations.size(), 3u);
  EXPECT_EQ(view.compensations[0].name, "restockInventory");
  EXPECT_EQ(view.compensations[1].name, "refundPayment");
  EXPECT_EQ(view.compensations[1].result, UndoAnswer::undone);
  EXPECT_EQ(view.code, "ORD003");
  EXPECT_EQ(view.steps[1].code, "I003");
}

TEST(OrderView, WhatARepairDoesAnewIsNotStuckForWhatWasBefore) {
  Told order;
  order.complete(order.schedule("chargePayment"));
  order.fail(order.schedule("reserveInventory"), "I003");
  auto restock = order.schedule("restockInventory");
  order.start(restock, 7);
  order.complete(restock, std::string(kNothing));
  order.end(WorkflowStatus::terminated);
  Told repair;
  for (int i = 0; i < 90; ++i) repair.request_cancel_of_the_run();  // so late is it
  repair.pend(repair.schedule("restockInventory"), kStarted, 1);
  EXPECT_FALSE(order.view_with(repair, Time(95s)).stuck);
  EXPECT_EQ(order.view_with(repair, Time(95s)).compensations[0].attempts, 1);
}

}  // namespace
}  // namespace ordering::order
