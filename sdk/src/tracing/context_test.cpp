#include "tracing/recorded.h"

namespace temporal::tracing {
namespace {

Payload json(std::string data) {
  return {.metadata = {{"encoding", "json/plain"}}, .data = std::move(data)};
}

TEST(Traceparent, IsReadAndWritten) {
  constexpr std::string_view kText = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto context = parse_traceparent(kText);
  ASSERT_TRUE(context);
  EXPECT_EQ(to_hex(context->trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(to_hex(context->span_id), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(to_traceparent(*context), kText);
}

TEST(Traceparent, OnlyTheFirstFlagIsKnown) {
  EXPECT_FALSE(
      parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")->sampled);
  EXPECT_TRUE(
      parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03")->sampled);
}

TEST(Traceparent, ALaterVersionIsReadAsThisOne) {
  EXPECT_TRUE(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  EXPECT_TRUE(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST(Traceparent, WhatIsMalformedIsNone) {
  for (const char* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(TracerData, IsWhatTheOtherSdksWrite) {
  auto context = kCaller;
  auto headers = headers_of(context);
  EXPECT_EQ(headers.at("_tracer-data").data, kCallersData);
  EXPECT_EQ(headers.at("_tracer-data").encoding(), "json/plain");
  context.trace_state.clear();
  context.baggage.clear();
  write_to(headers, context);
  EXPECT_EQ(headers.at("_tracer-data").data,
            R"({"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})");
  EXPECT_TRUE(headers_of({}).empty());
}

TEST(TracerData, IsReadAsTheOtherSdksWriteIt) {
  EXPECT_EQ(read_from({{"_tracer-data", json(std::string(kCallersData))}}), kCaller);
}

TEST(TracerData, WhatIsNoContextReadsAsNone) {
  EXPECT_FALSE(read_from({}).valid());
  for (const char* data : {"{}", "[1]", "\"x\"", "{\"traceparent\":\"x\"}", "{\"traceparent\":1}",
                           "{\"uber-trace-id\":\"1:2:0:1\"}", "not json"})
    EXPECT_FALSE(read_from({{"_tracer-data", json(data)}}).valid()) << data;
}

}  // namespace
}  // namespace temporal::tracing
