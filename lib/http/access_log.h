// The observer of every service: a log line and metrics for each request.
//
//   http::ServerOptions{.observer = http::access_log()}
//
// Log: level debug for answers under 400 (info would cost more than the request), info for 4xx,
// error for 5xx; with request_id, method, path, status, duration. Metrics, by method, route and
// status: http_requests_total, http_request_duration_seconds; http_connections.
#pragma once
#include <memory>

#include "http/server.h"

namespace http {

std::shared_ptr<Observer> access_log();

}  // namespace http
