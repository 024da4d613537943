// What a person may ask of a compensation, and the repair of an order, at every moment: the same
// commands after an eviction at every await.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/compensation.h"
#include "saga_play.h"

namespace ordering::order {
namespace {

const std::string kRetry(Compensation::retry.name);
const std::string kResolve(Compensation::resolve.name);

// restockInventory is out from activation 3 on.
Plan out_of_stock(const std::string& ask, int at) {
  return {.failing = "reserveInventory",
          .code = "I003",
          .ask = ask,
          .ask_of = "restockInventory",
          .ask_at = at};
}

TEST(Compensating, WhatIsAskedForEndsTheAttempt) {
  EXPECT_EQ(outline(play(out_of_stock(kRetry, 3))),
            "chargePayment reserveInventory restockInventory Accepted Answered RequestCancel "
            "restockInventory refundPayment Failed:I003");
  EXPECT_EQ(outline(play(out_of_stock(kResolve, 3))),
            "chargePayment reserveInventory restockInventory Accepted Answered RequestCancel "
            "refundPayment Failed:I003");
}

TEST(Compensating, WhatIsAskedForEndsTheWaitBetweenTwo) {
  auto plan = out_of_stock(kRetry, 4);
  plan.undo_failing = "restockInventory";
  EXPECT_EQ(outline(play(plan)),
            "chargePayment reserveInventory restockInventory StartTimer Accepted Answered "
            "CancelTimer restockInventory refundPayment Failed:I003");
  plan.ask = kResolve;
  EXPECT_EQ(outline(play(plan)),
            "chargePayment reserveInventory restockInventory StartTimer Accepted Answered "
            "CancelTimer refundPayment Failed:I003");
}

TEST(Compensating, AnAnswerThatHasComeCounts) {
  auto plan = out_of_stock(kRetry, 3);
  plan.alone = false;
  EXPECT_EQ(outline(play(plan)),
            "chargePayment reserveInventory restockInventory Accepted Answered refundPayment "
            "Failed:I003");
  plan.ask = kResolve;
  plan.undo_failing = "restockInventory";
  EXPECT_EQ(outline(play(plan)),
            "chargePayment reserveInventory restockInventory Accepted Answered refundPayment "
            "Failed:I003")
      << "a failure is no answer";
}

TEST(Compensating, OnlyTheOneUnderWayCanBeAskedFor) {
  auto plan = out_of_stock(kResolve, 3);
  plan.ask_of = "refundPayment";
  EXPECT_EQ(outline(play(plan)),
            "chargePayment reserveInventory restockInventory Rejected refundPayment Failed:I003");
  plan.ask_of = "";
  plan.ask_at = 1;  // chargePayment is out: nothing is compensated yet
  EXPECT_EQ(outline(play(plan)),
            "chargePayment Rejected reserveInventory restockInventory refundPayment Failed:I003");
}

// Whoever resolves it has seen to it that nothing is delivered.
TEST(Compensating, ADeliveryCancelledByHandAcceptsTheCancel) {
  EXPECT_EQ(outline(play({.cancel_at = 3,
                          .race = Race::cancel_first,
                          .ask = kResolve,
                          .ask_of = "cancelDelivery",
                          .ask_at = 4})),
            "chargePayment reserveInventory startDelivery Accepted cancelDelivery Accepted "
            "Answered RequestCancel RequestCancel Answer:yes restockInventory refundPayment "
            "Canceled");
}

TEST(Compensating, EveryMomentAndEveryEviction) {
  const std::vector<std::string> undos{"refundPayment", "restockInventory", "cancelDelivery"};
  int accepted = 0;
  for (const auto& ask : {kRetry, kResolve})
    for (const auto& ask_of : undos)
      for (const auto& undo_failing : {std::string(), ask_of})
        for (bool alone : {true, false})
          for (int at = 0; at < 9; ++at) {
            const Plan plan{.failing = "startDelivery",
                            .code = "D002",
                            .alone = alone,
                            .undo_failing = undo_failing,
                            .ask = ask,
                            .ask_of = ask_of,
                            .ask_at = at};
            const auto story = play(plan);
            accepted += static_cast<int>(outline(story).contains("Accepted"));
            EXPECT_TRUE(outline(story).ends_with("Failed:D002")) << plan;
            std::vector<std::string> undone;  // each, in this order, however often
            for (const auto& a : story.scheduled)
              if (std::ranges::count(undos, a.activity_type()) > 0 &&
                  (undone.empty() || undone.back() != a.activity_type()))
                undone.push_back(a.activity_type());
            EXPECT_EQ(undone, std::vector<std::string>(undos.rbegin(), undos.rend())) << plan;
            evict_everywhere(plan, story);
          }
  EXPECT_GT(accepted, 20);
}

// While cancelDelivery decides a cancel.
TEST(Compensating, EveryMomentOfACancelAndEveryEviction) {
  for (const auto& ask : {kRetry, kResolve})
    for (bool departs : {false, true})
      for (bool alone : {true, false})
        for (Race race : {Race::delivery_first, Race::cancel_first, Race::together})
          for (int at = 3; at < 8; ++at) {
            const Plan plan{.departs = departs,
                            .cancel_at = 3,
                            .alone = alone,
                            .race = race,
                            .ask = ask,
                            .ask_of = "cancelDelivery",
                            .ask_at = at};
            const auto story = play(plan);
            const auto told = outline(story);
            const bool accepted = told.contains("Answer:yes");
            EXPECT_TRUE(told.ends_with(accepted ? "Canceled" : "Completed")) << plan;
            evict_everywhere(plan, story);
          }
}

TEST(Repair, UndoesEverything) {
  const auto story = play({}, order_repair());
  EXPECT_EQ(outline(story), "cancelDelivery restockInventory refundPayment Completed");
  evict_everywhere({}, story, order_repair());
}

TEST(Repair, FinishesADeliveryThatHadDeparted) {
  const Plan plan{.departs = true};
  const auto story = play(plan, order_repair());
  EXPECT_EQ(outline(story), "cancelDelivery startDelivery Completed");
  EXPECT_FALSE(story.scheduled.back().has_schedule_to_close_timeout()) << "without a deadline";
  evict_everywhere(plan, story, order_repair());
}

TEST(Repair, IsNotToBeCancelled) {
  const Plan plan{.cancel_at = 1, .how = How::request};
  EXPECT_EQ(outline(play(plan, order_repair())),
            "cancelDelivery restockInventory refundPayment Completed");
}

TEST(Repair, CanBeHelpedLikeAnOrder) {
  const Plan plan{.ask = kResolve, .ask_of = "cancelDelivery", .ask_at = 1};
  const auto story = play(plan, order_repair());
  EXPECT_EQ(outline(story),
            "cancelDelivery Accepted Answered RequestCancel restockInventory refundPayment "
            "Completed");
  evict_everywhere(plan, story, order_repair());
}

}  // namespace
}  // namespace ordering::order
