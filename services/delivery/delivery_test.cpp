// The table of the contract, every cell: the state found, the call, the new row and the answer.
#include "delivery/delivery.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ordering::delivery {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{1'000'000ms};
const Timetable kUnscaled;

OrderId order(std::string_view text) {
  return OrderId::parse(text).value();
}

Decision<Progress> go(const Delivery& found, Timestamp when, std::string_view id = "order-1",
                      std::int64_t couriers = 1) {
  return proceed(found, order(id), couriers, kUnscaled, when);
}

TEST(Proceed, FirstRequests) {
  const auto decision = go({}, kStart);
  EXPECT_EQ(decision.row, (Delivery{.state = State::requested, .since = kStart}));
  EXPECT_EQ(decision.answer->state, State::requested);
  EXPECT_EQ(decision.answer->next, kStart + 2s);
}

TEST(Proceed, RejectsByOrderIdAndCouriers) {
  EXPECT_EQ(go({}, kStart, "order-10").answer.error(), Refusal{Code::invalid_address});
  EXPECT_EQ(go({}, kStart, "order-9").answer.error(), Refusal{Code::area_not_supported});
  const auto decision = go({}, kStart, "order-1", 0);
  EXPECT_EQ(decision.answer.error(), Refusal{Code::no_available_courier});
  EXPECT_EQ(
      decision.row,
      (Delivery{.state = State::rejected, .since = kStart, .refusal = Code::no_available_courier}));
}

TEST(Proceed, WaitsOutWhatIsLeftOfEachStage) {
  struct Stage {
    State before, after;
    std::chrono::milliseconds stay;
  };
  for (auto [before, after, stay] :
       {Stage{State::requested, State::departed, 2s}, Stage{State::departed, State::in_transit, 2s},
        Stage{State::in_transit, State::delivered, 1s}}) {
    const Delivery found{.state = before, .since = kStart};
    const auto early = go(found, kStart + stay - 1ms);
    EXPECT_FALSE(early.row);
    EXPECT_EQ(early.answer->state, before);
    EXPECT_EQ(early.answer->next, kStart + stay);
    const auto late = kStart + stay + 7s;
    EXPECT_EQ(go(found, kStart + stay).row->state, after);
    EXPECT_EQ(go(found, late).row, (Delivery{.state = after, .since = late}))
        << "one stage at a time, from the row's own timestamp";
  }
}

TEST(Proceed, NoCourierStopsADeliveryUnderWay) {
  EXPECT_TRUE(go({.state = State::requested, .since = kStart}, kStart, "order-1", 0).answer);
}

TEST(Proceed, DeliveredIsTheSameSuccessAgain) {
  const auto decision = go({.state = State::delivered, .since = kStart}, kStart + 1h);
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer->state, State::delivered);
}

TEST(Proceed, ARefusalStays) {
  const Delivery found{.state = State::rejected, .refusal = Code::no_available_courier};
  EXPECT_EQ(go(found, kStart).answer.error(), Refusal{Code::no_available_courier});
}

TEST(Proceed, AfterItsCancelIsFenced) {
  for (auto state : {State::cancelled, State::voided}) {
    const auto decision = go({.state = state}, kStart);
    EXPECT_FALSE(decision.row);
    EXPECT_EQ(decision.answer.error(), Refusal{Code::fenced});
  }
}

TEST(Cancel, UndoesARequestOnce) {
  const auto decision = cancel({.state = State::requested, .since = kStart}, kStart + 1s);
  EXPECT_EQ(decision.row, (Delivery{.state = State::cancelled, .since = kStart + 1s}));
  EXPECT_EQ(decision.answer, UndoResult::undone);
  EXPECT_FALSE(cancel(*decision.row, kStart + 2s).row);
  EXPECT_EQ(cancel(*decision.row, kStart + 2s).answer, UndoResult::undone);
}

TEST(Cancel, IsNeverBeforeTheRequest) {
  const Delivery found{.state = State::requested, .since = kStart};
  EXPECT_EQ(cancel(found, kStart - 3ms).row,
            (Delivery{.state = State::cancelled, .since = kStart}));
}

TEST(Cancel, BeforeItsDeliveryLeavesATombstone) {
  const auto decision = cancel({}, kStart);
  EXPECT_EQ(decision.row, (Delivery{.state = State::voided, .since = kStart}));
  EXPECT_EQ(decision.answer, UndoResult::nothing);
  EXPECT_FALSE(cancel(*decision.row, kStart).row);
  EXPECT_EQ(cancel(*decision.row, kStart).answer, UndoResult::nothing);
}

TEST(Cancel, OfARejectedDeliveryHasNothingToUndo) {
  const Delivery found{.state = State::rejected, .refusal = Code::invalid_address};
  EXPECT_FALSE(cancel(found, kStart).row);
  EXPECT_EQ(cancel(found, kStart).answer, UndoResult::nothing);
}

TEST(Cancel, IsRefusedOnceTheCourierHasDeparted) {
  for (auto state : {State::departed, State::in_transit, State::delivered}) {
    const auto decision = cancel({.state = state}, kStart);
    EXPECT_FALSE(decision.row);
    EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::already_started}));
  }
}

TEST(Timetable, ScalesEveryStage) {
  EXPECT_EQ(Timetable(0).stay_in(State::departed), 0ms);
  EXPECT_EQ(Timetable(0.5).stay_in(State::requested), 1s);
  EXPECT_EQ(Timetable(10).stay_in(State::in_transit), 10s);
  EXPECT_EQ(Timetable(10).stay_in(State::delivered), 0ms);
  EXPECT_THROW(Timetable(-1), std::invalid_argument);
  EXPECT_NO_THROW(Timetable(1000));
  try {
    const Timetable beyond(1001);
    ADD_FAILURE() << "1001 was taken";
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "a delivery's time scale is from 0 to 1000");
  }
  EXPECT_THROW(Timetable(1e300), std::invalid_argument);
}

TEST(DeliveryState, NamesAreReadBack) {
  for (auto state : {State::none, State::requested, State::departed, State::in_transit,
                     State::delivered, State::rejected, State::cancelled, State::voided})
    EXPECT_EQ(state_from(to_string(state)), state);
  EXPECT_THROW(state_from("departed"), std::invalid_argument);
}

}  // namespace
}  // namespace ordering::delivery
