// The list of orders over HTTP: docs/orders.md, section 5.
//
//   GET /orders?status=&code=&q=&from=&to=&limit=1..200&cursor=
#pragma once
#include "http/message.h"
#include "http/router.h"
#include "order/order_list.h"

namespace ordering::order {

class ListApi {
 public:
  explicit ListApi(OrderList list) : list_(std::move(list)) {}
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> list(const http::Request& request);

  OrderList list_;
};

}  // namespace ordering::order
