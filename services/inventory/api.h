// Stock and reservations, to be read, and the shop's two calls by hand, each recorded.
//
//   GET  /inventory/items                        {items: [item]}
//   GET  /inventory/items/{itemId}               {itemId, initial, available, reserved,
//                                                 discontinued, warehouses}
//   POST /inventory/items/{itemId}/adjust        {delta, reason} → the item
//   GET  /inventory/reservations/{orderId}       {orderId, itemId, state, code?}
//   PUT  /warehouses/{name}                      {open} → {name, open}
#pragma once
#include "http/message.h"
#include "http/pool.h"
#include "http/router.h"
#include "inventory/store.h"

namespace ordering::inventory {

class Api {
 public:
  static constexpr std::size_t kMaxReason = 500;  // characters

  Api(Store& store, http::Pool& pool) : store_(store), pool_(pool) {}
  void add_to(http::Router& router);

 private:
  http::Task<http::Response> get_items(const http::Request& request);
  http::Task<http::Response> get_item(const http::Request& request);
  http::Task<http::Response> adjust(const http::Request& request);
  http::Task<http::Response> get_reservation(const http::Request& request);
  http::Task<http::Response> set_warehouse(const http::Request& request);

  Store& store_;
  http::Pool& pool_;
};

}  // namespace ordering::inventory
