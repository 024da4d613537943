// A client's spans: one a call that reaches a workflow, which the call's header carries on.
#include <exception>
#include <type_traits>
#include <utility>

#include "temporal/tracing.h"

namespace temporal::tracing {
namespace {

template <class T>
Async<T> ended(Span span, Async<T> call) {
  try {
    if constexpr (std::is_void_v<T>)
      co_await std::move(call);
    else
      co_return co_await std::move(call);
  } catch (const std::exception& e) {
    span.fail(e.what());
    throw;
  }
}

// What an interceptor has set wins over what the caller said.
SpanContext parent_of(const Headers& headers, const Headers& of_options) {
  auto parent = read_from(headers);
  return parent.valid() ? parent : read_from(of_options);
}

class ClientSpans final : public ClientInterceptor {
 public:
  explicit ClientSpans(Tracer tracer) : tracer_(std::move(tracer)) {}

  Async<StartedWorkflow> start_workflow(StartWorkflowInput input) override {
    auto span =
        begin((input.signal ? "SignalWithStartWorkflow:" : "StartWorkflow:") + input.workflow_type,
              input.options.id, input.headers, input.options.headers);
    if (input.signal) write_to(input.signal->headers, span.context());
    return ended(std::move(span), next->start_workflow(std::move(input)));
  }
  Async<UpdateState> start_update_with_start(UpdateWithStartInput input) override {
    auto span = begin("UpdateWithStartWorkflow:" + input.start.workflow_type,
                      input.start.options.id, input.start.headers, input.start.options.headers);
    span.set("temporalUpdateID", input.update.options.id);
    write_to(input.update.headers, span.context());
    return ended(std::move(span), next->start_update_with_start(std::move(input)));
  }
  Async<void> signal_workflow(SignalWorkflowInput input) override {
    auto span = begin("SignalWorkflow:" + input.name, input.workflow.workflow_id, input.headers,
                      input.options.headers);
    return ended(std::move(span), next->signal_workflow(std::move(input)));
  }
  Async<Value> query_workflow(QueryWorkflowInput input) override {
    auto span = begin("QueryWorkflow:" + input.name, input.workflow.workflow_id, input.headers,
                      input.options.headers);
    return ended(std::move(span), next->query_workflow(std::move(input)));
  }
  Async<UpdateState> start_update(StartUpdateInput input) override {
    auto span = begin("UpdateWorkflow:" + input.name, input.workflow.workflow_id, input.headers,
                      input.options.headers);
    span.set("temporalUpdateID", input.options.id);
    return ended(std::move(span), next->start_update(std::move(input)));
  }

 private:
  Span begin(std::string name, const std::string& workflow_id, Headers& headers,
             const Headers& of_options) const {
    auto span = tracer_.start({.name = std::move(name),
                               .kind = SpanKind::client,
                               .parent = parent_of(headers, of_options),
                               .attributes = {{"temporalWorkflowID", workflow_id}}});
    write_to(headers, span.context());
    return span;
  }

  Tracer tracer_;
};

}  // namespace

std::shared_ptr<ClientInterceptor> client_interceptor(Tracer tracer) {
  return std::make_shared<ClientSpans>(std::move(tracer));
}

}  // namespace temporal::tracing
