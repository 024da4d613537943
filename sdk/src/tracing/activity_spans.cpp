// The span of an attempt of an activity, which the activity then sees as its header's.
#include <exception>
#include <utility>

#include "temporal/tracing.h"

namespace temporal::tracing {
namespace {

class ActivitySpans final : public ActivityInboundInterceptor {
 public:
  explicit ActivitySpans(Tracer tracer) : tracer_(std::move(tracer)) {}

  Async<Value> execute(ExecuteActivityInput input) override {
    const auto& info = input.context.info();
    auto span = tracer_.start({.name = "RunActivity:" + info.activity_type,
                               .kind = SpanKind::server,
                               .parent = read_from(input.context.headers()),
                               .attributes = {{"temporalWorkflowID", info.workflow_id},
                                              {"temporalRunID", info.workflow_run_id},
                                              {"temporalActivityID", info.activity_id}}});
    auto headers = input.context.headers();
    write_to(headers, span.context());
    input.context = input.context.with_headers(std::move(headers));
    return ended(std::move(span), next->execute(std::move(input)));
  }

 private:
  static Async<Value> ended(Span span, Async<Value> activity) {
    try {
      co_return co_await std::move(activity);
    } catch (const ApplicationFailure& e) {
      if (e.category() != ApplicationErrorCategory::benign) span.fail(e.what());
      throw;
    } catch (const std::exception& e) {
      span.fail(e.what());
      throw;
    }
  }

  Tracer tracer_;
};

}  // namespace

ActivityInterceptorFactory activity_interceptor(Tracer tracer) {
  return [tracer = std::move(tracer)] { return std::make_unique<ActivitySpans>(tracer); };
}

SpanContext context_of(const activity::Context& context) {
  return read_from(context.headers());
}

}  // namespace temporal::tracing
