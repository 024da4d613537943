#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <stdexcept>

#include "http/request_parts.h"

namespace http {

Request::Request(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Request::~Request() = default;

std::string_view Request::method() const {
  return parts_->method;
}
std::string_view Request::path() const {
  return parts_->path;
}
std::string_view Request::route() const {
  return parts_->route;
}
std::string_view Request::header(std::string_view name) const {
  return view(parts_->message[boost::beast::string_view(name.data(), name.size())]);
}
std::string_view Request::body() const {
  return parts_->message.body();
}
std::string_view Request::request_id() const {
  return parts_->request_id;
}
std::string_view Request::client_address() const {
  return parts_->client_address;
}

Language Request::language() const {
  return parts_->language;
}
Json Request::json() const {
  return Json::parse(body());
}

std::string_view Request::param(std::string_view name) const {
  const auto found = std::ranges::find(parts_->params, name, &Parameters::value_type::first);
  if (found == parts_->params.end()) {
    throw std::logic_error("the route has no parameter " + std::string(name));
  }
  return found->second;
}

std::optional<std::string_view> Request::query(std::string_view name) const {
  const auto found = std::ranges::find(parts_->query, name, &Parameters::value_type::first);
  if (found == parts_->query.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> Request::query_integer(std::string_view name, std::int64_t least,
                                                   std::int64_t most) const {
  const auto text = query(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && rest == text->data() + text->size() && value >= least &&
      value <= most) {
    return value;
  }
  const std::string field(name);
  const std::string low = std::to_string(least);
  const std::string high = std::to_string(most);
  throw Problem{.status = 400,
                .message = {field + " must be a whole number, " + low + " to " + high,
                            field + "은(는) " + low + "에서 " + high + " 사이의 정수여야 합니다"},
                .details = {{"field", field}}};
}

Response reply(const boost::json::value& body, unsigned status) {
  return {.status = status, .body = boost::json::serialize(body)};
}

}  // namespace http
