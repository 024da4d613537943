// Spans of workflows. What they are made of repeats in a replay; only the export does not.
#include <exception>
#include <utility>

#include "temporal/tracing.h"
#include "workflow/run.h"

namespace temporal::tracing {
namespace {

using workflow::Future, workflow::Task;

// FNV-1a, then the finalizer of SplitMix64, which spreads it over all bits.
std::uint64_t hash(std::string_view text, std::uint64_t number) {
  std::uint64_t h = 0xCBF29CE484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  h += (number + 1) * 0x9E3779B97F4A7C15;
  h = (h ^ h >> 30U) * 0xBF58476D1CE4E5B9;
  h = (h ^ h >> 27U) * 0x94D049BB133111EB;
  return h ^ h >> 31U;
}

template <std::size_t N>
std::array<std::uint8_t, N> id_of(std::string_view text, std::uint64_t number) {
  std::array<std::uint8_t, N> id{};
  for (std::size_t i = 0; i < N; i += 8) {
    const std::uint64_t h = hash(text, number + (i << 32U));
    for (std::size_t b = 0; b < 8; ++b) id.at(i + b) = static_cast<std::uint8_t>(h >> (56 - 8 * b));
  }
  id.back() |= 1U;  // never all zeros
  return id;
}

// A span that an eviction takes away with the frame it is in.
class Held {
 public:
  explicit Held(Span span) : span_(std::move(span)) {}
  Held(Held&&) noexcept = default;
  Held& operator=(Held&&) = delete;
  ~Held() { span_.drop(); }
  Span* operator->() { return &span_; }
  void end() {
    if (!workflow::unsafe::is_replaying()) span_.end(workflow::now());
  }

 private:
  Span span_;
};

// Whether a call makes a command here: else there is nothing to trace.
bool commands_are_made() {
  const auto& run = detail::current_run();
  return !run.dead && !run.read_only && !(run.running && run.running->scope->canceled);
}

// Of one run, for its two interceptors.
struct RunSpans {
  explicit RunSpans(Tracer t) : tracer(std::move(t)) {}
  Tracer tracer;
  std::uint64_t made = 0;  // ids, in the order of the calls
  std::shared_ptr<Held> run;

  // A signal that came with the start is handled before run begins.
  const SpanContext& of_run() {
    if (!run) {
      const auto& info = workflow::info();
      run = start({.name = "RunWorkflow:" + info.workflow_type,
                   .kind = SpanKind::server,
                   .parent = read_from(info.headers)});
      detail::current_run().span = std::make_shared<const SpanContext>((*run)->context());
    }
    return (*run)->context();
  }
  // Of a handler: a child of the run, with a link to who sent it.
  std::shared_ptr<Held> of_handler(std::string name, const Headers& headers) {
    SpanOptions options{.name = std::move(name), .kind = SpanKind::server, .parent = of_run()};
    if (auto sender = read_from(headers); sender.valid()) options.links = {std::move(sender)};
    return start(std::move(options));
  }
  // Of a call, done at once: what it began has spans of its own.
  void of_call(std::string name, Headers& headers) {
    if (!commands_are_made()) return;
    of_run();
    auto span =
        start({.name = std::move(name), .kind = SpanKind::client, .parent = tracing::current()});
    write_to(headers, (*span)->context());
    span->end();
  }
  std::shared_ptr<Held> start(SpanOptions options) {
    const auto& info = workflow::info();
    options.start = workflow::now();
    if (!options.parent.valid()) options.trace_id = id_of<16>(info.run_id, made++);
    options.span_id = id_of<8>(info.run_id, made++);
    options.attributes.push_back({"temporalWorkflowID", info.workflow_id});
    options.attributes.push_back({"temporalRunID", info.run_id});
    return std::make_shared<Held>(tracer.start(std::move(options)));
  }
};
using Spans = std::shared_ptr<RunSpans>;

// What is no failure of the workflow (a bug) fails the task, which is tried again: no end.
bool ends_by(Held& span, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const workflow::EndCanceled&) {
    return true;
  } catch (const detail::ContinueAsNew&) {
    return true;
  } catch (const ApplicationFailure& e) {
    if (e.category() != ApplicationErrorCategory::benign) span->fail(e.what());
    return true;
  } catch (...) {
    const auto failure = detail::current_run().as_failure(error);
    if (failure) span->fail(failure->message());
    return failure.has_value();
  }
}

Task<Value> ended(std::shared_ptr<Held> span, Task<Value> body) {
  std::exception_ptr error;
  Value value;
  try {
    value = co_await std::move(body);
  } catch (...) {
    error = std::current_exception();
  }
  if (!error || ends_by(*span, error)) span->end();
  if (error) std::rethrow_exception(error);
  co_return value;
}

class Inbound final : public workflow::InboundInterceptor {
 public:
  explicit Inbound(Spans spans) : spans_(std::move(spans)) {}

  [[clang::coro_wrapper]] Task<Value> execute(workflow::ExecuteInput in) override {
    spans_->of_run();
    return ended(spans_->run, next->execute(std::move(in)));
  }
  [[clang::coro_wrapper]] Task<Value> handle_signal(workflow::HandlerInput in) override {
    auto span = spans_->of_handler("HandleSignal:" + in.name, in.headers);
    return handled(std::move(span), next->handle_signal(std::move(in)));
  }
  [[clang::coro_wrapper]] Task<Value> handle_update(workflow::HandlerInput in) override {
    auto span = spans_->of_handler("HandleUpdate:" + in.name, in.headers);
    (*span)->set("temporalUpdateID", in.id);
    return handled(std::move(span), next->handle_update(std::move(in)));
  }
  // Neither of the next two is repeated by a replay, so their ids are no part of what is.
  void validate_update(const workflow::HandlerInput& in) override {
    auto span = spans_->tracer.start({.name = "ValidateUpdate:" + in.name,
                                      .kind = SpanKind::server,
                                      .parent = spans_->of_run(),
                                      .attributes = {{"temporalUpdateID", in.id}}});
    try {
      next->validate_update(in);
    } catch (const std::exception& e) {
      span.fail(e.what());
      throw;
    }
  }
  Value handle_query(workflow::HandlerInput in) override {
    auto asker = read_from(in.headers);
    if (!asker.valid()) return next->handle_query(std::move(in));
    auto span = spans_->tracer.start({.name = "HandleQuery:" + in.name,
                                      .kind = SpanKind::server,
                                      .parent = std::move(asker),
                                      .links = {spans_->of_run()}});
    try {
      return next->handle_query(std::move(in));
    } catch (const std::exception& e) {
      span.fail(e.what());
      throw;
    }
  }

 private:
  // What the handler calls is a child of its span.
  [[clang::coro_wrapper]] static Task<Value> handled(std::shared_ptr<Held> span,
                                                     Task<Value> handler) {
    const workflow::Scope scope;
    scope.shared()->span = std::make_shared<const SpanContext>((*span)->context());
    return workflow::in_scope(scope, ended(std::move(span), std::move(handler)));
  }

  Spans spans_;
};

class Outbound final : public workflow::OutboundInterceptor {
 public:
  explicit Outbound(Spans spans) : spans_(std::move(spans)) {}

  Future<Value> execute_activity(workflow::ActivityInput in) override {
    spans_->of_call("StartActivity:" + in.name, in.headers);
    return next->execute_activity(std::move(in));
  }
  Future<Value> execute_local_activity(workflow::LocalActivityInput in) override {
    spans_->of_call("StartActivity:" + in.name, in.headers);
    return next->execute_local_activity(std::move(in));
  }
  workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in) override {
    spans_->of_call("StartChildWorkflow:" + in.name, in.headers);
    return next->start_child_workflow(std::move(in));
  }
  Future<void> signal(workflow::SignalInput in) override {
    spans_->of_call((in.child ? "SignalChildWorkflow:" : "SignalExternalWorkflow:") + in.name,
                    in.headers);
    return next->signal(std::move(in));
  }
  // The next run is this one's child.
  workflow::ContinueAsNewInput continue_as_new(workflow::ContinueAsNewInput in) override {
    write_to(in.headers, spans_->of_run());
    return next->continue_as_new(std::move(in));
  }

 private:
  Spans spans_;
};

}  // namespace

workflow::InterceptorFactory workflow_interceptor(Tracer tracer) {
  return [tracer = std::move(tracer)] {
    auto spans = std::make_shared<RunSpans>(tracer);
    return workflow::Interceptors{.inbound = std::make_unique<Inbound>(spans),
                                  .outbound = std::make_unique<Outbound>(spans)};
  };
}

SpanContext current() {
  const auto& run = detail::current_run();
  auto scope = run.running ? run.running->scope : nullptr;
  for (; scope; scope = scope->parent)
    if (scope->span) return *scope->span;
  return run.span ? *run.span : SpanContext();
}

}  // namespace temporal::tracing
