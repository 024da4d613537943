// What the shop answers, as far as the command line shows it; docs/orders.md, 5, says what it means.
// Where the names on the wire are the members' own, temporal/json.h needs no line.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/wire.h"

namespace ordering::cli {

// Of POST /orders, the status, and every 202.
struct Accepted {
  std::string order_id = {};
  std::string status = {};
  std::string message = {};
};
struct Step {
  std::string name = {};
  std::string state = {};
  std::optional<std::string> result = {};  // of a compensation that has answered
  int attempts = 0;
  std::optional<std::string> started_at = {};
  std::optional<std::string> ended_at = {};
  std::optional<std::string> code = {};
};
struct OrderFailure {
  std::string code = {};
  std::string message = {};
};
struct Links {
  std::string temporal_ui = {};
};
struct Order {
  std::string order_id = {};
  double amount = 0;
  std::string currency = {};
  std::string status = {};
  std::string stage = {};
  bool stuck = false;
  std::optional<bool> repaired = {};
  std::optional<OrderFailure> failure = {};
  std::vector<Step> steps = {};
  std::vector<Step> compensations = {};
  std::string created_at = {};
  std::optional<std::string> closed_at = {};
  Links links = {};
};
struct ListedOrder {
  std::string order_id = {};
  double amount = 0;
  std::string status = {};
  std::optional<std::string> code = {};
  bool stuck = false;
  std::string created_at = {};
  std::optional<std::string> closed_at = {};
};
struct OrderPage {
  std::vector<ListedOrder> items = {};
  std::optional<std::string> next_cursor = {};
};
struct OrderEvent {
  std::string order_id = {};
  std::string at = {};
  std::string type = {};
  std::optional<std::string> step = {};
  std::optional<std::string> state = {};
  std::optional<std::string> code = {};
  std::string status = {};
};
struct Violation {
  std::string subject = {};
  std::string detail = {};
};
struct Check {
  std::string id = {};
  bool ok = false;
  std::vector<Violation> violations = {};
  std::optional<std::int64_t> count = {};  // of all violations; the first are listed
  std::optional<std::string> note = {};
};
struct Audit {
  bool ok = false;
  std::string at = {};
  std::vector<Check> checks = {};
  std::map<std::string, std::int64_t> sums = {};
  std::vector<std::string> resolved =
      {};  // orders with a compensation that a person counted as done
};
// RFC 9457, with the shop's own keys.
struct Problem {
  std::string title = {};
  std::string detail = {};
  std::string code = {};
};

inline bool has_ended(std::string_view status) {
  return status != "PROCESSING";
}
inline bool has_failed(std::string_view status) {
  return status == "FAILED" || status == "CANCELLED";
}

}  // namespace ordering::cli

template <>
struct temporal::Json<ordering::cli::Accepted>
    : ordering::wire::Members<ordering::cli::Accepted,
                              ordering::wire::Field<"orderId", &ordering::cli::Accepted::order_id>,
                              ordering::wire::Field<"status", &ordering::cli::Accepted::status>,
                              ordering::wire::Field<"message", &ordering::cli::Accepted::message>> {
};
template <>
struct temporal::Json<ordering::cli::Step>
    : ordering::wire::Members<ordering::cli::Step,
                              ordering::wire::Field<"name", &ordering::cli::Step::name>,
                              ordering::wire::Field<"state", &ordering::cli::Step::state>,
                              ordering::wire::Field<"result", &ordering::cli::Step::result>,
                              ordering::wire::Field<"attempts", &ordering::cli::Step::attempts>,
                              ordering::wire::Field<"startedAt", &ordering::cli::Step::started_at>,
                              ordering::wire::Field<"endedAt", &ordering::cli::Step::ended_at>,
                              ordering::wire::Field<"code", &ordering::cli::Step::code>> {};
template <>
struct temporal::Json<ordering::cli::Links>
    : ordering::wire::Members<
          ordering::cli::Links,
          ordering::wire::Field<"temporalUi", &ordering::cli::Links::temporal_ui>> {};
template <>
struct temporal::Json<ordering::cli::Order>
    : ordering::wire::Members<
          ordering::cli::Order, ordering::wire::Field<"orderId", &ordering::cli::Order::order_id>,
          ordering::wire::Field<"amount", &ordering::cli::Order::amount>,
          ordering::wire::Field<"currency", &ordering::cli::Order::currency>,
          ordering::wire::Field<"status", &ordering::cli::Order::status>,
          ordering::wire::Field<"stage", &ordering::cli::Order::stage>,
          ordering::wire::Field<"stuck", &ordering::cli::Order::stuck>,
          ordering::wire::Field<"repaired", &ordering::cli::Order::repaired>,
          ordering::wire::Field<"failure", &ordering::cli::Order::failure>,
          ordering::wire::Field<"steps", &ordering::cli::Order::steps>,
          ordering::wire::Field<"compensations", &ordering::cli::Order::compensations>,
          ordering::wire::Field<"createdAt", &ordering::cli::Order::created_at>,
          ordering::wire::Field<"closedAt", &ordering::cli::Order::closed_at>,
          ordering::wire::Field<"links", &ordering::cli::Order::links>> {};
template <>
struct temporal::Json<ordering::cli::ListedOrder>
    : ordering::wire::Members<
          ordering::cli::ListedOrder,
          ordering::wire::Field<"orderId", &ordering::cli::ListedOrder::order_id>,
          ordering::wire::Field<"amount", &ordering::cli::ListedOrder::amount>,
          ordering::wire::Field<"status", &ordering::cli::ListedOrder::status>,
          ordering::wire::Field<"code", &ordering::cli::ListedOrder::code>,
          ordering::wire::Field<"stuck", &ordering::cli::ListedOrder::stuck>,
          ordering::wire::Field<"createdAt", &ordering::cli::ListedOrder::created_at>,
          ordering::wire::Field<"closedAt", &ordering::cli::ListedOrder::closed_at>> {};
template <>
struct temporal::Json<ordering::cli::OrderPage>
    : ordering::wire::Members<
          ordering::cli::OrderPage,
          ordering::wire::Field<"items", &ordering::cli::OrderPage::items>,
          ordering::wire::Field<"nextCursor", &ordering::cli::OrderPage::next_cursor>> {};
template <>
struct temporal::Json<ordering::cli::OrderEvent>
    : ordering::wire::Members<
          ordering::cli::OrderEvent,
          ordering::wire::Field<"orderId", &ordering::cli::OrderEvent::order_id>,
          ordering::wire::Field<"at", &ordering::cli::OrderEvent::at>,
          ordering::wire::Field<"type", &ordering::cli::OrderEvent::type>,
          ordering::wire::Field<"step", &ordering::cli::OrderEvent::step>,
          ordering::wire::Field<"state", &ordering::cli::OrderEvent::state>,
          ordering::wire::Field<"code", &ordering::cli::OrderEvent::code>,
          ordering::wire::Field<"status", &ordering::cli::OrderEvent::status>> {};
