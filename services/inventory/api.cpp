#include "inventory/api.h"

#include <boost/json.hpp>
#include <string>

#include "process/problems.h"
#include "process/store.h"
#include "telemetry/utf8.h"

namespace ordering::inventory {
namespace json = boost::json;
namespace {

json::object to_json(const Item& item) {
  json::array warehouses;
  for (const auto& name : item.warehouses) warehouses.emplace_back(name);
  return {{"itemId", item.id.text()},          {"initial", item.initial},
          {"available", item.available},       {"reserved", item.reserved},
          {"discontinued", item.discontinued}, {"warehouses", std::move(warehouses)}};
}

http::Problem no_such_item() {
  return process::not_found({"There is no such item.", "존재하지 않는 상품입니다."});
}

Adjustment read_adjustment(const http::Json& body) {
  const Adjustment by{
      .delta = body.integer("delta", -Store::kMaxUnits, Store::kMaxUnits),
      .reason = std::string(body.text("reason")),
  };
  if (by.delta == 0)
    throw process::bad_request({"delta must not be 0.", "delta는 0일 수 없습니다."});
  if (by.reason.empty() || telemetry::characters(by.reason) > Api::kMaxReason)
    throw process::bad_request(
        {"reason must have 1 to 500 characters.", "reason은 1~500자여야 합니다."});
  if (by.reason.contains('\0'))  // which PostgreSQL does not take in a text
    throw process::bad_request(
        {"reason must not have a NUL character.", "reason에는 NUL 문자를 쓸 수 없습니다."});
  return by;
}

}  // namespace

void Api::add_to(http::Router& router) {
  router.get("/inventory/items", *this, &Api::get_items)
      .get("/inventory/items/{itemId}", *this, &Api::get_item)
      .post("/inventory/items/{itemId}/adjust", *this, &Api::adjust)
      .get("/inventory/reservations/{orderId}", *this, &Api::get_reservation)
      .put("/warehouses/{name}", *this, &Api::set_warehouse);
}

http::Task<http::Response> Api::get_items(const http::Request& request) {
  const auto items = co_await process::on_store(request, pool_, [&] { return store_.items(); });
  json::array rows;
  for (const auto& item : items) rows.push_back(to_json(item));
  co_return http::reply({{"items", std::move(rows)}});
}

http::Task<http::Response> Api::get_item(const http::Request& request) {
  const auto id = ItemId::parse(request.param("itemId"));
  if (!id) throw no_such_item();
  const auto item = co_await process::on_store(request, pool_, [&] { return store_.find(*id); });
  if (!item) throw no_such_item();
  co_return http::reply(to_json(*item));
}

http::Task<http::Response> Api::adjust(const http::Request& request) {
  const auto id = ItemId::parse(request.param("itemId"));
  if (!id)
    throw process::bad_request({"An itemId is ITEM_ and 1 to 64 characters of an order id.",
                                "itemId는 ITEM_ 뒤에 1~64자여야 합니다."});
  const auto by = read_adjustment(request.json());
  auto change = [&]() -> std::expected<Item, http::Problem> {
    try {
      auto item = store_.adjust(*id, by, now());
      if (!item) return std::unexpected(process::to_problem(item.error()));
      return *std::move(item);
    } catch (const std::out_of_range&) {
      return std::unexpected(process::bad_request(
          {"delta leads to more units than an item may have.", "재고가 허용 범위를 넘습니다."}));
    }
  };
  const auto item = co_await process::on_store(request, pool_, change);
  if (!item) throw item.error();
  co_return http::reply(to_json(*item));
}

http::Task<http::Response> Api::get_reservation(const http::Request& request) {
  const auto id = OrderId::parse(request.param("orderId"));
  std::optional<StoredReservation> stored;
  if (id)
    stored =
        co_await process::on_store(request, pool_, [&] { return store_.find_reservation(*id); });
  if (!stored)
    throw process::not_found(
        {"There is no reservation of this order.", "이 주문의 예약이 없습니다."});
  json::object body{{"orderId", id->text()},
                    {"itemId", stored->item_id},
                    {"state", to_string(stored->row.state)}};
  if (stored->row.refusal) body["code"] = explain(*stored->row.refusal).code;
  co_return http::reply(body);
}

http::Task<http::Response> Api::set_warehouse(const http::Request& request) {
  const std::string name(request.param("name"));
  const bool open = request.json().boolean("open");
  const bool known = co_await process::on_store(
      request, pool_, [&] { return store_.set_warehouse(name, open, now()); });
  if (!known)
    throw process::not_found({"There is no such warehouse.", "존재하지 않는 창고입니다."});
  co_return http::reply({{"name", name}, {"open", open}});
}

}  // namespace ordering::inventory
