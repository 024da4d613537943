#include "order/orders_api.h"

#include <temporal/asio.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "contract/refusal.h"
#include "process/problems.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace asio = boost::asio;

namespace {

constexpr std::int64_t kMostWaitSeconds = 30;
constexpr std::chrono::milliseconds kFirstPause{100};  // between the tries of a POST
constexpr std::chrono::seconds kRetryAfter{1};         // of every 503: the call may be repeated

http::Problem problem(Code code) {
  auto problem = process::to_problem({code});
  if (problem.status == 503) problem.retry_after = kRetryAfter;
  return problem;
}

http::Problem wrong_field(std::string field, Sentence sentence) {
  auto problem = process::bad_request(process::to_text(sentence));
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

// Nobody looks for an order that is to be placed: what is not there then is the namespace.
bool tells_unknown_order(const temporal::RpcError& error, Code unavailable) {
  return error.code() == temporal::RpcCode::not_found && unavailable != Code::start_failed &&
         !is_namespace_missing(error);
}

// What Temporal did not answer, as HTTP says it: an unknown order, or come back later.
template <class T>
http::Task<T> ask(const http::Request& request, http::Task<T> question, Code unavailable) {
  try {
    co_return co_await std::move(question);
  } catch (const temporal::RpcError& e) {
    if (tells_unknown_order(e, unavailable)) throw unknown_order();
    telemetry::warn("Temporal does not answer", {{"request_id", request.request_id()},
                                                 {"code", temporal::to_string(e.code())},
                                                 {"error", e.what()}});
    throw problem(unavailable);
  }
}
template <class T>
http::Task<T> ask(const http::Request& request, temporal::Async<T> question,
                  Code unavailable = Code::unavailable) {
  return ask(request, temporal::use_asio(std::move(question)), unavailable);
}

// Errors after which another try may succeed.
bool may_pass(temporal::RpcCode code) {
  return code == temporal::RpcCode::unavailable || code == temporal::RpcCode::resource_exhausted ||
         code == temporal::RpcCode::deadline_exceeded;
}

// Not the client's X-Request-Id, which may come twice.
std::string new_request_id() {
  static boost::uuids::random_generator random;  // of the HTTP thread
  return boost::uuids::to_string(random());
}

// The seed's four keys, in its order.
boost::json::value seed_answer(const OrderId& id, Status status, std::string_view message) {
  return {{"orderId", id.text()},
          {"workflowId", workflow_id(id)},
          {"status", to_string(status)},
          {"message", message}};
}

}  // namespace

std::string unavailable_code(std::string_view method, std::string_view path) {
  const bool placing = method == "POST" && path == "/orders";
  return std::string(explain(placing ? Code::start_failed : Code::unavailable).code);
}

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
  auto placing = co_await ask(request, place(*id, *amount), Code::start_failed);
  if (placing == Placing::amount_differs) throw problem(Code::amount_mismatch);
  telemetry::info("order placed", {{"request_id", request.request_id()},
                                   {"order_id", id->text()},
                                   {"replayed", placing == Placing::replayed}});
  auto response =
      http::reply(seed_answer(*id, Status::processing, "Order workflow started successfully"));
  if (placing == Placing::replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  co_return response;
}

http::Task<Placing> OrdersApi::place(OrderId id, Money amount) const {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + Orders::kPlaceTime;
  const auto request_id = new_request_id();
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (auto pause = kFirstPause;; pause *= 2) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    try {
      co_return co_await temporal::use_asio(orders_.place(id, amount, request_id, left));
    } catch (const temporal::RpcError& e) {
      const bool late = Clock::now() + pause >= deadline || draining_.stop_requested();
      if (late || !may_pass(e.code())) throw;
    }
    timer.expires_after(pause);
    boost::system::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

http::Task<http::Response> OrdersApi::status(const http::Request& request) {
  auto id = id_in(request);
  std::chrono::seconds wait(request.query_integer("wait", 1, kMostWaitSeconds).value_or(0));
  auto status = co_await ask(request, orders_.status(id, wait, draining_));
  auto message = "Current workflow status: " + std::string(to_string(status));
  co_return http::reply(seed_answer(id, status, message));
}

http::Task<http::Response> OrdersApi::get(const http::Request& request) {
  auto view = co_await ask(request, orders_.view(id_in(request)));
  co_return http::Response{.body = to_json(view, links_, request.language())};
}

// The cancel is accepted whether or not this is answered.
http::Task<Status> OrdersApi::status_after_cancel(OrderId id) const {
  try {
    co_return co_await temporal::use_asio(orders_.status(id, std::chrono::seconds(0), draining_));
  } catch (const temporal::Error&) {
    co_return Status::processing;
  }
}

http::Task<http::Response> OrdersApi::cancel(const http::Request& request) {
  auto id = id_in(request);
  auto decision = co_await ask(request, orders_.cancel(id, draining_));
  if (decision == CancelDecision::departed) throw problem(Code::already_started);
  if (decision == CancelDecision::too_late) throw problem(Code::already_ended);
  if (decision == CancelDecision::undecided) throw problem(Code::unavailable);
  telemetry::info("cancel accepted",
                  {{"request_id", request.request_id()}, {"order_id", id.text()}});
  auto status = co_await status_after_cancel(id);
  co_return http::reply(seed_answer(id, status, "Cancellation accepted"), 202);
}

}  // namespace ordering::order
