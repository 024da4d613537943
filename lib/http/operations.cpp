#include "http/operations.h"

#include <boost/json/array.hpp>
#include <exception>

namespace http {

void Operations::add_to(Router& router) {
  const RouteOptions health{.produces = "", .while_draining = true, .open = true, .traced = false};
  router.get("/livez", *this, &Operations::livez, health);
  router.get("/readyz", *this, &Operations::readyz, health);
  router.get("/metrics", *this, &Operations::metrics,
             {.produces = "", .open = true, .traced = false});
}

Task<Response> Operations::livez(const Request&) {
  co_return reply({{"status", "UP"}});
}

Task<Response> Operations::readyz(const Request&) {
  Readiness readiness;
  bool up = true;
  try {
    if (options_.readiness) readiness = co_await options_.readiness();
  } catch (const std::exception&) {
    up = false;
  } catch (const Problem&) {
    up = false;
  }
  boost::json::object dependencies;
  for (const auto& [name, is_up] : readiness.dependencies) {
    dependencies[name] = is_up ? "UP" : "DOWN";
    up = up && is_up;
  }
  boost::json::object body{{"status", up ? "UP" : "DOWN"},
                           {"dependencies", std::move(dependencies)},
                           {"taskQueues", std::move(readiness.task_queues)}};
  if (!readiness.warnings.empty())
    body["warnings"] = boost::json::array(readiness.warnings.begin(), readiness.warnings.end());
  co_return reply(std::move(body), up ? 200 : 503);
}

Task<Response> Operations::metrics(const Request&) {
  co_return Response{.body = options_.metrics ? options_.metrics() : std::string(),
                     .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace http
