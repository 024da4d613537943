// GET /openapi.json, what the service answers, and GET /docs, the same for a person: Swagger UI, or
// a plain page where the program was built without npm. All of it is part of the program.
//
// A router and its description go together: Process throws std::logic_error for a service that has
// one without the other.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/asset.h"
#include "http/router.h"

namespace ordering::process {

class ApiDescription {
 public:
  explicit ApiDescription(const http::Asset& openapi) : openapi_(openapi) {}
  void add_to(http::Router& router);

 private:
  http::Task<http::Response> openapi(const http::Request& request);
  http::Task<http::Response> page(const http::Request& request);
  http::Task<http::Response> file(const http::Request& request);

  http::Asset openapi_;
};

// Where the two differ, a sentence each: a route that is not described, a description of none, one
// that calls for a key where none is asked, or the other way round.
std::vector<std::string> differences(std::string_view openapi,
                                     const std::vector<http::RouteName>& routes);

}  // namespace ordering::process
