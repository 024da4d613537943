// The orders over HTTP: docs/orders.md, section 5.
//
//   POST /orders {"orderId","amount"}     GET /orders/{orderId}
//   GET  /orders/{id}/status?wait=1..30   POST /orders/{orderId}/cancel
#pragma once
#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/router.h"
#include "order/orders.h"

namespace ordering::order {

// The code of a 503 that the HTTP server itself answers.
std::string unavailable_code(std::string_view method, std::string_view path);

class OrdersApi {
 public:
  // `draining` ends the requests that wait for an order's end.
  OrdersApi(Orders orders, ViewLinks links, std::stop_token draining)
      : orders_(std::move(orders)), links_(std::move(links)), draining_(std::move(draining)) {}
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> create(const http::Request& request);
  http::Task<http::Response> get(const http::Request& request);
  http::Task<http::Response> status(const http::Request& request);
  http::Task<http::Response> cancel(const http::Request& request);
  http::Task<Placing> place(OrderId id, Money amount, temporal::Headers trace) const;
  http::Task<Status> end_or_status(OrderId id, std::chrono::seconds wait) const;

  Orders orders_;
  ViewLinks links_;
  std::stop_token draining_;
};

}  // namespace ordering::order
