#include "temporal/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace temporal {
namespace {

struct Kept final : LogSink {
  void write(const LogRecord& record) override { records.push_back(record); }
  LogLevel least() const override { return LogLevel::info; }
  std::vector<LogRecord> records;
};

TEST(Logger, CarriesItsTargetAndFields) {
  auto sink = std::make_shared<Kept>();
  Logger(sink, "orders").with({{"order_id", "o-1"}}).warn("late", {{"by", "3 s"}});
  ASSERT_EQ(sink->records.size(), 1U);
  const auto& record = sink->records[0];
  EXPECT_EQ(record.level, LogLevel::warn);
  EXPECT_EQ(record.target, "orders");
  EXPECT_EQ(record.message, "late");
  EXPECT_THAT(record.fields,
              testing::ElementsAre(LogField{"order_id", "o-1"}, LogField{"by", "3 s"}));
}

TEST(Logger, MakesNoLinesBelowTheLeastLevelAndNoneWithoutASink) {
  auto sink = std::make_shared<Kept>();
  Logger logger(sink, "t");
  logger.debug("not this");
  logger.info("this");
  EXPECT_EQ(sink->records.size(), 1U);
  EXPECT_FALSE(logger.enabled(LogLevel::trace));
  Logger().error("nowhere");
}

TEST(StderrSink, WritesOneLineARecord) {
  testing::internal::CaptureStderr();
  LogRecord record{LogLevel::error, "core", "lost", {}, {{"attempt", "2"}}};
  record.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'500));
  stderr_log_sink()->write(record);
  record.level = LogLevel::info;
  stderr_log_sink()->write(record);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "1970-01-01T00:00:01.500Z error core: lost attempt=2\n");
}

}  // namespace
}  // namespace temporal
