#include "http/router.h"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "http/negotiation.h"
#include "http/request_parts.h"
#include "http/target.h"

namespace http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);  // of "/a/b", what is behind the first slash
  for (;;) {
    const auto end = path.find('/');
    segments.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

// Literal segments sort before {name}, so that the first match is the most literal.
bool more_literal(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return std::ranges::lexicographical_compare(one, other, [](const auto& a, const auto& b) {
    if (is_parameter(a) != is_parameter(b)) return is_parameter(b);
    return !is_parameter(a) && a < b;
  });
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::ranges::equal(pattern, path, [](std::string_view want, std::string_view got) {
    return is_parameter(want) ? !got.empty() : want == got;
  });
}

void check_acceptable(const RouteOptions& options, const Request& request) {
  const auto accept = request.header("Accept");
  if (options.produces.empty() || accepts(accept, options.produces)) return;
  throw not_acceptable(options.produces);
}

}  // namespace

Router& Router::on(std::string_view method, std::string_view pattern, Handler handler,
                   RouteOptions options) {
  if (!pattern.starts_with('/')) throw std::logic_error("a pattern begins with /");
  auto found = std::ranges::find(resources_, pattern, &Resource::pattern);
  if (found == resources_.end()) {
    const auto parts = split(pattern);
    Resource fresh{.pattern = std::string(pattern), .segments = {parts.begin(), parts.end()}};
    const auto place =
        std::ranges::upper_bound(resources_, fresh.segments, more_literal, &Resource::segments);
    found = resources_.insert(place, std::move(fresh));
  }
  if (std::ranges::find(found->routes, method, &Route::method) != found->routes.end()) {
    throw std::logic_error(std::string(method) + " " + found->pattern + " is there twice");
  }
  found->routes.push_back({.method = std::string(method),
                           .handler = std::move(handler),
                           .options = std::move(options)});
  return *this;
}

std::vector<RouteName> Router::routes() const {
  std::vector<RouteName> names;
  for (const Resource& resource : resources_)
    for (const Route& route : resource.routes)
      names.push_back(
          {.method = route.method, .pattern = resource.pattern, .open = route.options.open});
  return names;
}

const Router::Route& Router::find(Request& request) const {
  auto segments = split(request.path());
  std::deque<std::string> decoded;
  for (auto& segment : segments) {
    segment = decoded.emplace_back(percent_decoded(segment, false));
  }
  const auto resource = std::ranges::find_if(
      resources_, [&](const Resource& each) { return matches(each.segments, segments); });
  if (resource == resources_.end()) {
    throw Problem{.status = 404,
                  .message = {"there is nothing at this address", "이 주소에는 아무것도 없습니다"}};
  }
  request.parts_->route = resource->pattern;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = resource->segments[i];
    if (is_parameter(name)) {
      request.parts_->params.emplace_back(name.substr(1, name.size() - 2), segments[i]);
    }
  }
  const auto method = request.method() == "HEAD" ? "GET" : request.method();
  const auto route = std::ranges::find(resource->routes, method, &Route::method);
  if (route == resource->routes.end()) throw not_allowed(*resource);
  check_acceptable(route->options, request);
  return *route;
}

Problem Router::not_allowed(const Resource& resource) {
  std::string allow;
  for (const Route& route : resource.routes) {
    allow += (allow.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") allow += ", HEAD";
  }
  return {.status = 405,
          .message = {"this address takes " + allow, "이 주소가 받는 메서드: " + allow},
          .headers = {{"Allow", allow}}};
}

void Router::check_body(const Route& route, const Request& request) {
  const auto& consumes = route.options.consumes;
  if (consumes.empty() || is_of_type(request.header("Content-Type"), consumes)) return;
  throw Problem{
      .status = 415,
      .message = {"the body must be " + consumes + ", said so by Content-Type, in UTF-8",
                  "본문은 UTF-8 " + consumes + "이어야 하고 Content-Type에 밝혀야 합니다"}};
}

}  // namespace http
