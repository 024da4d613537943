// What happens to an order's reservation of one item: pure decisions on its row, nothing stored.
//
//   NONE → RESERVED, REJECTED or VOID; RESERVED → RELEASED
//
// The row found decides, never the order in which calls come: each call may come twice, late, or
// after its compensation. VOID is the tombstone of a restock that came before its reservation.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "contract/activities.h"
#include "contract/refusal.h"

namespace ordering::inventory {

enum class State { none, reserved, rejected, voided, released };
std::string_view to_string(State state);
State state_from(std::string_view text);  // std::invalid_argument: no such state

struct Reservation {
  State state = State::none;
  std::optional<Code> refusal = {};  // of REJECTED

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

// What a reservation needs to know of its item.
struct Shelf {
  bool exists = false;
  bool discontinued = false;
  std::int64_t available = 0;
  bool open = false;  // at least one of its warehouses is
};

// What is done: the row's new state, and how many units go from available to reserved (or back,
// below 0). Empty row: nothing changes.
template <class Answer>
struct Decision {
  std::optional<Reservation> row = {};
  std::int64_t moved = 0;
  std::expected<Answer, Refusal> answer;
};

struct Held {};  // the order has its item
Decision<Held> reserve(const Reservation& found, const Shelf& shelf);
Decision<UndoResult> restock(const Reservation& found, const Shelf& shelf);

}  // namespace ordering::inventory
