#include "order/list_api.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "contract/refusal.h"
#include "contract/timestamp.h"
#include "order/answers.h"

namespace ordering::order {

namespace {

constexpr std::int64_t kMostItems = 200;
constexpr std::array kStatuses{Status::processing, Status::completed, Status::failed,
                               Status::cancelled};

Status read_status(std::string_view text) {
  const auto found =
      std::ranges::find(kStatuses, text, [](Status status) { return to_string(status); });
  if (found == kStatuses.end())
    throw wrong_field("status",
                      {"status is one of PROCESSING, COMPLETED, FAILED, CANCELLED",
                       "status는 PROCESSING, COMPLETED, FAILED, CANCELLED 중 하나입니다"});
  return *found;
}

std::string read_code(std::string_view text) {
  if (!find_code(text))
    throw wrong_field("code", {"code is none of the shop's", "code가 이 상점의 코드가 아닙니다"});
  return std::string(text);
}

std::string read_prefix(std::string_view text) {
  const auto length = id_length(text);
  if (!length || *length > OrderId::kMaxCodePoints)
    throw wrong_field("q", {"q is the beginning of an orderId", "q는 orderId의 앞부분입니다"});
  return std::string(text);
}

Time read_time(std::string_view text, std::string_view name, Sentence otherwise) {
  const auto time = parse_rfc3339(text);
  if (!time) throw wrong_field(std::string(name), otherwise);
  return *time;
}

constexpr Sentence kWrongFrom{"from is a time such as 2026-11-25T09:30:00Z",
                              "from은 2026-11-25T09:30:00Z 같은 시각입니다"};
constexpr Sentence kWrongTo{"to is a time such as 2026-11-25T09:30:00Z",
                            "to는 2026-11-25T09:30:00Z 같은 시각입니다"};

ListCursor read_cursor(std::string_view text) {
  const auto cursor = parse_cursor(text);
  if (!cursor)
    throw wrong_field("cursor", {"cursor is the nextCursor of another page",
                                 "cursor는 다른 쪽의 nextCursor입니다"});
  return *cursor;
}

ListQuery read_query(const http::Request& request) {
  ListQuery query;
  if (const auto text = request.query("status")) query.status = read_status(*text);
  if (const auto text = request.query("code")) query.code = read_code(*text);
  if (const auto text = request.query("q")) query.prefix = read_prefix(*text);
  if (const auto text = request.query("from")) query.from = read_time(*text, "from", kWrongFrom);
  if (const auto text = request.query("to")) query.to = read_time(*text, "to", kWrongTo);
  if (const auto text = request.query("cursor")) query.after = read_cursor(*text);
  if (const auto limit = request.query_integer("limit", 1, kMostItems))
    query.limit = static_cast<std::size_t>(*limit);
  return query;
}

}  // namespace

void ListApi::add_to(http::Router& router) {
  router.get("/orders", *this, &ListApi::list);
}

http::Task<http::Response> ListApi::list(const http::Request& request) {
  const auto page = co_await ask(request, list_.page(read_query(request)));
  co_return http::Response{.body = to_json(page)};
}

}  // namespace ordering::order
