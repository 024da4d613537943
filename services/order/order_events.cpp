#include "order/order_events.h"

#include <temporal/api.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "contract/compensation.h"
#include "contract/order_workflow.h"
#include "contract/timestamp.h"
#include "order/failure_codes.h"
#include "order/history_events.h"

namespace ordering::order {

namespace {

template <class T>
std::optional<T> first_of(const temporal::api::common::v1::Payloads& payloads) {
  if (payloads.payloads_size() == 0) return std::nullopt;
  return temporal::from_json<T>(payloads.payloads(0).data());
}

// What a reset leaves of the workflow task that it goes back to: the first event of the run's own.
bool is_reset(const temporal::api::history::v1::HistoryEvent& stored) {
  return stored.workflow_task_failed_event_attributes().cause() ==
         temporal::api::enums::v1::WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW;
}

std::string code_text(Code code) {
  return std::string(explain(code).code);
}

// One of an id's.
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(EventPosition position) {
  auto text = std::to_string(static_cast<int>(position.chain));
  if (position.reset != Time())
    text += '.' + std::to_string(position.reset.time_since_epoch().count());
  return text + '-' + std::to_string(position.event);
}

std::optional<EventPosition> parse_position(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto part = text.substr(0, dash);
  const auto dot = part.find('.');
  const auto chain = number(part.substr(0, dot));
  const auto event = number(text.substr(dash + 1));
  const auto reset = dot == std::string_view::npos ? 0 : number(part.substr(dot + 1));
  if (!chain || !event || !reset || *chain > 1) return std::nullopt;
  return EventPosition{
      .chain = static_cast<Chain>(*chain), .event = *event, .reset = Time(Time::duration(*reset))};
}

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::accepted:
      return "accepted";
    case EventType::step:
      return "step";
    case EventType::compensation:
      return "compensation";
    case EventType::cancel:
      return "cancel";
    case EventType::interrupted:
      return "interrupted";
    case EventType::repair:
      return "repair";
    case EventType::ended:
      return "ended";
  }
  return {};
}

std::string to_json(const OrderEvent& event) {
  boost::json::object out{{"orderId", event.order_id.text()},
                          {"at", to_rfc3339(event.at)},
                          {"type", to_string(event.type)}};
  if (event.step) out["step"] = *event.step;
  if (!event.state.empty()) out["state"] = event.state;
  if (event.code) out["code"] = *event.code;
  out["status"] = to_string(event.status);
  return boost::json::serialize(out);
}

EventTeller::Told EventTeller::operator()(const Stored& stored) {
  if (is_reset(stored)) reset_ = time_of(stored);
  if (auto event = of_activity(stored)) return event;
  if (auto event = of_update(stored)) return event;
  return of_run(stored);
}

EventTeller::Told EventTeller::told(const Stored& stored, EventType type,
                                    std::string_view state) const {
  return OrderEvent{.order_id = id_,
                    .position = {.chain = chain_, .event = stored.event_id(), .reset = reset_},
                    .at = time_of(stored),
                    .type = type,
                    .state = state};
}

EventTeller::Told EventTeller::of_activity(const Stored& stored) {
  if (stored.has_activity_task_scheduled_event_attributes()) return activity_scheduled(stored);
  if (stored.has_activity_task_completed_event_attributes()) {
    const auto& done = stored.activity_task_completed_event_attributes();
    return activity_ended(stored, done.scheduled_event_id(), "COMPLETED");
  }
  if (stored.has_activity_task_failed_event_attributes()) {
    const auto& failed = stored.activity_task_failed_event_attributes();
    const auto open = open_activities_.find(failed.scheduled_event_id());
    if (open == open_activities_.end()) return std::nullopt;
    auto code = failed_code(open->second, &failed.failure());
    const auto* state = is_overtaken(code) ? "CANCELLED" : "FAILED";
    return activity_ended(stored, failed.scheduled_event_id(), state, std::move(code));
  }
  if (stored.has_activity_task_timed_out_event_attributes()) {
    const auto& late = stored.activity_task_timed_out_event_attributes();
    const auto open = open_activities_.find(late.scheduled_event_id());
    if (open == open_activities_.end()) return std::nullopt;
    auto code = failed_code(open->second, nullptr);
    return activity_ended(stored, late.scheduled_event_id(), "FAILED", std::move(code));
  }
  if (stored.has_activity_task_cancel_requested_event_attributes()) {
    const auto& asked = stored.activity_task_cancel_requested_event_attributes();
    return activity_ended(stored, asked.scheduled_event_id(), "CANCELLED");
  }
  return std::nullopt;
}

EventTeller::Told EventTeller::activity_scheduled(const Stored& stored) {
  const auto& name = stored.activity_task_scheduled_event_attributes().activity_type().name();
  if (!is_step(name) && !is_compensation(name)) return std::nullopt;
  open_activities_[stored.event_id()] = name;
  auto event = told(stored, is_step(name) ? EventType::step : EventType::compensation, "SCHEDULED");
  event->step = name;
  return event;
}

// What comes after its end, as an answer to a cancelled activity, does not count.
EventTeller::Told EventTeller::activity_ended(const Stored& stored, std::int64_t scheduled,
                                              std::string_view state,
                                              std::optional<std::string> code) {
  const auto open = open_activities_.extract(scheduled);
  if (open.empty()) return std::nullopt;
  const auto& name = open.mapped();
  auto event = told(stored, is_step(name) ? EventType::step : EventType::compensation, state);
  event->step = name;
  if (state == "FAILED") event->code = std::move(code);
  return event;
}

// The undo of a cancel fences the step that it overtakes.
bool EventTeller::is_overtaken(const std::optional<std::string>& code) const {
  return cancel_asked_ && code == explain(Code::repaired).code;
}

EventTeller::Told EventTeller::of_update(const Stored& stored) {
  if (stored.has_workflow_execution_update_accepted_event_attributes()) {
    const auto& input =
        stored.workflow_execution_update_accepted_event_attributes().accepted_request().input();
    if (input.name() == OrderWorkflow::cancel.name) {
      open_updates_[stored.event_id()] = input.name();
      cancel_asked_ = true;
      return told(stored, EventType::cancel, "REQUESTED");
    }
    const bool resolved = input.name() == Compensation::resolve.name;
    if (!resolved && input.name() != Compensation::retry.name) return std::nullopt;
    const auto asked = first_of<CompensationRequest>(input.args());
    if (!asked) return std::nullopt;
    auto event = told(stored, EventType::compensation, resolved ? "RESOLVED" : "RETRIED");
    event->step = asked->name;
    return event;
  }
  if (!stored.has_workflow_execution_update_completed_event_attributes()) return std::nullopt;
  const auto& done = stored.workflow_execution_update_completed_event_attributes();
  if (open_updates_.erase(done.accepted_event_id()) == 0) return std::nullopt;
  const auto answer = first_of<CancelAnswer>(done.outcome().success());
  const bool accepted = answer && answer->accepted;
  auto event = told(stored, EventType::cancel, accepted ? "ACCEPTED" : "REFUSED");
  if (answer) event->code = answer->code;
  return event;
}

EventTeller::Told EventTeller::of_run(const Stored& stored) {
  if (chain_ == Chain::repair) return of_repair(stored);
  if (stored.has_workflow_execution_started_event_attributes())
    return told(stored, EventType::accepted);
  if (stored.has_workflow_execution_cancel_requested_event_attributes()) {
    cancel_asked_ = true;
    return told(stored, EventType::cancel, "REQUESTED");
  }
  return of_end(stored);
}

EventTeller::Told EventTeller::of_end(const Stored& stored) const {
  if (stored.has_workflow_execution_terminated_event_attributes() ||
      stored.has_workflow_execution_timed_out_event_attributes())
    return told(stored, EventType::interrupted);
  auto event = told(stored, EventType::ended);
  if (stored.has_workflow_execution_completed_event_attributes()) {
    event->status = Status::completed;
  } else if (stored.has_workflow_execution_failed_event_attributes()) {
    event->status = Status::failed;
    const auto& failure = stored.workflow_execution_failed_event_attributes().failure();
    event->code = failure.application_failure_info().type();
  } else if (stored.has_workflow_execution_canceled_event_attributes()) {
    event->status = Status::cancelled;
    event->code = code_text(Code::cancelled);
  } else {
    return std::nullopt;
  }
  return event;
}

// Only a repair that has completed ends its order; any other is begun again.
EventTeller::Told EventTeller::of_repair(const Stored& stored) const {
  if (stored.has_workflow_execution_started_event_attributes())
    return told(stored, EventType::repair, "STARTED");
  if (stored.has_workflow_execution_completed_event_attributes()) {
    const auto repaired =
        first_of<Repaired>(stored.workflow_execution_completed_event_attributes().result());
    auto event = told(stored, EventType::ended);
    event->status = repaired ? status_of(repaired->result) : Status::failed;
    if (event->status == Status::failed) event->code = code_text(Code::repaired);
    return event;
  }
  if (stored.has_workflow_execution_failed_event_attributes() ||
      stored.has_workflow_execution_terminated_event_attributes() ||
      stored.has_workflow_execution_timed_out_event_attributes() ||
      stored.has_workflow_execution_canceled_event_attributes())
    return told(stored, EventType::repair, "FAILED");
  return std::nullopt;
}

}  // namespace ordering::order
