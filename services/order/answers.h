// What the handlers under /orders have in common: whom a request is about, how Temporal is asked for
// it, and the answers that are no success.
#pragma once
#include <temporal/asio.h>

#include <string>
#include <string_view>

#include "contract/refusal.h"
#include "http/message.h"
#include "order/orders.h"

namespace ordering::order {

// As the table has it; a 503 says when to come back.
http::Problem problem(Code code);
http::Problem wrong_field(std::string field, Sentence sentence);
http::Problem unknown_order();

// Of the path's {orderId}; Problem 404 where no order can have it.
OrderId id_in(const http::Request& request);

// For those calls of Orders that say who asks.
temporal::Headers trace_of(const http::Request& request);

// The answer; where there is none Problem 404 for an unknown order, and otherwise `unavailable`.
template <class T>
http::Task<T> ask(const http::Request& request, http::Task<T> question, Code unavailable);
template <class T>
http::Task<T> ask(const http::Request& request, temporal::Async<T> question,
                  Code unavailable = Code::unavailable) {
  return ask(request, temporal::use_asio(std::move(question)), unavailable);
}

// The seed's four keys, in its order.
boost::json::value seed_answer(const OrderId& id, Status status, std::string_view message);
// Of what has been accepted, whether or not Temporal tells the status now.
http::Task<http::Response> accepted(Orders orders, OrderId id, std::string message);

// The problem that stands for what Temporal did not answer.
http::Problem no_answer(const http::Request& request, const temporal::RpcError& error,
                        Code unavailable);

template <class T>
http::Task<T> ask(const http::Request& request, http::Task<T> question, Code unavailable) {
  try {
    co_return co_await std::move(question);
  } catch (const temporal::RpcError& e) {
    throw no_answer(request, e, unavailable);
  }
}

}  // namespace ordering::order
