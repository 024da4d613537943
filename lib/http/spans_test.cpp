#include <gtest/gtest.h>

#include "http/test_server.h"
#include "telemetry/recorded_spans.h"

namespace http {
namespace {

using telemetry::RecordedSpans;

class Api {
 public:
  Router router() {
    Router router;
    router.get("/orders/{orderId}", *this, &Api::order)
        .get("/fails", *this, &Api::fails)
        .get("/livez", *this, &Api::fine, {.traced = false});
    return router;
  }
  telemetry::TraceContext seen;

 private:
  Task<Response> order(const Request& request) {
    seen = request.trace();
    const auto scope = request.scope();
    telemetry::start_span("work");
    co_return reply({{"id", request.param("orderId")}});
  }
  Task<Response> fails(const Request&) {
    throw std::runtime_error("broken");
    co_return Response();
  }
  Task<Response> fine(const Request&) { co_return reply({}); }
};

class SpansTest : public testing::Test {
 protected:
  ~SpansTest() override { RecordedSpans::end(); }
  std::vector<telemetry::RecordedSpan> get(std::string_view target, std::string_view fields = {}) {
    {
      TestServer server(api.router());
      TestClient client(server.port());
      client.get(target, fields);
    }  // when it has stopped, the span has ended
    return recorded->take();
  }
  Api api;
  std::shared_ptr<RecordedSpans> recorded = RecordedSpans::begin();
};

TEST_F(SpansTest, ARequestIsAChildOfTheTraceThatItBrings) {
  const auto spans = get("/orders/order-1?wait=1",
                         "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                         "tracestate: vendor=1\r\nX-Request-Id: r-1\r\n");
  ASSERT_EQ(spans.size(), 2U);
  const auto& work = spans[0];
  const auto& span = spans[1];
  EXPECT_EQ(work.options.parent.span_id(), span.id);
  EXPECT_EQ(span.options.name, "GET /orders/{orderId}");
  EXPECT_EQ(span.options.kind, telemetry::SpanKind::server);
  EXPECT_EQ(span.options.parent.parent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(span.options.parent.state, "vendor=1");
  EXPECT_EQ(span.values.at("http.request.method"), "GET");
  EXPECT_EQ(span.values.at("http.route"), "/orders/{orderId}");
  EXPECT_EQ(span.values.at("url.path"), "/orders/order-1");
  EXPECT_EQ(span.values.at("client.address"), "127.0.0.1");
  EXPECT_EQ(span.values.at("request_id"), "r-1");
  EXPECT_EQ(span.values.at("http.response.status_code"), "200");
  EXPECT_EQ(span.error, "");
  EXPECT_EQ(api.seen.span_id(), span.id);
}

TEST_F(SpansTest, TheServersFailureIsTheSpans) {
  const auto spans = get("/fails");
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].values.at("http.response.status_code"), "500");
  EXPECT_EQ(spans[0].error, "500");
}

TEST_F(SpansTest, WhatIsAskedAllTheTimeIsNotTraced) {
  EXPECT_TRUE(get("/livez").empty());
  EXPECT_TRUE(get("/nowhere").empty());
}

TEST_F(SpansTest, WithoutATracerARequestHasNoTrace) {
  RecordedSpans::end();
  EXPECT_TRUE(get("/orders/order-1").empty());
  EXPECT_TRUE(api.seen.empty());
}

}  // namespace
}  // namespace http
