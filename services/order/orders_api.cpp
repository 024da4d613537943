#include "order/orders_api.h"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "order/answers.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace {

constexpr std::int64_t kMostWaitSeconds = 30;
constexpr std::chrono::milliseconds kFirstPause{100};  // between the tries of a POST
constexpr std::chrono::seconds kAskedAgain{1};         // an order whose repair is awaited

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
  auto placing = co_await ask(request, place(*id, *amount, trace_of(request)), Code::start_failed);
  if (placing == Placing::amount_differs) throw problem(Code::amount_mismatch);
  {
    const auto scope = request.scope();
    telemetry::info("order placed", {{"order_id", id->text()},
                                     {"workflow_id", workflow_id(*id)},
                                     {"replayed", placing == Placing::replayed}});
  }
  auto response =
      http::reply(seed_answer(*id, Status::processing, "Order workflow started successfully"));
  if (placing == Placing::replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  co_return response;
}

http::Task<Placing> OrdersApi::place(OrderId id, Money amount, temporal::Headers trace) const {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + Orders::kPlaceTime;
  const auto request_id = new_request_id();
  for (auto pause = kFirstPause;; pause *= 2) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    try {
      co_return co_await temporal::use_asio(orders_.place(id, amount, request_id, left, trace));
    } catch (const temporal::RpcError& e) {
      const bool late = Clock::now() + pause >= deadline || draining_.stop_requested();
      if (late || !may_pass(e.code())) throw;
    }
    co_await process::pause(pause, draining_);
  }
}

http::Task<http::Response> OrdersApi::status(const http::Request& request) {
  auto id = id_in(request);
  std::chrono::seconds wait(request.query_integer("wait", 1, kMostWaitSeconds).value_or(0));
  auto status = co_await ask(request, end_or_status(id, wait), Code::unavailable);
  auto message = "Current workflow status: " + std::string(to_string(status));
  co_return http::reply(seed_answer(id, status, message));
}

// Of an order that was ended from outside nothing tells when its repair begins: it is asked again.
http::Task<Status> OrdersApi::end_or_status(OrderId id, std::chrono::seconds wait) const {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto left = deadline - std::chrono::steady_clock::now();
    const auto status = co_await temporal::use_asio(
        orders_.status(id, std::chrono::ceil<std::chrono::milliseconds>(left), draining_));
    const bool late = std::chrono::steady_clock::now() + kAskedAgain >= deadline;
    if (status != Status::processing || late) co_return status;
    if (!co_await process::pause(kAskedAgain, draining_)) co_return status;
  }
}

http::Task<http::Response> OrdersApi::get(const http::Request& request) {
  auto view = co_await ask(request, orders_.view(id_in(request)));
  co_return http::Response{.body = to_json(view, links_, request.language())};
}

http::Task<http::Response> OrdersApi::cancel(const http::Request& request) {
  auto id = id_in(request);
  auto decision = co_await ask(request, orders_.cancel(id, draining_, trace_of(request)));
  if (decision == CancelDecision::departed) throw problem(Code::already_started);
  if (decision == CancelDecision::too_late) throw problem(Code::already_ended);
  if (decision == CancelDecision::undecided) throw problem(Code::unavailable);
  {
    const auto scope = request.scope();
    telemetry::info("cancel accepted", {{"order_id", id.text()}, {"workflow_id", workflow_id(id)}});
  }
  co_return co_await accepted(orders_, id, "Cancellation accepted");
}

}  // namespace ordering::order
