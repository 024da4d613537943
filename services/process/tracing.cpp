#include "process/tracing.h"

#include <cstdlib>
#include <future>
#include <utility>
#include <variant>

#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "temporal/converter.h"
#include "temporal/header_propagation.h"

namespace ordering::process {
namespace {

namespace tracing = temporal::tracing;

// Of the workflow and its activities, beside the trace's.
constexpr std::string_view kRequestId = "request_id";

telemetry::TraceContext to_text(const tracing::SpanContext& context) {
  if (!context.valid()) return {};
  return {.parent = tracing::to_traceparent(context), .state = context.trace_state};
}

tracing::SpanContext from_text(const telemetry::TraceContext& trace) {
  auto context = tracing::parse_traceparent(trace.parent).value_or(tracing::SpanContext());
  if (context.valid()) context.trace_state = trace.state;
  return context;
}

tracing::SpanKind kind_of(telemetry::SpanKind kind) {
  switch (kind) {
    case telemetry::SpanKind::server:
      return tracing::SpanKind::server;
    case telemetry::SpanKind::client:
      return tracing::SpanKind::client;
    case telemetry::SpanKind::internal:
      break;
  }
  return tracing::SpanKind::internal;
}

tracing::AttributeValue value_of(const telemetry::SpanValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  return std::get<double>(value);
}

// The SDK's spans as lib/telemetry knows them.
class Span final : public telemetry::TracedSpan {
 public:
  explicit Span(tracing::Span span) : span_(std::move(span)) {}
  telemetry::TraceContext context() const override { return to_text(span_.context()); }
  void set_name(std::string name) override { span_.set_name(std::move(name)); }
  void set(std::string_view key, telemetry::SpanValue value) override {
    if (span_.recording()) span_.set(std::string(key), value_of(value));
  }
  void fail(std::string_view sentence) override { span_.fail(std::string(sentence)); }

 private:
  tracing::Span span_;
};

class Tracer final : public telemetry::Tracer {
 public:
  explicit Tracer(tracing::Tracer tracer) : tracer_(std::move(tracer)) {}
  std::unique_ptr<telemetry::TracedSpan> start(telemetry::SpanOptions options) override {
    return std::make_unique<Span>(tracer_.start({.name = std::move(options.name),
                                                 .kind = kind_of(options.kind),
                                                 .parent = from_text(options.parent)}));
  }

 private:
  tracing::Tracer tracer_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Empty: it is for none, as a repair's, or was begun by another program.
std::string request_id_of(const temporal::Headers& headers) {
  const auto found = headers.find(std::string(kRequestId));
  if (found == headers.end()) return {};
  try {
    return temporal::DataConverter().to_value(found->second).as<std::string>();
  } catch (const temporal::ConversionError&) {
    return {};
  }
}

telemetry::ScopeFields fields_of(const temporal::activity::Context& context) {
  const auto& info = context.info();
  telemetry::ScopeFields fields{{"workflow_id", info.workflow_id},
                                {"run_id", info.workflow_run_id},
                                {"activity", info.activity_type},
                                {"attempt", std::to_string(info.attempt)}};
  auto request_id = request_id_of(context.headers());
  if (!request_id.empty()) fields.emplace_back(kRequestId, std::move(request_id));
  return fields;
}

}  // namespace

Tracing::Tracing(const std::string& service, const temporal::Runtime& runtime) {
  auto options = temporal::otlp_options_from_environment(service);
  if (!options) return;
  const auto sampler =
      tracing::Sampler::parse(variable("OTEL_TRACES_SAMPLER"), variable("OTEL_TRACES_SAMPLER_ARG"));
  telemetry::info("tracing", {{"endpoint", options->endpoint}});
  exporter_ = std::make_shared<temporal::OtlpExporter>(runtime, std::move(*options));
  tracer_ = std::make_unique<tracing::Tracer>(exporter_, sampler);
  telemetry::set_tracer(std::make_shared<Tracer>(*tracer_));
}

Tracing::~Tracing() {
  telemetry::set_tracer(nullptr);
}

std::vector<std::shared_ptr<temporal::ClientInterceptor>> Tracing::client_interceptors() const {
  if (!tracer_) return {};
  return {tracing::client_interceptor(*tracer_)};
}

void Tracing::add_to(temporal::WorkerOptions& worker) const {
  worker.workflow_interceptors.push_back(temporal::propagate_headers({std::string(kRequestId)}));
  if (!tracer_) return;
  worker.workflow_interceptors.push_back(tracing::workflow_interceptor(*tracer_));
  worker.activity_interceptors.push_back(tracing::activity_interceptor(*tracer_));
}

void Tracing::flush(std::chrono::milliseconds within) {
  if (!exporter_) return;
  auto told = std::make_shared<std::promise<void>>();
  auto ended = told->get_future();
  auto flush = exporter_->flush();
  flush.start([told](const temporal::Outcome<void>&) { told->set_value(); });
  ended.wait_for(within);
}

void Tracing::tell() const {
  if (!exporter_) return;
  static auto& spans = telemetry::gauge(
      "otlp_spans", "Spans by what became of them: exported, failed, dropped.", {"outcome"});
  const auto counts = exporter_->counts();
  spans.with({"exported"}).set(static_cast<double>(counts.exported));
  spans.with({"failed"}).set(static_cast<double>(counts.failed));
  spans.with({"dropped"}).set(static_cast<double>(counts.dropped));
}

temporal::Headers headers_of(const telemetry::TraceContext& trace, std::string_view request_id) {
  auto headers = trace.empty() ? temporal::Headers() : tracing::headers_of(from_text(trace));
  headers.emplace(kRequestId, temporal::DataConverter().to_payload(
                                  temporal::Value::of(std::string(request_id))));
  return headers;
}

ActivityScope::ActivityScope(const temporal::activity::Context& context)
    : scope_(to_text(tracing::context_of(context)), fields_of(context)) {}

}  // namespace ordering::process
