// OtlpExporter: spans (temporal/tracing.h) to an OpenTelemetry collector, or any other that speaks
// OTLP over HTTP: Jaeger, Tempo, a vendor's.
//
//   auto options = temporal::otlp_options_from_environment();   // OTEL_…
//   if (options) exporter = std::make_shared<temporal::OtlpExporter>(runtime, *options);
//
// Spans wait in a bounded queue for a batch to be full or old enough, and go out on the runtime's
// threads. Nobody waits for them: with the collector away or slow the queue fills, and what comes then
// is dropped. A batch that is not taken is not repeated. Both are counted.
//
// The environment: what is said here, and, read for each exporter, OTEL_EXPORTER_OTLP_HEADERS
// ("authorization=Bearer%20…"), OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds, 10000) and
// OTEL_EXPORTER_OTLP_COMPRESSION (gzip; unset: none), and those of OTEL_EXPORTER_OTLP_TRACES_….
//
// Threads: any.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "temporal/runtime.h"
#include "temporal/tracing.h"

namespace temporal {

struct OtlpOptions {
  // Required, the whole URL: "http://127.0.0.1:4318/v1/traces", or https.
  std::string endpoint = {};
  // What all spans are of; "service.name" at least. telemetry.sdk.… are added.
  std::map<std::string, std::string> resource = {};
  std::size_t max_queue = 2048;
  std::size_t max_batch = 512;
  std::chrono::milliseconds delay = std::chrono::seconds(5);  // that a span waits for others
};

// By OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces behind it;
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES; OTEL_BSP_MAX_QUEUE_SIZE,
// OTEL_BSP_MAX_EXPORT_BATCH_SIZE and OTEL_BSP_SCHEDULE_DELAY. Nothing where no endpoint is set, where
// OTEL_SDK_DISABLED is true or OTEL_TRACES_EXPORTER is none. std::invalid_argument with a sentence that
// names the variable, for another protocol than http/protobuf among them.
std::optional<OtlpOptions> otlp_options_from_environment(const std::string& service_name);

struct SpanCounts {
  std::uint64_t exported = 0;
  std::uint64_t failed = 0;   // sent, and not taken
  std::uint64_t dropped = 0;  // never sent
};

class OtlpExporter final : public tracing::SpanExporter {
 public:
  // No I/O. std::invalid_argument for an endpoint that is no URL.
  OtlpExporter(Runtime runtime, OtlpOptions options);
  ~OtlpExporter() override;
  void export_span(tracing::SpanData span) override;

  // Sends what is queued. Throws std::runtime_error where that takes longer than a batch may.
  Async<void> flush();
  SpanCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace temporal
