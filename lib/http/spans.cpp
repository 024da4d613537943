// The span of a request: its name and attributes are OpenTelemetry's for HTTP servers.
#include <string>
#include <utility>

#include "http/request_parts.h"

namespace http {
namespace {

constexpr std::size_t kMaxTraceState = 512;  // bytes; W3C's least that is to be carried on
constexpr std::string_view kRequestId = "request_id";

}  // namespace

// A traceparent that came with the request is its parent.
void Request::begin_span() {
  auto* tracer = telemetry::tracer();
  if (!tracer) return;
  Parts& parts = *parts_;
  telemetry::TraceContext parent{.parent = std::string(view(parts.message["traceparent"])),
                                 .state = std::string(view(parts.message["tracestate"]))};
  if (parent.state.size() > kMaxTraceState) parent.state.clear();
  std::string name(parts.method);
  name.append(" ").append(parts.route);
  parts.span = telemetry::Span(tracer->start(
      {.name = std::move(name), .kind = telemetry::SpanKind::server, .parent = std::move(parent)}));
  parts.span.set("http.request.method", parts.method);
  parts.span.set("http.route", parts.route);
  parts.span.set("url.path", parts.path);
  parts.span.set("client.address", parts.client_address);
  parts.span.set(kRequestId, parts.request_id);
}

// A client's mistake is no failure of the server.
void Request::end_span(unsigned status) const {
  auto& span = parts_->span;
  span.set("http.response.status_code", std::int64_t{status});
  if (status >= 500) span.fail(std::to_string(status));
}

telemetry::TraceContext Request::trace() const {
  return parts_->span.context();
}

telemetry::Scope Request::scope() const {
  return telemetry::Scope(trace(), {{std::string(kRequestId), parts_->request_id}});
}

}  // namespace http
