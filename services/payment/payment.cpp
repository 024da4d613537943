#include "payment/payment.h"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace ordering::payment {
namespace {

constexpr std::array<std::string_view, 5> kStates{"NONE", "CAPTURED", "DECLINED", "VOID",
                                                  "REFUNDED"};

std::optional<Code> reason_to_decline(Money amount, bool system_fails) {
  if (amount <= Money()) return Code::invalid_amount;
  if (amount > kLimit) return Code::limit_exceeded;
  if (system_fails) return Code::payment_system_error;
  return std::nullopt;
}

Decision<Money> refuse(Code code) {
  return {.answer = std::unexpected(Refusal{code})};
}

}  // namespace

std::string_view to_string(State state) {
  return kStates.at(static_cast<std::size_t>(state));
}

State state_from(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == text) return static_cast<State>(i);
  throw std::invalid_argument("no state of a payment: " + std::string(text));
}

Decision<Money> charge(const Payment& found, Money amount, bool system_fails) {
  switch (found.state) {
    case State::none:
      if (auto code = reason_to_decline(amount, system_fails))
        return {.row = Payment{.state = State::declined, .amount = amount, .refusal = code},
                .answer = std::unexpected(Refusal{*code})};
      return {.row = Payment{.state = State::captured, .amount = amount}, .answer = amount};
    case State::captured:
      if (amount != found.amount) return refuse(Code::invalid_amount);
      return {.answer = amount};
    case State::declined:
      return refuse(found.refusal.value());
    case State::voided:
    case State::refunded:
      break;
  }
  return refuse(Code::fenced);
}

Decision<UndoResult> refund(const Payment& found) {
  switch (found.state) {
    case State::none:
      return {.row = Payment{.state = State::voided}, .answer = UndoResult::nothing};
    case State::captured:
      return {.row = Payment{.state = State::refunded, .amount = found.amount},
              .answer = UndoResult::undone};
    case State::refunded:
      return {.answer = UndoResult::undone};
    case State::declined:
    case State::voided:
      break;
  }
  return {.answer = UndoResult::nothing};
}

}  // namespace ordering::payment
