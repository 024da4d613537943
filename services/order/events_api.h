// What happens to orders, over HTTP: docs/orders.md, section 5.
//
//   GET /orders/{orderId}/timeline     GET /orders/{orderId}/events     GET /events
#pragma once
#include <temporal/client.h>

#include <stop_token>

#include "http/message.h"
#include "http/router.h"
#include "order/event_reader.h"
#include "order/order_feed.h"

namespace ordering::order {

class EventsApi {
 public:
  EventsApi(temporal::Client client, OrderFeed& feed, std::stop_token draining)
      : client_(client), reader_(std::move(client)), feed_(feed), draining_(std::move(draining)) {}
  void add_to(http::Router& router);  // this must outlive the server

 private:
  http::Task<http::Response> timeline(const http::Request& request);
  http::Task<http::Response> follow_one(const http::Request& request);
  http::Task<http::Response> follow_all(const http::Request& request);
  temporal::Async<bool> is_told(OrderId id, EventPosition last) const;

  temporal::Client client_;
  EventReader reader_;
  OrderFeed& feed_;
  std::stop_token draining_;
};

}  // namespace ordering::order
