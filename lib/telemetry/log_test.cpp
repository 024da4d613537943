#include "telemetry/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace telemetry {
namespace {

const LogLine kLine{.level = LogLevel::info,
                    .service = "payment",
                    .message = "captured",
                    .unix_milliseconds = 1'795'462'736'123};

TEST(LogLine, AsJson) {
  EXPECT_EQ(
      to_json(kLine,
              {{"order_id", "주문-1"}, {"amount_minor", 10000}, {"replayed", true}, {"rate", 0.5}}),
      R"({"time":"2026-11-23T19:38:56.123Z","level":"info","service":"payment","message":"captured",)"
      R"("order_id":"주문-1","amount_minor":10000,"replayed":true,"rate":0.5})");
}

TEST(LogLine, AsText) {
  EXPECT_EQ(to_text(kLine, {{"order_id", "order-1"}, {"why", "two words"}, {"none", ""}, {"n", 7}}),
            R"(19:38:56.123 info  payment: captured order_id=order-1 why="two words" none="" n=7)");
}

TEST(LogLine, WhateverIsInAValueTheLineStaysOneLine) {
  const std::string nasty = "a\"b\\c\nd\te\x01\x7F\xFF";
  const auto expected = R"(a\"b\\c\nd\u0009e\u0001\u007f)" + std::string("\xEF\xBF\xBD");
  EXPECT_TRUE(to_json(kLine, {{"v", nasty}}).ends_with("\"v\":\"" + expected + "\"}"));
  EXPECT_TRUE(to_text(kLine, {{"v", nasty}}).ends_with("v=\"" + expected + "\""));
  const LogLine forged{.message = "x\n12:00:00.000 info  forged"};
  EXPECT_EQ(to_text(forged, {}).find('\n'), std::string::npos);
}

TEST(LogLine, SecretsAreNotWritten) {
  for (const char* name :
       {"password", "temporal_api_key", "authorization", "client_secret", "token"}) {
    EXPECT_EQ(to_json(kLine, {{name, "hunter2"}}).find("hunter2"), std::string::npos);
    EXPECT_EQ(to_text(kLine, {{name, "hunter2"}}).find("hunter2"), std::string::npos);
  }
}

TEST(LogLine, ALongValueIsCutAtACharacter) {
  std::string text = "a";
  while (text.size() < 2 * kMaxValue) text += "주";
  const auto line = to_json(kLine, {{"v", text}});
  EXPECT_LT(line.size(), kMaxValue + 200);
  EXPECT_TRUE(line.ends_with("주…\"}"));
}

TEST(LogLine, NumbersThatJsonHasNot) {
  EXPECT_TRUE(
      to_json(kLine, {{"v", std::numeric_limits<double>::infinity()}}).ends_with("\"v\":\"inf\"}"));
}

TEST(Log, LevelsAndFormatsAreChecked) {
  EXPECT_THROW(start_logging({.format = "xml"}), std::invalid_argument);
  EXPECT_THROW(start_logging({.level = "loud"}), std::invalid_argument);
}

TEST(Log, LinesOfManyThreadsDoNotMix) {
  testing::internal::CaptureStdout();
  start_logging({.service = "test", .format = "json", .level = "warn"});
  EXPECT_FALSE(log_enabled(LogLevel::info));
  info("not written");
  constexpr int kThreads = 4;
  constexpr int kLines = 100;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < kLines; ++i) warn("written", {{"i", i}});
      });
    }
  }
  const std::string out = testing::internal::GetCapturedStdout();
  int lines = 0;
  for (std::size_t at = 0; at < out.size(); ++lines) {
    const auto end = out.find('\n', at);
    const auto line = std::string_view(out).substr(at, end - at);
    EXPECT_TRUE(line.starts_with("{\"time\":\"") && line.ends_with("}")) << line;
    EXPECT_EQ(line.find("not written"), std::string_view::npos);
    at = end + 1;
  }
  EXPECT_EQ(lines, kThreads * kLines);
}

}  // namespace
}  // namespace telemetry
