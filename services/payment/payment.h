// What happens to an order's payment: pure decisions on its row, nothing stored.
//
//   NONE → CAPTURED, DECLINED or VOID; CAPTURED → REFUNDED
//
// The row found decides, never the order in which calls come: each call may come twice, late, or
// after its compensation. VOID is the tombstone of a refund that came before its charge.
#pragma once
#include <expected>
#include <optional>
#include <string_view>

#include "contract/activities.h"
#include "contract/money.h"
#include "contract/refusal.h"

namespace ordering::payment {

inline constexpr Money kLimit = Money::from_minor(100'000'000);  // 1,000,000.00 itself passes

enum class State { none, captured, declined, voided, refunded };
std::string_view to_string(State state);
State state_from(std::string_view text);  // std::invalid_argument: no such state

struct Payment {
  State state = State::none;
  Money amount = {};
  std::optional<Code> refusal = {};  // of DECLINED

  friend bool operator==(const Payment&, const Payment&) = default;
};

template <class Answer>
struct Decision {
  std::optional<Payment> row = {};  // the new row; empty: nothing changes
  std::expected<Answer, Refusal> answer;
};

// `system_fails`: what the failure rule says of this order.
Decision<Money> charge(const Payment& found, Money amount, bool system_fails);
Decision<UndoResult> refund(const Payment& found);

}  // namespace ordering::payment
