#include "client/test_answers.h"
#include "tracing/recorded.h"

namespace temporal {
namespace {

using namespace tracing;

struct ClientSpans : ClientTest {
  std::shared_ptr<Recorded> recorded = std::make_shared<Recorded>();
  Client traced() { return client({client_interceptor(Tracer(recorded))}); }
  WorkflowOptions called() {
    auto o = options();
    o.headers = headers_of(kCaller);
    return o;
  }
  SpanData only() {
    auto spans = recorded->take();
    EXPECT_EQ(spans.size(), 1U);
    return spans.at(0);
  }
};

template <class Request>
std::string tracer_data(const Request& request) {
  return request.header().fields().at("_tracer-data").data();
}
std::string data_of(const SpanData& span) {
  return headers_of(span.context).at("_tracer-data").data;
}

TEST_F(ClientSpans, AStartIsAChildOfItsCallerAndTheParentOfWhatItStarts) {
  transport->answers = {with(service::StartWorkflowExecutionResponse())};
  traced().start_workflow(Order::type, called(), {}).get();
  const auto span = only();
  EXPECT_EQ(span.name, "StartWorkflow:Order");
  EXPECT_EQ(span.kind, SpanKind::client);
  EXPECT_EQ(span.context.trace_id, kCaller.trace_id);
  EXPECT_EQ(span.parent, kCaller.span_id);
  EXPECT_EQ(attribute(span, "temporalWorkflowID"), "order-1");
  EXPECT_FALSE(span.error);
  EXPECT_EQ(tracer_data(transport->request<service::StartWorkflowExecutionRequest>(0)),
            data_of(span));
}

TEST_F(ClientSpans, AnErrorIsTheSpansToo) {
  transport->answers = {failing(RpcCode::unavailable)};
  EXPECT_THROW(traced().start_workflow(Order::type, called(), {}).get(), RpcError);
  EXPECT_NE(only().error.value_or("").find("no"), std::string::npos);
}

TEST_F(ClientSpans, EveryCallHasTheOtherSdksName) {
  service::UpdateWorkflowExecutionResponse updated;
  updated.set_stage(temporal::api::enums::v1::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED);
  transport->answers = {with(service::SignalWorkflowExecutionResponse()),
                        with(service::QueryWorkflowResponse()), with(updated),
                        with(service::SignalWithStartWorkflowExecutionResponse())};
  const auto c = traced();
  const auto handle = c.workflow_handle(Order::type, "order-1");
  handle.signal(Order::note, {.headers = headers_of(kCaller)}, "x").get();
  handle.query<Value>("total", {}, {.headers = headers_of(kCaller)}).get();
  handle.start_update(Order::cancel, {.id = "u", .headers = headers_of(kCaller)}, {}).get();
  c.signal_with_start(Order::type, called(), call(Order::note, "x"), {}).get();

  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 4U);
  EXPECT_EQ(spans[0].name, "SignalWorkflow:note");
  EXPECT_EQ(spans[1].name, "QueryWorkflow:total");
  EXPECT_EQ(spans[2].name, "UpdateWorkflow:cancel");
  EXPECT_EQ(attribute(spans[2], "temporalUpdateID"), "u");
  EXPECT_EQ(spans[3].name, "SignalWithStartWorkflow:Order");
  for (const auto& span : spans) EXPECT_EQ(span.parent, kCaller.span_id) << span.name;
  EXPECT_EQ(tracer_data(transport->request<service::SignalWorkflowExecutionRequest>(0)),
            data_of(spans[0]));
  EXPECT_EQ(tracer_data(transport->request<service::QueryWorkflowRequest>(1).query()),
            data_of(spans[1]));
  EXPECT_EQ(
      tracer_data(transport->request<service::UpdateWorkflowExecutionRequest>(2).request().input()),
      data_of(spans[2]));
  EXPECT_EQ(tracer_data(transport->request<service::SignalWithStartWorkflowExecutionRequest>(3)),
            data_of(spans[3]));
}

TEST_F(ClientSpans, HeadersOfTheCallersOwnTravelWithoutAnInterceptor) {
  transport->answers = {with(service::StartWorkflowExecutionResponse())};
  client().start_workflow(Order::type, called(), {}).get();
  EXPECT_EQ(tracer_data(transport->request<service::StartWorkflowExecutionRequest>(0)),
            kCallersData);
}

}  // namespace
}  // namespace temporal
