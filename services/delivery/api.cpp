#include "delivery/api.h"

#include <boost/json.hpp>
#include <string>

#include "process/problems.h"
#include "process/store.h"

namespace ordering::delivery {
namespace json = boost::json;

void Api::add_to(http::Router& router) {
  router.get("/deliveries/{orderId}", *this, &Api::get_delivery)
      .put("/couriers", *this, &Api::set_couriers);
}

http::Task<http::Response> Api::get_delivery(const http::Request& request) {
  const auto id = OrderId::parse(request.param("orderId"));
  std::optional<StoredDelivery> stored;
  if (id) stored = co_await process::on_store(request, pool_, [&] { return store_.find(*id); });
  if (!stored)
    throw process::not_found({"There is no delivery of this order.", "이 주문의 배송이 없습니다."});
  json::array changes;
  for (const auto& change : stored->changes)
    changes.push_back({{"state", to_string(change.state)}, {"at", to_rfc3339(change.at)}});
  json::object body{{"orderId", id->text()},
                    {"state", to_string(stored->row.state)},
                    {"since", to_rfc3339(stored->row.since)},
                    {"changes", std::move(changes)}};
  if (stored->row.refusal) body["code"] = explain(*stored->row.refusal).code;
  co_return http::reply(body);
}

http::Task<http::Response> Api::set_couriers(const http::Request& request) {
  const auto available = request.json().integer("available", 0, kMaxCouriers);
  co_await process::on_store(request, pool_, [&] { store_.set_couriers(available, now()); });
  co_return http::reply({{"available", available}});
}

}  // namespace ordering::delivery
