#include "telemetry/trace.h"

#include <utility>

namespace telemetry {
namespace {

std::shared_ptr<Tracer>& the_tracer() {
  static auto* tracer = new std::shared_ptr<Tracer>;  // never destroyed, as the log
  return *tracer;
}

thread_local const Scope* innermost = nullptr;

}  // namespace

void set_tracer(std::shared_ptr<Tracer> tracer) {
  the_tracer() = std::move(tracer);
}
Tracer* tracer() {
  return the_tracer().get();
}

Scope::Scope(TraceContext trace, ScopeFields fields)
    : outer_(innermost), trace_(std::move(trace)), fields_(std::move(fields)) {
  innermost = this;
}
Scope::~Scope() {
  innermost = outer_;
}
const Scope* Scope::current() {
  return innermost;
}

BorrowedScope::BorrowedScope(const Scope* scope) : before_(std::exchange(innermost, scope)) {}
BorrowedScope::~BorrowedScope() {
  innermost = before_;
}

Span start_span(std::string_view name, SpanKind kind) {
  auto* tracer = telemetry::tracer();
  if (!tracer || !innermost || innermost->trace().empty()) return {};
  return Span(
      tracer->start({.name = std::string(name), .kind = kind, .parent = innermost->trace()}));
}

}  // namespace telemetry
