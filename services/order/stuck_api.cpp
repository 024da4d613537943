#include "order/stuck_api.h"

#include "order/answers.h"
#include "order/failure_codes.h"
#include "process/problems.h"
#include "telemetry/log.h"
#include "telemetry/utf8.h"

namespace ordering::order {

namespace {

std::string name_in(const http::Request& request) {
  const auto name = request.param("name");
  if (!is_compensation(name))
    throw process::not_found({"there is no such compensation", "그런 보상 처리가 없습니다"});
  return std::string(name);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void check_by(std::string_view by) {
  if (is_blank(by)) throw wrong_field("by", {"by is empty", "by가 비어 있습니다"});
  if (telemetry::characters(by) > StuckApi::kMostBy)
    throw wrong_field("by", {"by is longer than 100 characters", "by가 100자보다 깁니다"});
}

void check_reason(std::string_view reason) {
  if (is_blank(reason)) throw wrong_field("reason", {"reason is empty", "reason이 비어 있습니다"});
  if (telemetry::characters(reason) > StuckApi::kMostReason)
    throw wrong_field("reason",
                      {"reason is longer than 1,000 characters", "reason이 1,000자보다 깁니다"});
}

// To try again is harmless, so that nobody need say why.
CompensationRequest request_to_retry(const http::Request& request) {
  CompensationRequest asked{.name = name_in(request)};
  if (request.body().empty()) return asked;
  const auto body = request.json();
  asked.by = body.optional_text("by");
  asked.reason = body.optional_text("reason");
  if (asked.by) check_by(*asked.by);
  if (asked.reason) check_reason(*asked.reason);
  return asked;
}

CompensationRequest request_to_resolve(const http::Request& request) {
  CompensationRequest asked{.name = name_in(request)};
  const auto body = request.json();
  asked.by = body.text("by");
  asked.reason = body.text("reason");
  check_by(*asked.by);
  check_reason(*asked.reason);
  return asked;
}

}  // namespace

void StuckApi::add_to(http::Router& router) {
  router.post("/orders/{orderId}/compensations/{name}/retry", *this, &StuckApi::retry)
      .post("/orders/{orderId}/compensations/{name}/resolve", *this, &StuckApi::resolve);
}

http::Task<http::Response> StuckApi::retry(const http::Request& request) {
  auto asked = request_to_retry(request);
  co_return co_await ask_for(request, Compensation::retry, std::move(asked),
                             "Compensation is tried again");
}

http::Task<http::Response> StuckApi::resolve(const http::Request& request) {
  auto asked = request_to_resolve(request);
  co_return co_await ask_for(request, Compensation::resolve, std::move(asked),
                             "Compensation counts as done");
}

http::Task<http::Response> StuckApi::ask_for(const http::Request& request, Asking what,
                                             CompensationRequest asked, std::string message) {
  auto id = id_in(request);
  auto decision = co_await ask(request, orders_.ask(id, what, asked, draining_, trace_of(request)));
  if (decision == AskDecision::not_stuck) throw problem(Code::not_stuck);
  if (decision == AskDecision::undecided) throw problem(Code::unavailable);
  {
    const auto scope = request.scope();
    telemetry::info(message, {{"order_id", id.text()},
                              {"workflow_id", workflow_id(id)},
                              {"activity", asked.name},
                              {"by", asked.by.value_or("")}});
  }
  co_return co_await accepted(orders_, std::move(id), std::move(message));
}

}  // namespace ordering::order
