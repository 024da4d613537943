#include "order/answers.h"

#include <chrono>

#include "process/problems.h"
#include "process/tracing.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace {

constexpr std::chrono::seconds kRetryAfter{1};  // of every 503: the call may be repeated

// Nobody looks for an order that is to be placed: what is not there then is the namespace.
bool tells_unknown_order(const temporal::RpcError& error, Code unavailable) {
  return error.code() == temporal::RpcCode::not_found && unavailable != Code::start_failed &&
         !is_namespace_missing(error);
}

http::Task<Status> status_if_told(Orders orders, OrderId id) {
  try {
    co_return co_await temporal::use_asio(orders.status(id, std::chrono::seconds(0), {}));
  } catch (const temporal::Error&) {
    co_return Status::processing;
  }
}

}  // namespace

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

temporal::Headers trace_of(const http::Request& request) {
  return process::headers_of(request.trace(), request.request_id());
}

http::Problem no_answer(const http::Request& request, const temporal::RpcError& error,
                        Code unavailable) {
  if (tells_unknown_order(error, unavailable)) return unknown_order();
  const auto scope = request.scope();
  telemetry::warn("Temporal does not answer",
                  {{"code", temporal::to_string(error.code())}, {"error", error.what()}});
  return problem(unavailable);
}

boost::json::value seed_answer(const OrderId& id, Status status, std::string_view message) {
  return {{"orderId", id.text()},
          {"workflowId", workflow_id(id)},
          {"status", to_string(status)},
          {"message", message}};
}

http::Task<http::Response> accepted(Orders orders, OrderId id, std::string message) {
  auto status = co_await status_if_told(std::move(orders), id);
  co_return http::reply(seed_answer(id, status, message), 202);
}

}  // namespace ordering::order
