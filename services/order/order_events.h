// What has happened to an order, event by event: its timeline, and what is sent to those who follow
// it. Only what a history stores is an event; attempts and a delivery's stages are not.
//
//   EventTeller tell(id, Chain::order);
//   for (const auto& stored : history.events())
//     if (auto event = tell(stored)) lines.push_back(to_json(*event));
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "contract/order_id.h"
#include "order/order_view.h"

namespace temporal::api::history::v1 {
class HistoryEvent;
}

namespace ordering::order {

// Whose history an event is of: the order's own, or that of the repair which ends it (R9).
enum class Chain { order = 0, repair = 1 };

// Where an event stands among those of its order. A reset begins a new run with the old one's first
// events; what the new run adds has ids that the old one may have had, and comes after all of it.
struct EventPosition {
  Chain chain = Chain::order;
  std::int64_t event = 0;
  Time reset = {};  // the last before it; the epoch: none
  friend auto operator<=>(const EventPosition& one, const EventPosition& other) {
    return std::tie(one.reset, one.chain, one.event) <=>
           std::tie(other.reset, other.chain, other.event);
  }
  friend bool operator==(const EventPosition&, const EventPosition&) = default;
};
std::string to_string(EventPosition position);  // "0-17"; after a reset "0.1764444638123-17"
std::optional<EventPosition> parse_position(std::string_view text);

// What an event is about. Its state says what has become of that.
enum class EventType { accepted, step, compensation, cancel, interrupted, repair, ended };
std::string_view to_string(EventType type);

struct OrderEvent {
  OrderId order_id;
  EventPosition position = {};
  Time at = {};
  EventType type = EventType::accepted;
  std::optional<std::string> step = {};  // of a step or a compensation: its name
  std::string_view state = {};           // "SCHEDULED", …; empty: the type says it all
  std::optional<std::string> code = {};  // why it failed or was refused
  Status status = Status::processing;    // of the order, after it
};
std::string to_json(const OrderEvent& event);

// Reads one history, its events in order from the first.
class EventTeller {
 public:
  EventTeller(OrderId id, Chain chain) : id_(std::move(id)), chain_(chain) {}

  // Nothing where a stored event tells nobody anything: workflow tasks, timers, markers.
  std::optional<OrderEvent> operator()(const temporal::api::history::v1::HistoryEvent& stored);

 private:
  using Stored = temporal::api::history::v1::HistoryEvent;
  using Told = std::optional<OrderEvent>;

  Told told(const Stored& stored, EventType type, std::string_view state = {}) const;
  Told of_activity(const Stored& stored);
  Told of_update(const Stored& stored);
  Told of_run(const Stored& stored);
  Told of_end(const Stored& stored) const;
  Told of_repair(const Stored& stored) const;
  Told activity_scheduled(const Stored& stored);
  Told activity_ended(const Stored& stored, std::int64_t scheduled, std::string_view state,
                      std::optional<std::string> code = {});
  bool is_overtaken(const std::optional<std::string>& code) const;

  OrderId id_;
  Chain chain_;
  Time reset_ = {};
  bool cancel_asked_ = false;
  std::map<std::int64_t, std::string> open_activities_;  // names, by their scheduling event
  std::map<std::int64_t, std::string> open_updates_;     // names, by their accepting event
};

}  // namespace ordering::order
