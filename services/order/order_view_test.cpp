#include "order/order_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "order/test_history.h"

namespace ordering::order {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(OrderView, JustAccepted) {
  auto view = Told().view();
  EXPECT_EQ(view.stage, Stage::accepted);
  EXPECT_EQ(view.amount, Money::from_minor(25050));
  EXPECT_THAT(states(view.steps),
              ElementsAre(StepState::pending, StepState::pending, StepState::pending));
  EXPECT_THAT(view.compensations, IsEmpty());
  EXPECT_FALSE(view.closed_at);
}

TEST(OrderView, AStepWaitsForAWorkerThenRunsThenIsTriedAgain) {
  Told told;
  auto charge = told.schedule("chargePayment");
  auto waiting = told;
  waiting.pend(charge, kWaiting, 1);
  EXPECT_EQ(waiting.view().steps[0].state, StepState::scheduled);
  EXPECT_EQ(waiting.view().steps[0].attempts, 0);
  auto running = told;
  running.pend(charge, kStarted, 1);
  EXPECT_EQ(running.view().steps[0].state, StepState::running);
  EXPECT_EQ(running.view().steps[0].attempts, 1);
  told.pend(charge, kWaiting, 3);
  EXPECT_EQ(told.view().steps[0].state, StepState::running);
  EXPECT_EQ(told.view().steps[0].attempts, 2);
  EXPECT_EQ(told.view().stage, Stage::payment);
  EXPECT_FALSE(told.view().stuck) << "a step has its deadline; only an undo gets stuck";
}

TEST(OrderView, ARefusalTurnsTheOrderBack) {
  Told told;
  told.complete(told.schedule("chargePayment"));
  told.fail(told.schedule("reserveInventory"), "I003");
  told.complete(told.schedule("restockInventory"), std::string(kNothing));
  auto refund = told.schedule("refundPayment");
  EXPECT_EQ(told.view().stage, Stage::compensating);
  told.complete(refund, std::string(kUndone));
  told.fail_order("I003");
  auto view = told.view();
  EXPECT_EQ(view.status, Status::failed);
  EXPECT_EQ(view.stage, Stage::done);
  EXPECT_EQ(view.code, "I003");
  EXPECT_EQ(view.steps[1].code, "I003");
  EXPECT_THAT(states(view.steps),
              ElementsAre(StepState::completed, StepState::failed, StepState::skipped));
  ASSERT_EQ(view.compensations.size(), 2u);
  EXPECT_EQ(view.compensations[0].result, UndoAnswer::nothing);
  EXPECT_EQ(view.compensations[1].result, UndoAnswer::undone);
}

TEST(OrderView, AStepThatGaveUpHasItsServicesCode) {
  Told told;
  told.time_out(told.schedule("chargePayment"));
  EXPECT_EQ(told.view().steps[0].code, "P002");
}

TEST(OrderView, AFencedStepMeansTheOrderWasRepaired) {
  Told told;
  told.fail(told.schedule("chargePayment"), "FENCED");
  EXPECT_EQ(told.view().steps[0].code, "ORD003");
}

TEST(OrderView, ACancelThatCameTooLateLeavesTheDeliveryGoing) {
  Told told;
  told.complete(told.schedule("chargePayment"));
  told.complete(told.schedule("reserveInventory"));
  told.pend(told.schedule_with_deadline("startDelivery"), kStarted, 5);
  told.fail(told.schedule("cancelDelivery"), "D005");
  auto view = told.view();
  EXPECT_EQ(view.stage, Stage::delivery);
  EXPECT_EQ(view.compensations[0].state, StepState::failed);
  EXPECT_EQ(view.compensations[0].result, UndoAnswer::refused);
  EXPECT_FALSE(told.view(Time(900s)).stuck) << "it has its deadline, and may yet fail";
}

TEST(OrderView, ADeliveryThatCanOnlyBeFinishedIsStuckByItsOwnAttempts) {
  Told told;
  told.complete(told.schedule("chargePayment"));
  told.complete(told.schedule("reserveInventory"));
  auto first = told.schedule_with_deadline("startDelivery");
  told.start(first, 9);
  told.time_out(first);
  told.fail(told.schedule("cancelDelivery"), "D005");
  auto second = told.schedule("startDelivery");
  auto quick = told;
  quick.pend(second, kStarted, 1);
  EXPECT_EQ(quick.view().steps[2].attempts, 1);
  EXPECT_FALSE(quick.view().stuck);
  EXPECT_TRUE(quick.view(Time(100s)).stuck);
  auto again = told;
  told.pend(second, kStarted, 5);
  EXPECT_TRUE(told.view().stuck);
  again.fail(second, "broken");
  EXPECT_TRUE(again.view().stuck) << "it waits to be scheduled again";
  again.pend(again.schedule("startDelivery"), kStarted, 1);
  EXPECT_EQ(again.view().steps[2].attempts, 2);
  EXPECT_FALSE(again.view().stuck);
  EXPECT_TRUE(again.view(Time(100s)).stuck) << "it has taken that long";
}

// It is so at once, not only when the compensations have ended.
TEST(OrderView, AStepFencedByAnAcceptedCancelIsCancelled) {
  for (bool by_temporal : {false, true}) {
    Told told;
    told.complete(told.schedule("chargePayment"));
    told.complete(told.schedule("reserveInventory"));
    auto delivery = told.schedule("startDelivery");
    if (by_temporal)
      told.request_cancel_of_the_run();
    else
      told.accept_update("cancel", "{}");
    told.complete(told.schedule("cancelDelivery"), std::string(kUndone));
    told.fail(delivery, "FENCED");
    told.schedule("restockInventory");
    EXPECT_EQ(told.view().stage, Stage::compensating);
    EXPECT_EQ(told.view().steps[2].state, StepState::cancelled);
    EXPECT_FALSE(told.view().steps[2].code);
    told.end(WorkflowStatus::canceled);
    EXPECT_EQ(told.view().steps[2].state, StepState::cancelled);
  }
}

TEST(OrderView, ACancelThatComesAfterTheFenceExplainsNothing) {
  Told told;
  told.fail(told.schedule("chargePayment"), "FENCED");
  told.request_cancel_of_the_run();
  EXPECT_EQ(told.view().steps[0].code, "ORD003");
}

TEST(OrderView, TheTwoNamesOfP001AreTold) {
  for (Code code : {Code::limit_exceeded, Code::invalid_amount}) {
    Told told;
    told.fail_order("P001", explain(code).english);
    EXPECT_THAT(to_json(told.view(), {}, http::Language::english),
                testing::HasSubstr(R"("code":"P001","name":")" + std::string(explain(code).name)));
  }
}

TEST(OrderView, AnAmountIsAPlainDecimalAndALinkIsEncoded) {
  auto view = Told().view();
  view.order_id = OrderId::parse("주문:1").value();
  auto json = to_json(view, {}, http::Language::english);
  EXPECT_THAT(json, testing::HasSubstr(R"("amount":250.5,"amountMinor":25050,)"));
  EXPECT_THAT(json, testing::HasSubstr(R"("/orders/%EC%A3%BC%EB%AC%B8%3A1/timeline")"));
}

TEST(OrderView, AnAcceptedCancelCancelsTheStepThatRan) {
  Told told;
  auto charge = told.schedule("chargePayment");
  told.request_cancel(charge);
  told.complete(charge);  // its answer comes too late to count
  told.complete(told.schedule("refundPayment"), std::string(kUndone));
  told.end(WorkflowStatus::canceled);
  auto view = told.view();
  EXPECT_EQ(view.code, "ORD004");
  EXPECT_THAT(states(view.steps),
              ElementsAre(StepState::cancelled, StepState::skipped, StepState::skipped));
}

TEST(OrderView, AnUndoIsStuckByAttemptsByTimeOrByRefusal) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P002");
  auto refund = told.schedule("refundPayment");
  auto quick = told;
  quick.pend(refund, kStarted, 4);
  EXPECT_FALSE(quick.view().stuck);
  EXPECT_TRUE(quick.view(Time(70s)).stuck);
  auto often = told;
  often.pend(refund, kStarted, 5);
  EXPECT_TRUE(often.view().stuck);
  auto refused = told;
  refused.pend(refund, kWaiting, 2, "I006");
  EXPECT_TRUE(refused.view().stuck);
  told.fail(refund, "I006");  // waits to be scheduled again
  EXPECT_TRUE(told.view().stuck);
}

TEST(OrderView, WhatGoesForwardIsKnownNotToBeStuckWithoutItsHistory) {
  temporal::WorkflowDescription described;
  EXPECT_TRUE(may_be_stuck(described)) << "an undo may wait to be scheduled again";
  auto& pending = described.pending_activities.emplace_back();
  for (const auto* step : {"chargePayment", "reserveInventory"}) {
    pending = {.activity_type = step, .state = kStarted, .attempt = 9};
    EXPECT_FALSE(may_be_stuck(described)) << step;
  }
  for (const auto* other : {"startDelivery", "cancelDelivery", "restockInventory"}) {
    pending = {.activity_type = other, .state = kStarted, .attempt = 1};
    EXPECT_TRUE(may_be_stuck(described)) << other;
  }
  pending = {.activity_type = "chargePayment", .state = PendingActivityState::cancel_requested};
  EXPECT_TRUE(may_be_stuck(described)) << "its undo is under way";
}

TEST(OrderView, TwoSchedulingsOfOneUndoAreOne) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P002");
  told.fail(told.schedule("refundPayment"), "X");
  told.complete(told.schedule("refundPayment"), std::string(kUndone));
  auto view = told.view();
  ASSERT_EQ(view.compensations.size(), 1u);
  EXPECT_EQ(view.compensations[0].attempts, 2);
  EXPECT_EQ(view.compensations[0].result, UndoAnswer::undone);
}

TEST(OrderView, TerminatedAndTimedOutAreStillBeingPutRight) {
  EXPECT_EQ(status_of(WorkflowStatus::terminated), Status::processing);
  EXPECT_EQ(status_of(WorkflowStatus::timed_out), Status::processing);
}

TEST(OrderView, AsJson) {
  Told told;
  told.fail(told.schedule("chargePayment"), "P001");
  told.complete(told.schedule("refundPayment"), std::string(kNothing));
  told.fail_order("P001");
  auto json = to_json(told.view(), {.temporal_ui = "http://ui", .temporal_namespace = "default"},
                      http::Language::english);
  EXPECT_THAT(json,
              testing::StartsWith(R"({"orderId":"order-1","workflowId":"order-workflow-order-1",)"
                                  R"("runId":"run-1")"));
  EXPECT_THAT(
      json, testing::HasSubstr(R"("currency":"KRW","status":"FAILED","stage":"DONE","stuck":false,)"
                               R"("failure":{"code":"P001",)"));
  EXPECT_THAT(
      json, testing::HasSubstr(
                R"({"name":"refundPayment","state":"COMPLETED","result":"NOTHING","attempts":1,)"
                R"("startedAt":"1970-01-01T00:00:06.000Z","endedAt":"1970-01-01T00:00:07.000Z"})"));
  EXPECT_THAT(
      json,
      testing::HasSubstr(
          R"("links":{"temporalUi":"http://ui/namespaces/default/workflows/order-workflow-order-1/run-1",)"
          R"("timeline":"/orders/order-1/timeline","events":"/orders/order-1/events"}})"));
}

}  // namespace
}  // namespace ordering::order
