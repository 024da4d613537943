// For tests: the spans that were exported.
#pragma once
#include <gtest/gtest.h>

#include <mutex>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "temporal/tracing.h"

namespace temporal::tracing {

class Recorded final : public SpanExporter {
 public:
  void export_span(SpanData span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<SpanData> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(spans_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<SpanData> spans_;
};

inline std::string attribute(const SpanData& span, std::string_view key) {
  for (const auto& each : span.attributes)
    if (each.key == key) return std::get<std::string>(each.value);
  return "none";
}

inline const SpanContext kCaller = [] {
  auto context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  context->trace_state = "vendor=1";
  context->baggage = "request_id=r-1";
  return *context;
}();

// As Go's, Python's, TypeScript's, .NET's and Java's interceptors write it.
inline constexpr std::string_view kCallersData =
    R"({"baggage":"request_id=r-1",)"
    R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
    R"("tracestate":"vendor=1"})";

}  // namespace temporal::tracing
