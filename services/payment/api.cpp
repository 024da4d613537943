#include "payment/api.h"

#include <boost/json.hpp>
#include <string>

#include "process/problems.h"
#include "process/store.h"

namespace ordering::payment {
namespace json = boost::json;

void Api::add_to(http::Router& router) {
  router.get("/payments/{orderId}", *this, &Api::get_payment)
      .get("/ledger", *this, &Api::get_ledger);
}

http::Task<http::Response> Api::get_payment(const http::Request& request) {
  const auto id = OrderId::parse(request.param("orderId"));
  std::optional<Payment> payment;
  if (id) payment = co_await process::on_store(request, pool_, [&] { return store_.find(*id); });
  if (!payment)
    throw process::not_found({"There is no payment of this order.", "이 주문의 결제가 없습니다."});
  json::object body{{"orderId", id->text()},
                    {"state", to_string(payment->state)},
                    {"amountMinor", payment->amount.minor()}};
  if (payment->refusal) body["code"] = explain(*payment->refusal).code;
  co_return http::reply(body);
}

http::Task<http::Response> Api::get_ledger(const http::Request& request) {
  const auto id = OrderId::parse(request.query("orderId").value_or(""));
  if (!id) throw process::bad_request(process::to_text(id.error()));
  const auto entries =
      co_await process::on_store(request, pool_, [&] { return store_.ledger(*id); });
  json::array rows;
  for (const auto& entry : entries)
    rows.push_back({{"seq", entry.seq},
                    {"at", to_rfc3339(entry.at)},
                    {"orderId", entry.order_id},
                    {"account", entry.account},
                    {"amountMinor", entry.amount.minor()}});
  co_return http::reply({{"entries", std::move(rows)}});
}

}  // namespace ordering::payment
