#include "http/access_log.h"

#include <chrono>
#include <string>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace http {
namespace {

class AccessLog final : public Observer {
 public:
  void finished(const Exchange& exchange) override {
    const std::string status = std::to_string(exchange.status);
    const std::string_view pattern = exchange.route.empty() ? "none" : exchange.route;
    const auto method = known(exchange.method);
    requests_.with({method, pattern, status}).add();
    durations_.with({method, pattern}).observe(exchange.duration);

    const auto level = exchange.status >= 500   ? telemetry::LogLevel::error
                       : exchange.status >= 400 ? telemetry::LogLevel::info
                                                : telemetry::LogLevel::debug;
    if (!telemetry::log_enabled(level)) return;
    telemetry::log(level, "request",
                   {{"request_id", exchange.request_id},
                    {"method", exchange.method},
                    {"path", exchange.path},
                    {"status", exchange.status},
                    {"duration_us", exchange.duration / std::chrono::microseconds(1)},
                    {"bytes_received", exchange.bytes_received},
                    {"bytes_sent", exchange.bytes_sent}});
  }

  void failed(std::string_view request_id, std::string_view what) override {
    telemetry::error("a request failed", {{"request_id", request_id}, {"error", what}});
  }

  void connections(std::size_t open) override { connections_.set(static_cast<double>(open)); }

 private:
  // Labels come from a small set, whatever clients send.
  static std::string_view known(std::string_view method) {
    for (const std::string_view each :
         {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
      if (method == each) return each;
    }
    return "other";
  }

  telemetry::Family<telemetry::Counter>& requests_ = telemetry::counter(
      "http_requests_total", "Requests answered.", {"method", "route", "status"});
  telemetry::Family<telemetry::Histogram>& durations_ =
      telemetry::histogram("http_request_duration_seconds",
                           "From a request's head to the end of its answer.", {"method", "route"});
  telemetry::Gauge& connections_ =
      telemetry::gauge("http_connections", "Open connections.").with(telemetry::LabelValues{});
};

}  // namespace

std::shared_ptr<Observer> access_log() {
  return std::make_shared<AccessLog>();
}

}  // namespace http
