#include "delivery/delivery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace ordering::delivery {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 8> kStates{
    "NONE", "REQUESTED", "DEPARTED", "IN_TRANSIT", "DELIVERED", "REJECTED", "CANCELLED", "VOID"};

std::optional<Code> reason_to_reject(const OrderId& id, std::int64_t couriers) {
  if (id.last_character() == "0") return Code::invalid_address;
  if (id.last_character() == "9") return Code::area_not_supported;
  if (couriers <= 0) return Code::no_available_courier;
  return std::nullopt;
}

Decision<Progress> refuse(Code code) {
  return {.answer = std::unexpected(Refusal{code})};
}

Decision<Progress> enter(State state, const Timetable& timetable, Timestamp now) {
  return {.row = Delivery{.state = state, .since = now},
          .answer = Progress{.state = state, .next = now + timetable.stay_in(state)}};
}

Decision<Progress> wait_or_enter(State after, const Delivery& found, const Timetable& timetable,
                                 Timestamp now) {
  const auto end = found.since + timetable.stay_in(found.state);
  if (now >= end) return enter(after, timetable, now);
  return {.answer = Progress{.state = found.state, .next = end}};
}

}  // namespace

std::string_view to_string(State state) {
  return kStates.at(static_cast<std::size_t>(state));
}

State state_from(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == text) return static_cast<State>(i);
  throw std::invalid_argument("no state of a delivery: " + std::string(text));
}

Timetable::Timetable(double scale) : scale_(scale) {
  if (!(scale >= 0 && scale <= kMaxDeliveryTimeScale))
    throw std::invalid_argument("a delivery's time scale is from 0 to " +
                                std::to_string(std::lround(kMaxDeliveryTimeScale)));
}

milliseconds Timetable::stay_in(State stage) const {
  const milliseconds unscaled{stage == State::requested || stage == State::departed ? 2000
                              : stage == State::in_transit                          ? 1000
                                                                                    : 0};
  return milliseconds(std::llround(static_cast<double>(unscaled.count()) * scale_));
}

Decision<Progress> proceed(const Delivery& found, const OrderId& id, std::int64_t couriers,
                           const Timetable& timetable, Timestamp now) {
  switch (found.state) {
    case State::none:
      if (auto code = reason_to_reject(id, couriers))
        return {.row = Delivery{.state = State::rejected, .since = now, .refusal = code},
                .answer = std::unexpected(Refusal{*code})};
      return enter(State::requested, timetable, now);
    case State::requested:
      return wait_or_enter(State::departed, found, timetable, now);
    case State::departed:
      return wait_or_enter(State::in_transit, found, timetable, now);
    case State::in_transit:
      return wait_or_enter(State::delivered, found, timetable, now);
    case State::delivered:
      return {.answer = Progress{.state = State::delivered}};
    case State::rejected:
      return refuse(found.refusal.value());
    case State::cancelled:
    case State::voided:
      break;
  }
  return refuse(Code::fenced);
}

Decision<UndoResult> cancel(const Delivery& found, Timestamp now) {
  switch (found.state) {
    case State::none:
      return {.row = Delivery{.state = State::voided, .since = now}, .answer = UndoResult::nothing};
    case State::requested:
      // `now` was read before the row was locked: the request may have come in between.
      return {.row = Delivery{.state = State::cancelled, .since = std::max(now, found.since)},
              .answer = UndoResult::undone};
    case State::cancelled:
      return {.answer = UndoResult::undone};
    case State::departed:
    case State::in_transit:
    case State::delivered:
      return {.answer = std::unexpected(Refusal{Code::already_started})};
    case State::rejected:
    case State::voided:
      break;
  }
  return {.answer = UndoResult::nothing};
}

}  // namespace ordering::delivery
