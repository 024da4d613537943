// How a page of orders is written for a client, and a cursor in it.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <iterator>

#include "contract/timestamp.h"
#include "order/order_list.h"

namespace ordering::order {

namespace json = boost::json;

namespace {

// As text, since no JSON library writes an amount as a plain decimal.
std::string to_json(const ListedOrder& order) {
  auto whole = json::serialize(json::object{{"orderId", order.order_id.text()},
                                            {"workflowId", workflow_id(order.order_id)}});
  whole.back() = ',';
  whole += "\"amount\":" + order.amount.decimal() + ',';
  json::object rest{{"status", to_string(order.status)}};
  if (order.code) rest["code"] = *order.code;
  rest["stuck"] = order.stuck;
  rest["createdAt"] = to_rfc3339(order.created_at);
  if (order.closed_at) rest["closedAt"] = to_rfc3339(*order.closed_at);
  return whole.append(json::serialize(rest), 1, std::string::npos);
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string text;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + 2, byte, 16);
    if (error != std::errc() || end != hex.data() + 2) return std::nullopt;
    text += static_cast<char>(byte);
  }
  return hex.empty() ? std::optional(text) : std::nullopt;
}

}  // namespace

std::string to_json(const OrderPage& page) {
  std::string out = "{\"items\":[";
  for (const auto& order : page.items) {
    if (out.back() != '[') out += ',';
    out += to_json(order);
  }
  out += ']';
  if (page.next) out += ",\"nextCursor\":\"" + to_text(*page.next) + '"';
  return out + '}';
}

// Hexadecimal, so that it needs no escape in a query, and looks like what it is: opaque.
std::string to_text(const ListCursor& cursor) {
  const auto plain =
      std::to_string(cursor.created_at.time_since_epoch().count()) + '|' + cursor.order_id;
  std::string text;
  for (const unsigned char c : plain) fmt::format_to(std::back_inserter(text), "{:02x}", c);
  return text;
}

std::optional<ListCursor> parse_cursor(std::string_view text) {
  const auto plain = from_hex(text);
  if (!plain) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(plain->data(), plain->data() + plain->size(), count);
  if (error != std::errc() || end == plain->data() + plain->size() || *end != '|')
    return std::nullopt;
  return ListCursor{Time(Time::duration(count)),
                    std::string(end + 1, plain->data() + plain->size())};
}

}  // namespace ordering::order
