// How an OrderView is written for a client.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "contract/timestamp.h"
#include "http/target.h"
#include "order/order_view.h"

namespace ordering::order {

namespace json = boost::json;

namespace {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::accepted:
      return "ACCEPTED";
    case Stage::payment:
      return "PAYMENT";
    case Stage::inventory:
      return "INVENTORY";
    case Stage::delivery:
      return "DELIVERY";
    case Stage::compensating:
      return "COMPENSATING";
    case Stage::done:
      return "DONE";
  }
  return {};
}

std::string_view to_string(StepState state) {
  switch (state) {
    case StepState::pending:
      return "PENDING";
    case StepState::scheduled:
      return "SCHEDULED";
    case StepState::running:
      return "RUNNING";
    case StepState::completed:
      return "COMPLETED";
    case StepState::failed:
      return "FAILED";
    case StepState::cancelled:
      return "CANCELLED";
    case StepState::skipped:
      return "SKIPPED";
  }
  return {};
}

std::string_view to_string(UndoAnswer answer) {
  switch (answer) {
    case UndoAnswer::undone:
      return "UNDONE";
    case UndoAnswer::nothing:
      return "NOTHING";
    case UndoAnswer::refused:
      return "REFUSED";
    case UndoAnswer::resolved:
      return "RESOLVED";
  }
  return {};
}

json::object step_json(const StepView& step) {
  json::object out{{"name", step.name}, {"state", to_string(step.state)}};
  if (step.result) out["result"] = to_string(*step.result);
  out["attempts"] = step.attempts;
  if (step.started_at) out["startedAt"] = to_rfc3339(*step.started_at);
  if (step.ended_at) out["endedAt"] = to_rfc3339(*step.ended_at);
  if (step.code && step.state == StepState::failed) out["code"] = *step.code;
  return out;
}

json::array steps_json(const std::vector<StepView>& steps) {
  json::array out;
  for (const auto& step : steps) out.push_back(step_json(step));
  return out;
}

// A code that is none of the table's came from outside the shop; it is shown as it is.
json::object failure_json(const OrderView& view, http::Language language) {
  const auto& code = *view.code;
  if (!view.reason)
    return {{"code", code}, {"name", code}, {"service", "order"}, {"message", code}};
  const auto& entry = explain(*view.reason);
  auto message = language == http::Language::korean ? entry.korean : entry.english;
  return {{"code", code}, {"name", entry.name}, {"service", entry.service}, {"message", message}};
}

json::object links_json(const OrderView& view, const ViewLinks& links) {
  auto self = "/orders/" + http::percent_encoded(view.order_id.text());
  return {
      {"temporalUi", fmt::format("{}/namespaces/{}/workflows/{}/{}", links.temporal_ui,
                                 http::percent_encoded(links.temporal_namespace),
                                 http::percent_encoded(workflow_id(view.order_id)), view.run_id)},
      {"timeline", self + "/timeline"},
      {"events", self + "/events"}};
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::processing:
      return "PROCESSING";
    case Status::completed:
      return "COMPLETED";
    case Status::failed:
      return "FAILED";
    case Status::cancelled:
      return "CANCELLED";
  }
  return {};
}

std::string to_json(const OrderView& view, const ViewLinks& links, http::Language language) {
  auto whole = json::serialize(json::object{{"orderId", view.order_id.text()},
                                            {"workflowId", workflow_id(view.order_id)},
                                            {"runId", view.run_id}});
  whole.back() = ',';
  whole += "\"amount\":" + view.amount.decimal() + ',';
  json::object out{{"amountMinor", view.amount.minor()},
                   {"currency", "KRW"},
                   {"status", to_string(view.status)},
                   {"stage", to_string(view.stage)},
                   {"stuck", view.stuck}};
  if (view.repaired) out["repaired"] = true;
  if (view.code) out["failure"] = failure_json(view, language);
  out["steps"] = steps_json(view.steps);
  out["compensations"] = steps_json(view.compensations);
  out["createdAt"] = to_rfc3339(view.created_at);
  if (view.closed_at) out["closedAt"] = to_rfc3339(*view.closed_at);
  out["links"] = links_json(view, links);
  return whole.append(json::serialize(out), 1, std::string::npos);
}

}  // namespace ordering::order
