// What every service tells its operators, at paths that are the same everywhere.
//
//   GET /livez    200 {"status":"UP"} as soon as the process serves
//   GET /readyz   200 or 503
//   {"status":"UP"|"DOWN","dependencies":{"temporal":"UP"},"taskQueues":{…}} GET /metrics
//   Prometheus text
//
//   http::Operations operations{{.readiness = [&] { return health.check(); }, .metrics =
//   telemetry::metrics_text}}; operations.add_to(router);             // must outlive the server
#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "http/router.h"

namespace http {

struct Readiness {
  std::vector<std::pair<std::string, bool>> dependencies =
      {};                                  // name, up; one down makes the service DOWN
  boost::json::object task_queues = {};    // told, never a reason to be DOWN
  std::vector<std::string> warnings = {};  // sentences for the operator, as little a reason
};

struct OperationsOptions {
  // Both are called on the server's thread. A check that waits is a coroutine and bounds its wait
  // (2 s is usual); one that throws makes the service DOWN.
  std::function<Task<Readiness>()> readiness = {};  // unset: always UP, with no dependency
  std::function<std::string()> metrics = {};        // unset: an empty text
};

class Operations {
 public:
  explicit Operations(OperationsOptions options) : options_(std::move(options)) {}
  void add_to(Router& router);

 private:
  Task<Response> livez(const Request& request);
  Task<Response> readyz(const Request& request);
  Task<Response> metrics(const Request& request);

  OperationsOptions options_;
};

}  // namespace http
