#include "telemetry/trace.h"

#include <gtest/gtest.h>

#include "telemetry/log.h"
#include "telemetry/recorded_spans.h"

namespace telemetry {
namespace {

std::string logged(std::string_view message, Fields fields = {}) {
  testing::internal::CaptureStdout();
  start_logging({.service = "test", .format = "json", .level = "info"});
  info(message, fields);
  return testing::internal::GetCapturedStdout();
}

std::string tail(const std::string& line) {
  return line.substr(line.find("\"message\""));
}

TEST(Scope, NamesItselfInEveryLine) {
  {
    const Scope request(RecordedSpans::context("00f067aa0ba902b7"), {{"request_id", "r-1"}});
    const Scope activity({}, {{"workflow_id", "w-1"}});
    EXPECT_EQ(tail(logged("done", {{"order_id", "o-1"}})),
              R"("message":"done","order_id":"o-1","workflow_id":"w-1","request_id":"r-1",)"
              R"("trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7"})"
              "\n");
    EXPECT_EQ(tail(logged("done", {{"workflow_id", "mine"}, {"request_id", "mine"}})),
              R"("message":"done","workflow_id":"mine","request_id":"mine",)"
              R"("trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7"})"
              "\n");
  }
  EXPECT_EQ(tail(logged("done")), "\"message\":\"done\"}\n");
}

TEST(Scope, IsLentToWhoWorksForItsThread) {
  const Scope mine(RecordedSpans::context("1111111111111111"), {});
  const auto* lent = Scope::current();
  {
    const Scope other(RecordedSpans::context("2222222222222222"), {});
    {
      const BorrowedScope borrowed(lent);
      EXPECT_EQ(Scope::current(), &mine);
    }
    EXPECT_EQ(Scope::current(), &other);
  }
  EXPECT_EQ(Scope::current(), &mine);
}

TEST(StartSpan, IsAChildOfTheScope) {
  const auto recorded = RecordedSpans::begin();
  {
    const Scope scope(RecordedSpans::context("00f067aa0ba902b7"), {});
    auto span = start_span("work", SpanKind::client);
    EXPECT_TRUE(span);
    span.set("n", std::int64_t{7});
    span.fail("broken");
    EXPECT_EQ(span.context().trace_id(), RecordedSpans::kTrace);
  }
  RecordedSpans::end();
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].options.name, "work");
  EXPECT_EQ(spans[0].options.kind, SpanKind::client);
  EXPECT_EQ(spans[0].options.parent.span_id(), "00f067aa0ba902b7");
  EXPECT_EQ(spans[0].values.at("n"), "7");
  EXPECT_EQ(spans[0].error, "broken");
}

TEST(StartSpan, IsNothingWithoutATracerOrATrace) {
  {
    const Scope scope(RecordedSpans::context("00f067aa0ba902b7"), {});
    EXPECT_FALSE(start_span("untraced"));
  }
  const auto recorded = RecordedSpans::begin();
  EXPECT_FALSE(start_span("outside"));
  const Scope scope({}, {{"workflow_id", "w-1"}});
  EXPECT_FALSE(start_span("without a trace"));
  RecordedSpans::end();
  EXPECT_TRUE(recorded->take().empty());
}

}  // namespace
}  // namespace telemetry
