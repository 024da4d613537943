// Deliveries, to be read, and the number of couriers, set by hand and recorded.
//
//   GET /deliveries/{orderId}   {orderId, state, since, changes: [{state, at}], code?}
//   PUT /couriers               {available} → {available}
#pragma once
#include "delivery/store.h"
#include "http/message.h"
#include "http/pool.h"
#include "http/router.h"

namespace ordering::delivery {

class Api {
 public:
  static constexpr std::int64_t kMaxCouriers = 1'000'000'000;

  Api(Store& store, http::Pool& pool) : store_(store), pool_(pool) {}
  void add_to(http::Router& router);

 private:
  http::Task<http::Response> get_delivery(const http::Request& request);
  http::Task<http::Response> set_couriers(const http::Request& request);

  Store& store_;
  http::Pool& pool_;
};

}  // namespace ordering::delivery
