// The table of the contract, every cell: the state found, the call, the new row and the answer.
#include "inventory/reservation.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace ordering::inventory {
namespace {

constexpr Shelf kFull{.exists = true, .available = 1, .open = true};
constexpr Reservation kReserved{.state = State::reserved};
constexpr Reservation kReleased{.state = State::released};
constexpr Reservation kVoid{.state = State::voided};
constexpr Reservation kRejected{.state = State::rejected, .refusal = Code::out_of_stock};

TEST(Reserve, FirstTakesOneUnit) {
  const auto decision = reserve({}, kFull);
  EXPECT_EQ(decision.row, kReserved);
  EXPECT_EQ(decision.moved, 1);
  EXPECT_TRUE(decision.answer);
}

TEST(Reserve, RejectsByTheShelf) {
  const std::vector<std::pair<Shelf, Code>> cases = {
      {{}, Code::item_not_found},
      {{.exists = true, .discontinued = true, .available = 5, .open = true},
       Code::item_discontinued},
      {{.exists = true, .available = 0, .open = true}, Code::out_of_stock},
      {{.exists = true, .available = 5, .open = false}, Code::warehouse_unavailable},
      {{.exists = true, .available = 0, .open = false}, Code::out_of_stock},
  };
  for (const auto& [shelf, code] : cases) {
    const auto decision = reserve({}, shelf);
    EXPECT_EQ(decision.row, (Reservation{.state = State::rejected, .refusal = code}));
    EXPECT_EQ(decision.moved, 0);
    EXPECT_EQ(decision.answer.error(), Refusal{code});
  }
}

TEST(Reserve, AgainIsTheSameSuccessThoughTheShelfIsEmpty) {
  const auto decision = reserve(kReserved, {.exists = true});
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.moved, 0);
  EXPECT_TRUE(decision.answer);
}

TEST(Reserve, ARefusalStaysThoughTheShelfIsFull) {
  const auto decision = reserve(kRejected, kFull);
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer.error(), Refusal{Code::out_of_stock});
}

TEST(Reserve, AfterItsRestockIsFenced) {
  for (const auto& found : {kReleased, kVoid}) {
    const auto decision = reserve(found, kFull);
    EXPECT_FALSE(decision.row);
    EXPECT_EQ(decision.moved, 0);
    EXPECT_EQ(decision.answer.error(), Refusal{Code::fenced});
  }
}

TEST(Restock, PutsOneUnitBackOnce) {
  const auto decision = restock(kReserved, kFull);
  EXPECT_EQ(decision.row, kReleased);
  EXPECT_EQ(decision.moved, -1);
  EXPECT_EQ(decision.answer, UndoResult::undone);
  EXPECT_FALSE(restock(kReleased, kFull).row);
  EXPECT_EQ(restock(kReleased, kFull).moved, 0);
  EXPECT_EQ(restock(kReleased, kFull).answer, UndoResult::undone);
}

TEST(Restock, BeforeItsReservationLeavesATombstone) {
  const auto decision = restock({}, kFull);
  EXPECT_EQ(decision.row, kVoid);
  EXPECT_EQ(decision.moved, 0);
  EXPECT_EQ(decision.answer, UndoResult::nothing);
  EXPECT_EQ(restock(kVoid, kFull).answer, UndoResult::nothing);
}

TEST(Restock, OfARejectedReservationHasNothingToUndo) {
  EXPECT_FALSE(restock(kRejected, kFull).row);
  EXPECT_EQ(restock(kRejected, kFull).answer, UndoResult::nothing);
}

TEST(Restock, IsRefusedWhereTheItemIsGone) {
  const auto decision = restock(kReserved, {});
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::restock_failed}));
}

TEST(ReservationState, NamesAreReadBack) {
  for (auto state : {State::none, State::reserved, State::rejected, State::voided, State::released})
    EXPECT_EQ(state_from(to_string(state)), state);
  EXPECT_THROW(state_from("reserved"), std::invalid_argument);
}

}  // namespace
}  // namespace ordering::inventory
