// Tracing: spans for what the client, workflows and activities do, in one trace with whoever called
// and with the workers of every other SDK.
//
//   auto exporter = std::make_shared<temporal::OtlpExporter>(runtime, …);   // temporal/otlp.h
//   temporal::tracing::Tracer tracer(exporter);
//   client_options.interceptors = {temporal::tracing::client_interceptor(tracer)};
//   worker_options.workflow_interceptors = {temporal::tracing::workflow_interceptor(tracer)};
//   worker_options.activity_interceptors = {temporal::tracing::activity_interceptor(tracer)};
//
// A trace crosses processes in the Temporal header "_tracer-data", as the OpenTelemetry interceptors
// of the other SDKs have it: JSON {"traceparent": …, "tracestate": …, "baggage": …} in W3C's forms.
//
// There is no ambient span, since coroutines go on on other threads. Whoever calls says who is to be
// the parent, and whoever is called asks:
//
//   client.start_workflow(Order::type, {.id = id, …, .headers = tracing::headers_of(context)}, in);
//   tracing::context_of(activity_context)   // in an activity: its RunActivity span
//   tracing::current()                      // in workflow code: the span of run, or of the handler
//
// Names are the other SDKs': StartWorkflow:, SignalWithStartWorkflow:, UpdateWithStartWorkflow:,
// SignalWorkflow:, QueryWorkflow: and UpdateWorkflow: with the type's, signal's, query's or update's
// name (client); RunWorkflow:, HandleSignal:, HandleQuery:, ValidateUpdate:, HandleUpdate:,
// StartActivity:, StartChildWorkflow:, SignalChildWorkflow:, SignalExternalWorkflow: (workflow);
// RunActivity: (activity). Attributes: temporalWorkflowID, temporalRunID, temporalActivityID,
// temporalUpdateID.
//
// Workflows. Ids of spans are made from the run's id and the order of the calls, times are
// workflow::now(), and nothing is exported in a replay: so a run that moves to another worker goes on
// with the same trace, and each span is exported once (again where a workflow task is tried again). The
// span of run is exported when it ends. A signal or update is a child of the run, with a link to whoever
// sent it; a query is a child of whoever asks, and untraced where nobody does.
//
// Threads: a Tracer is a value that any thread may use; a Span belongs to one at a time.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "temporal/activity_interceptor.h"
#include "temporal/client_interceptor.h"
#include "temporal/workflow_interceptor.h"

namespace temporal::tracing {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;
using Time = std::chrono::system_clock::time_point;

std::string to_hex(std::span<const std::uint8_t> id);  // lower case

// What names a span to other processes.
struct SpanContext {
  TraceId trace_id = {};
  SpanId span_id = {};
  bool sampled = false;
  // As W3C's headers of these names have them; carried on as they are.
  std::string trace_state = {};
  std::string baggage = {};

  bool valid() const { return trace_id != TraceId() && span_id != SpanId(); }
  bool operator==(const SpanContext&) const = default;
};

// W3C Trace Context: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".
std::string to_traceparent(const SpanContext& context);
// Nothing where it is malformed; of a later version, what this one knows. Without state and baggage.
std::optional<SpanContext> parse_traceparent(std::string_view text);

// The Temporal header. What is no context, or not there, reads as an invalid one.
inline constexpr std::string_view kHeader = "_tracer-data";
void write_to(Headers& headers, const SpanContext& context);
SpanContext read_from(const Headers& headers);
Headers headers_of(const SpanContext& context);  // empty for an invalid one

// By the numbers of opentelemetry.proto.trace.v1.Span.SpanKind.
enum class SpanKind : std::uint8_t {
  internal = 1,
  server = 2,
  client = 3,
  producer = 4,
  consumer = 5
};

using AttributeValue = std::variant<std::string, bool, std::int64_t, double>;
struct Attribute {
  std::string key = {};
  AttributeValue value = {};
  bool operator==(const Attribute&) const = default;
};

// A span that has ended.
struct SpanData {
  std::string name = {};
  SpanKind kind = SpanKind::internal;
  SpanContext context = {};
  SpanId parent = {};  // zeros: a root
  Time start = {};
  Time end = {};
  std::vector<Attribute> attributes = {};
  std::vector<SpanContext> links = {};
  std::optional<std::string> error = {};  // its sentence; unset: nothing failed
};

// Where sampled spans go when they have ended: OtlpExporter (temporal/otlp.h), or one's own before any
// other tracing library. Called by many threads at once, inside workflows too: it neither waits nor
// throws.
class SpanExporter {
 public:
  virtual ~SpanExporter();
  virtual void export_span(SpanData span) = 0;
};

// Which traces are exported; decided where a trace begins, and kept by all that belongs to it.
struct Sampler {
  // Of traces that begin here: 1 all, 0 none; by the trace's id, as the other SDKs decide.
  double ratio = 1;
  // Whether a trace from elsewhere keeps what was decided there.
  bool parent_based = true;

  // By OTEL_TRACES_SAMPLER and _ARG: always_on, always_off, traceidratio, parentbased_always_on (also
  // where it is empty), parentbased_always_off, parentbased_traceidratio. Anything else, or an argument
  // that is not from 0 to 1: std::invalid_argument with a sentence that names the variable.
  static Sampler parse(std::string_view name, std::string_view argument);
  bool sample(const TraceId& trace) const;
};

struct SpanOptions {
  std::string name = {};
  SpanKind kind = SpanKind::internal;
  SpanContext parent = {};         // invalid: a trace begins
  std::optional<Time> start = {};  // unset: now
  std::vector<Attribute> attributes = {};
  std::vector<SpanContext> links = {};
  // Unset: random ones.
  std::optional<TraceId> trace_id = {};  // of a trace that begins
  std::optional<SpanId> span_id = {};
};

// A span under way; it ends with end(), or with its own end. One that is not sampled does nothing.
class Span {
 public:
  Span(std::shared_ptr<SpanExporter> exporter, SpanContext context, std::unique_ptr<SpanData> data);
  Span(Span&& other) noexcept;
  Span& operator=(Span&&) = delete;
  ~Span();

  const SpanContext& context() const { return context_; }
  bool recording() const { return data_ != nullptr; }
  void set_name(std::string name);
  void set(std::string key, AttributeValue value);
  void fail(std::string sentence);
  void end(std::optional<Time> at = {});  // unset: now
  void drop();                            // ends without being exported

 private:
  std::shared_ptr<SpanExporter> exporter_;
  SpanContext context_;
  std::unique_ptr<SpanData> data_;  // null: not sampled, or ended
};

class Tracer {
 public:
  explicit Tracer(std::shared_ptr<SpanExporter> exporter, Sampler sampler = {})
      : exporter_(std::move(exporter)), sampler_(sampler) {}

  Span start(SpanOptions options) const;

 private:
  std::shared_ptr<SpanExporter> exporter_;
  Sampler sampler_;
};

std::shared_ptr<ClientInterceptor> client_interceptor(Tracer tracer);  // one for each client
workflow::InterceptorFactory workflow_interceptor(Tracer tracer);
ActivityInterceptorFactory activity_interceptor(Tracer tracer);

// Of an activity: its RunActivity span, or its caller's where the worker does not trace.
SpanContext context_of(const activity::Context& context);
// In workflow code; invalid where the worker does not trace. Elsewhere: std::logic_error.
SpanContext current();

}  // namespace temporal::tracing
