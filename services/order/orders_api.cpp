#include "order/orders_api.h"

#include <temporal/asio.h>

#include <boost/json/value.hpp>

#include "contract/refusal.h"
#include "process/problems.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace {

constexpr std::int64_t kMostWaitSeconds = 30;
constexpr std::chrono::seconds kRetryAfter{1};  // of every 503: the call may be repeated

http::Problem problem(Code code) {
  auto problem = process::to_problem({code});
  if (problem.status == 503) problem.retry_after = kRetryAfter;
  return problem;
}

http::Problem wrong_field(std::string field, std::string sentence) {
  auto problem = process::bad_request(std::move(sentence));
  problem.details = {{"field", std::move(field)}};
  return problem;
}

http::Problem unknown_order() {
  return process::not_found({"there is no such order", "그런 주문이 없습니다"});
}

OrderId id_in(const http::Request& request) {
  auto id = order_id_of(request.param("orderId"));
  if (!id) throw unknown_order();  // no order can have it
  return *std::move(id);
}

// What Temporal did not answer, as HTTP says it: an unknown order, or come back later.
template <class T>
http::Task<T> ask(temporal::Async<T> question, Code unavailable) {
  try {
    co_return co_await temporal::use_asio(std::move(question));
  } catch (const temporal::RpcError& e) {
    if (e.code() == temporal::RpcCode::not_found) throw unknown_order();
    telemetry::warn("Temporal does not answer",
                    {{"code", temporal::to_string(e.code())}, {"error", e.what()}});
    throw problem(unavailable);
  }
}

// The seed's four keys, in its order.
boost::json::value seed_answer(const OrderId& id, Status status, std::string message) {
  return {{"orderId", id.text()},
          {"workflowId", workflow_id(id)},
          {"status", to_string(status)},
          {"message", std::move(message)}};
}

}  // namespace

void OrdersApi::add_to(http::Router& router) {
  router.post("/orders", *this, &OrdersApi::create)
      .get("/orders/{orderId}", *this, &OrdersApi::get)
      .get("/orders/{orderId}/status", *this, &OrdersApi::status)
      .post("/orders/{orderId}/cancel", *this, &OrdersApi::cancel);
}

http::Task<http::Response> OrdersApi::create(const http::Request& request) {
  auto body = request.json();
  auto id = OrderId::parse(body.text("orderId"));
  if (!id) throw wrong_field("orderId", id.error());
  auto amount = Money::parse(body.number("amount"));
  if (!amount) throw wrong_field("amount", amount.error());
  auto placing = co_await ask(orders_.place(*id, *amount), Code::start_failed);
  if (placing == Placing::amount_differs) throw problem(Code::amount_mismatch);
  telemetry::info("order placed", {{"request_id", request.request_id()},
                                   {"order_id", id->text()},
                                   {"replayed", placing == Placing::replayed}});
  auto response =
      http::reply(seed_answer(*id, Status::processing, "Order workflow started successfully"));
  if (placing == Placing::replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  co_return response;
}

http::Task<http::Response> OrdersApi::status(const http::Request& request) {
  auto id = id_in(request);
  std::chrono::seconds wait(request.query_integer("wait", 1, kMostWaitSeconds).value_or(0));
  auto status = co_await ask(orders_.status(id, wait, draining_), Code::unavailable);
  auto message = "Current workflow status: " + std::string(to_string(status));
  co_return http::reply(seed_answer(id, status, std::move(message)));
}

http::Task<http::Response> OrdersApi::get(const http::Request& request) {
  auto view = co_await ask(orders_.view(id_in(request)), Code::unavailable);
  co_return http::reply(to_json(view, links_, request.language()));
}

http::Task<http::Response> OrdersApi::cancel(const http::Request& request) {
  auto id = id_in(request);
  auto decision = co_await ask(orders_.cancel(id, draining_), Code::unavailable);
  if (decision == CancelDecision::departed) throw problem(Code::already_started);
  if (decision == CancelDecision::too_late) throw problem(Code::already_ended);
  if (decision == CancelDecision::undecided) throw problem(Code::unavailable);
  telemetry::info("cancel accepted",
                  {{"request_id", request.request_id()}, {"order_id", id.text()}});
  co_return http::reply({{"orderId", id.text()},
                         {"workflowId", workflow_id(id)},
                         {"status", "CANCELLING"},
                         {"message", "Cancellation accepted"}},
                        202);
}

}  // namespace ordering::order
