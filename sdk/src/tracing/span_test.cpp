#include <stdexcept>

#include "tracing/recorded.h"

namespace temporal::tracing {
namespace {

using namespace std::chrono_literals;

struct Spans : testing::Test {
  std::shared_ptr<Recorded> recorded = std::make_shared<Recorded>();
  Tracer tracer{recorded};
};

TEST_F(Spans, AChildIsOfItsParentsTrace) {
  const Time start{1000s};
  {
    auto span = tracer.start({.name = "work",
                              .kind = SpanKind::client,
                              .parent = kCaller,
                              .start = start,
                              .attributes = {{"a", std::int64_t{1}}}});
    span.set("b", true);
    span.fail("it broke");
    span.end(start + 2s);
    span.end();  // once
  }
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  const auto& span = spans[0];
  EXPECT_EQ(span.name, "work");
  EXPECT_EQ(span.kind, SpanKind::client);
  EXPECT_EQ(span.context.trace_id, kCaller.trace_id);
  EXPECT_EQ(span.parent, kCaller.span_id);
  EXPECT_NE(span.context.span_id, kCaller.span_id);
  EXPECT_EQ(span.context.trace_state, "vendor=1");
  EXPECT_EQ(span.context.baggage, "request_id=r-1");
  EXPECT_EQ(span.end - span.start, 2s);
  EXPECT_EQ(span.error, "it broke");
  const std::vector<Attribute> attributes{{"a", std::int64_t{1}}, {"b", true}};
  EXPECT_EQ(span.attributes, attributes);
}

TEST_F(Spans, WithoutAParentATraceBegins) {
  auto one = tracer.start({.name = "one"});
  auto two = tracer.start({.name = "two"});
  EXPECT_TRUE(one.context().valid() && one.context().sampled);
  EXPECT_NE(one.context().trace_id, two.context().trace_id);
  one.drop();
  two.end();
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].parent, SpanId());
}

TEST_F(Spans, WhatIsNotSampledIsCarriedOnAndNotExported) {
  auto parent = kCaller;
  parent.sampled = false;
  {
    auto span = tracer.start({.name = "quiet", .parent = parent});
    EXPECT_FALSE(span.recording() || span.context().sampled);
    EXPECT_EQ(span.context().trace_id, kCaller.trace_id);
    span.set("a", true);
  }
  EXPECT_TRUE(recorded->take().empty());
  const Tracer all(recorded, Sampler::parse("always_on", ""));
  EXPECT_TRUE(all.start({.parent = parent}).recording());
  const Tracer none(recorded, Sampler::parse("always_off", ""));
  EXPECT_FALSE(none.start({.parent = kCaller}).recording());
}

// The boundary of OpenTelemetry's TraceIdRatioBased: the last 8 bytes, halved, below ratio × 2^63.
TEST(Sampling, ByTheTracesIdAsTheOtherSdks) {
  const auto sampler = Sampler::parse("parentbased_traceidratio", "0.5");
  EXPECT_TRUE(sampler.parent_based);
  TraceId id{};
  id[8] = 0x7F;
  EXPECT_TRUE(sampler.sample(id));
  id[8] = 0x80;
  EXPECT_FALSE(sampler.sample(id));
  EXPECT_FALSE(Sampler::parse("traceidratio", "0").sample(TraceId()));
  EXPECT_TRUE(Sampler::parse("traceidratio", "").sample(id));
  EXPECT_FALSE(Sampler::parse("traceidratio", "").parent_based);
}

TEST(Sampling, NamesAreTheStandards) {
  EXPECT_TRUE(Sampler::parse("", "").parent_based);
  EXPECT_EQ(Sampler::parse("", "0.1").ratio, 1);
  EXPECT_EQ(Sampler::parse("parentbased_always_on", "").ratio, 1);
  EXPECT_EQ(Sampler::parse("parentbased_always_off", "").ratio, 0);
  for (const char* name : {"jaeger_remote", "parentbased_", "on"})
    EXPECT_THROW(Sampler::parse(name, ""), std::invalid_argument) << name;
  for (const char* argument : {"2", "-1", "x", "0.5x", "nan"})
    EXPECT_THROW(Sampler::parse("traceidratio", argument), std::invalid_argument) << argument;
}

}  // namespace
}  // namespace temporal::tracing
