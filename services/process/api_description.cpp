#include "process/api_description.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cctype>
#include <compare>
#include <set>

#include "process/assets.h"
#include "process/problems.h"

namespace ordering::process {
namespace {

namespace json = boost::json;

constexpr std::string_view kDocs = "docs.html";

std::string line_of(std::string method, std::string_view pattern, bool open) {
  std::ranges::transform(method, method.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return method.append(" ").append(pattern).append(open ? " without a key" : "");
}

// "GET /orders/{orderId}"; an operation whose security is an empty list needs no key.
std::set<std::string> described(std::string_view openapi) {
  std::set<std::string> lines;
  const auto document = json::parse({openapi.data(), openapi.size()});
  for (const auto& [path, methods] : document.at("paths").as_object())
    for (const auto& [method, operation] : methods.as_object()) {
      if (!operation.is_object()) continue;  // what its methods have in common
      const auto* security = operation.as_object().if_contains("security");
      const bool open = security && security->as_array().empty();
      lines.insert(line_of(method, {path.data(), path.size()}, open));
    }
  return lines;
}

}  // namespace

std::vector<std::string> differences(std::string_view openapi,
                                     const std::vector<http::RouteName>& routes) {
  std::vector<std::string> sentences;
  auto left = described(openapi);
  for (const auto& route : routes) {
    const auto line = line_of(route.method, route.pattern, route.open);
    if (left.erase(line) == 0) sentences.push_back(line + " is not described in openapi.json");
  }
  for (const auto& line : left) sentences.push_back("openapi.json describes no route: " + line);
  return sentences;
}

void ApiDescription::add_to(http::Router& router) {
  router.get("/openapi.json", *this, &ApiDescription::openapi, {.open = true})
      .get("/docs", *this, &ApiDescription::page, {.produces = "text/html", .open = true})
      .get("/docs/{file}", *this, &ApiDescription::file, {.produces = "", .open = true});
}

http::Task<http::Response> ApiDescription::openapi(const http::Request& request) {
  co_return http::serve(request, openapi_);
}

http::Task<http::Response> ApiDescription::page(const http::Request& request) {
  co_return http::serve(request, *http::find_asset(assets(), kDocs));
}

http::Task<http::Response> ApiDescription::file(const http::Request& request) {
  const auto* asset = http::find_asset(assets(), request.param("file"));
  if (!asset) throw not_found({"there is no such file", "그런 파일이 없습니다"});
  co_return http::serve(request, *asset);
}

}  // namespace ordering::process
