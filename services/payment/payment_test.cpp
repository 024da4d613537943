// The table of the contract, every cell: the state found, the call, the new row and the answer.
#include "payment/payment.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace ordering::payment {
namespace {

constexpr Money kPrice = Money::from_minor(10'000);
constexpr Money kOther = Money::from_minor(10'001);
constexpr Payment kCaptured{.state = State::captured, .amount = kPrice};
constexpr Payment kRefunded{.state = State::refunded, .amount = kPrice};
constexpr Payment kVoid{.state = State::voided};
constexpr Payment kDeclined{
    .state = State::declined, .amount = kPrice, .refusal = Code::payment_system_error};

TEST(Charge, FirstCaptures) {
  const auto decision = charge({}, kPrice, false);
  EXPECT_EQ(decision.row, kCaptured);
  EXPECT_EQ(decision.answer, kPrice);
}

TEST(Charge, AMillionPassesAndAMinorUnitMoreDoesNot) {
  EXPECT_EQ(charge({}, kLimit, false).row->state, State::captured);
  const auto over = charge({}, Money::from_minor(kLimit.minor() + 1), false);
  EXPECT_EQ(over.row->state, State::declined);
  EXPECT_EQ(over.answer, std::unexpected(Refusal{Code::limit_exceeded}));
}

TEST(Charge, NothingOrLessIsNoAmount) {
  EXPECT_EQ(charge({}, Money(), false).answer, std::unexpected(Refusal{Code::invalid_amount}));
  EXPECT_EQ(charge({}, Money::from_minor(-1), false).answer,
            std::unexpected(Refusal{Code::invalid_amount}));
}

TEST(Charge, TheFailureRuleDeclines) {
  const auto decision = charge({}, kPrice, true);
  EXPECT_EQ(decision.row, kDeclined);
  EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::payment_system_error}));
}

TEST(Charge, TheLimitComesBeforeTheFailureRule) {
  const auto decision = charge({}, Money::from_minor(kLimit.minor() + 1), true);
  EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::limit_exceeded}));
}

TEST(Charge, AgainIsTheSameSuccessWithoutAChange) {
  const auto decision = charge(kCaptured, kPrice, true);
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer, kPrice);
}

TEST(Charge, AgainWithAnotherAmountIsRefused) {
  const auto decision = charge(kCaptured, kOther, false);
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::invalid_amount}));
}

TEST(Charge, ARefusalStaysEvenWhenTheRuleHasChanged) {
  const auto decision = charge(kDeclined, kPrice, false);
  EXPECT_FALSE(decision.row);
  EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::payment_system_error}));
}

TEST(Charge, AfterItsRefundIsFenced) {
  for (const auto& found : {kRefunded, kVoid}) {
    const auto decision = charge(found, kPrice, false);
    EXPECT_FALSE(decision.row);
    EXPECT_EQ(decision.answer, std::unexpected(Refusal{Code::fenced}));
  }
}

TEST(Refund, UndoesACaptureOnce) {
  const auto decision = refund(kCaptured);
  EXPECT_EQ(decision.row, kRefunded);
  EXPECT_EQ(decision.answer, UndoResult::undone);
  EXPECT_FALSE(refund(kRefunded).row);
  EXPECT_EQ(refund(kRefunded).answer, UndoResult::undone);
}

TEST(Refund, BeforeItsChargeLeavesATombstone) {
  const auto decision = refund({});
  EXPECT_EQ(decision.row, kVoid);
  EXPECT_EQ(decision.answer, UndoResult::nothing);
  EXPECT_FALSE(refund(kVoid).row);
  EXPECT_EQ(refund(kVoid).answer, UndoResult::nothing);
}

TEST(Refund, OfADeclinedPaymentHasNothingToUndo) {
  EXPECT_FALSE(refund(kDeclined).row);
  EXPECT_EQ(refund(kDeclined).answer, UndoResult::nothing);
}

TEST(PaymentState, NamesAreReadBack) {
  for (auto state : {State::none, State::captured, State::declined, State::voided, State::refunded})
    EXPECT_EQ(state_from(to_string(state)), state);
  EXPECT_THROW(state_from("captured"), std::invalid_argument);
}

}  // namespace
}  // namespace ordering::payment
