// Traces of a service, from the HTTP request through workflow and activities to the SQL, where the
// environment names a collector (docs/operating.md). Elsewhere there are none; the id of the request
// that an order is for goes along to its activities' log all the same.
//
//   temporal::Client::lazy({…, .interceptors = tracing.client_interceptors()});
//   tracing.add_to(worker_options);
//
// In an activity, on the thread that works for it:
//
//   const process::ActivityScope scope(context);
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/trace.h"
#include "temporal/otlp.h"
#include "temporal/tracing.h"
#include "temporal/worker.h"

namespace ordering::process {

class Tracing {
 public:
  // By the environment; of this whole process, so there is one. std::invalid_argument for a variable
  // that is wrong, with a sentence that names it.
  Tracing(const std::string& service, const temporal::Runtime& runtime);
  ~Tracing();
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;

  std::vector<std::shared_ptr<temporal::ClientInterceptor>> client_interceptors() const;
  void add_to(temporal::WorkerOptions& worker) const;
  // Sends what waits, at the end of the process, and waits so long for it at most.
  void flush(std::chrono::milliseconds within);
  // What became of the spans, as metrics.
  void tell() const;

 private:
  std::shared_ptr<temporal::OtlpExporter> exporter_;  // null: off
  std::unique_ptr<temporal::tracing::Tracer> tracer_;
};

// For the call of a client that is for a request: with the request's trace, where it has one, and id.
temporal::Headers headers_of(const telemetry::TraceContext& trace, std::string_view request_id);

// The activity's lines in the log name it, its workflow and the request that it is for; spans are
// its RunActivity's children.
class ActivityScope {
 public:
  explicit ActivityScope(const temporal::activity::Context& context);

 private:
  telemetry::Scope scope_;
};

}  // namespace ordering::process
