// The orders over HTTP: docs/orders.md, section 5.
//
//   POST /orders {"orderId","amount"}     GET /orders/{orderId}
//   GET  /orders/{id}/status?wait=1..30   POST /orders/{orderId}/cancel
#pragma once
#include <stop_token>

#include "http/message.h"
#include "http/router.h"
#include "order/orders.h"

namespace ordering::order {

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

  Orders orders_;
  ViewLinks links_;
  std::stop_token draining_;
};

}  // namespace ordering::order
