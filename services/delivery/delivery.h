// What happens to an order's delivery: pure decisions on its row, nothing stored and no clock.
//
//   NONE → REQUESTED, REJECTED or VOID; REQUESTED → DEPARTED or CANCELLED
//   DEPARTED → IN_TRANSIT → DELIVERED
//
// The row found decides, never the order in which calls come: each call may come twice, late, or
// after its compensation. VOID is the tombstone of a cancel that came before its delivery; DEPARTED
// is the point of no return. A stage lasts from the row's own timestamp on, so whoever goes on with
// a delivery waits only for what is left of it.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "contract/activities.h"
#include "contract/refusal.h"
#include "contract/timestamp.h"

namespace ordering::delivery {

enum class State {
  none,
  requested,
  departed,
  in_transit,
  delivered,
  rejected,
  cancelled,
  voided,
};
std::string_view to_string(State state);
State state_from(std::string_view text);  // std::invalid_argument: no such state

struct Delivery {
  State state = State::none;
  Timestamp since = {};              // when this state began
  std::optional<Code> refusal = {};  // of REJECTED

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// How long each stage lasts: 2 s until the courier departs, 2 s, and 1 s in transit, times a scale;
// 0 is at once.
class Timetable {
 public:
  explicit Timetable(double scale = 1);  // outside 0 … kMaxDeliveryTimeScale: std::invalid_argument
  std::chrono::milliseconds stay_in(State stage) const;

 private:
  double scale_;
};

// Where a delivery stands, and when to look at it again.
struct Progress {
  State state = State::none;
  Timestamp next = {};  // of DELIVERED: none
};

template <class Answer>
struct Decision {
  std::optional<Delivery> row = {};  // the new row; empty: nothing changes
  std::expected<Answer, Refusal> answer;
};

// Requests a delivery, or takes it one stage further when its time has come.
Decision<Progress> proceed(const Delivery& found, const OrderId& id, std::int64_t couriers,
                           const Timetable& timetable, Timestamp now);
Decision<UndoResult> cancel(const Delivery& found, Timestamp now);

}  // namespace ordering::delivery
