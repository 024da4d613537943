// Traces: what a thread is working for, so that its spans and its lines in the log say so.
//
//   const telemetry::Scope scope(request.trace(), {{"request_id", id}});   // on this thread, till the
//   auto span = telemetry::start_span("SELECT payment");                   // block's end
//   span.set("db.system.name", "sqlite");
//
// A Scope is a thread's. A coroutine that goes on on another thread, or lets another coroutine go on
// on this one, opens its own around each piece of work that does neither.
//
// Spans go to the program's Tracer, if it has set one; without one nothing is made, and a span costs
// a comparison. A span without a trace above it is not made either: what runs by itself is no trace.
//
// Threads: any; a Span belongs to one at a time.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace telemetry {

// As W3C's headers of these names have them. Both empty: none.
struct TraceContext {
  std::string parent = {};  // traceparent
  std::string state = {};

  bool empty() const { return parent.empty(); }
  std::string_view trace_id() const { return part(3, 32); }
  std::string_view span_id() const { return part(36, 16); }

 private:
  std::string_view part(std::size_t from, std::size_t size) const {
    return parent.size() < from + size ? std::string_view()
                                       : std::string_view(parent).substr(from, size);
  }
};

enum class SpanKind { internal, server, client };
using SpanValue = std::variant<std::string_view, bool, std::int64_t, double>;

struct SpanOptions {
  std::string name = {};
  SpanKind kind = SpanKind::internal;
  TraceContext parent = {};
};

// What the program's tracer makes; ended by its end.
class TracedSpan {
 public:
  virtual ~TracedSpan() = default;
  virtual TraceContext context() const = 0;
  virtual void set_name(std::string name) = 0;
  virtual void set(std::string_view key, SpanValue value) = 0;
  virtual void fail(std::string_view sentence) = 0;
};

class Tracer {
 public:
  virtual ~Tracer() = default;
  // Of an empty parent: a trace begins. Neither waits nor throws.
  virtual std::unique_ptr<TracedSpan> start(SpanOptions options) = 0;
};

// Once, at the start of main; unset: nothing is traced.
void set_tracer(std::shared_ptr<Tracer> tracer);
Tracer* tracer();  // null: nothing is traced

// Of the work that the thread is doing, or none.
class Span {
 public:
  Span() = default;
  explicit Span(std::unique_ptr<TracedSpan> span) : span_(std::move(span)) {}

  explicit operator bool() const { return span_ != nullptr; }
  TraceContext context() const { return span_ ? span_->context() : TraceContext(); }
  void set_name(std::string name) {
    if (span_) span_->set_name(std::move(name));
  }
  void set(std::string_view key, SpanValue value) {
    if (span_) span_->set(key, value);
  }
  void fail(std::string_view sentence) {
    if (span_) span_->fail(sentence);
  }

 private:
  std::unique_ptr<TracedSpan> span_;
};

using ScopeFields = std::vector<std::pair<std::string, std::string>>;

// What this thread works for, until the scope's end; scopes nest, and end in turn.
class Scope {
 public:
  // The fields stand in every line of the log, with trace_id and span_id where there is a trace.
  explicit Scope(TraceContext trace, ScopeFields fields = {});
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  const TraceContext& trace() const { return trace_; }
  const ScopeFields& fields() const { return fields_; }
  const Scope* outer() const { return outer_; }

  // The thread's; null: none.
  static const Scope* current();

 private:
  const Scope* outer_;
  TraceContext trace_;
  ScopeFields fields_;
};

// Makes another thread's scope this one's for a while: of who waits meanwhile, so that it stands.
class BorrowedScope {
 public:
  explicit BorrowedScope(const Scope* scope);
  ~BorrowedScope();
  BorrowedScope(const BorrowedScope&) = delete;
  BorrowedScope& operator=(const BorrowedScope&) = delete;

 private:
  const Scope* before_;
};

// A child of the scope's span; none where nothing is traced here.
Span start_span(std::string_view name, SpanKind kind = SpanKind::internal);

}  // namespace telemetry
