// What a person may do about an order that is stuck, over HTTP: docs/orders.md, section 5.
//
//   POST /orders/{orderId}/compensations/{name}/retry     {"by"?,"reason"?}
//   POST /orders/{orderId}/compensations/{name}/resolve   {"by","reason"}
#pragma once
#include <stop_token>
#include <string>

#include "http/message.h"
#include "http/router.h"
#include "order/orders.h"

namespace ordering::order {

class StuckApi {
 public:
  // In characters. What is given stands in the order's history for ever.
  static constexpr std::size_t kMostBy = 100;
  static constexpr std::size_t kMostReason = 1000;

  StuckApi(Orders orders, std::stop_token draining)
      : orders_(std::move(orders)), draining_(std::move(draining)) {}
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> retry(const http::Request& request);
  http::Task<http::Response> resolve(const http::Request& request);
  http::Task<http::Response> ask_for(const http::Request& request, Asking what,
                                     CompensationRequest asked, std::string message);

  Orders orders_;
  std::stop_token draining_;
};

}  // namespace ordering::order
