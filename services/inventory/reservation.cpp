#include "inventory/reservation.h"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace ordering::inventory {
namespace {

constexpr std::array<std::string_view, 5> kStates{"NONE", "RESERVED", "REJECTED", "VOID",
                                                  "RELEASED"};

std::optional<Code> reason_to_reject(const Shelf& shelf) {
  if (!shelf.exists) return Code::item_not_found;
  if (shelf.discontinued) return Code::item_discontinued;
  if (shelf.available <= 0) return Code::out_of_stock;
  if (!shelf.open) return Code::warehouse_unavailable;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(State state) {
  return kStates.at(static_cast<std::size_t>(state));
}

State state_from(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == text) return static_cast<State>(i);
  throw std::invalid_argument("no state of a reservation: " + std::string(text));
}

Decision<Held> reserve(const Reservation& found, const Shelf& shelf) {
  switch (found.state) {
    case State::none:
      if (auto code = reason_to_reject(shelf))
        return {.row = Reservation{.state = State::rejected, .refusal = code},
                .answer = std::unexpected(Refusal{*code})};
      return {.row = Reservation{.state = State::reserved}, .moved = 1, .answer = Held{}};
    case State::reserved:
      return {.answer = Held{}};
    case State::rejected:
      return {.answer = std::unexpected(Refusal{found.refusal.value()})};
    case State::voided:
    case State::released:
      break;
  }
  return {.answer = std::unexpected(Refusal{Code::fenced})};
}

Decision<UndoResult> restock(const Reservation& found, const Shelf& shelf) {
  switch (found.state) {
    case State::none:
      return {.row = Reservation{.state = State::voided}, .answer = UndoResult::nothing};
    case State::reserved:
      // A unit whose item is gone has no shelf to go back to: somebody must put that right.
      if (!shelf.exists) return {.answer = std::unexpected(Refusal{Code::restock_failed})};
      return {
          .row = Reservation{.state = State::released}, .moved = -1, .answer = UndoResult::undone};
    case State::released:
      return {.answer = UndoResult::undone};
    case State::rejected:
    case State::voided:
      break;
  }
  return {.answer = UndoResult::nothing};
}

}  // namespace ordering::inventory
