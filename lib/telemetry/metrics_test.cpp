#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

TEST(Metrics, AreToldAsPrometheusReadsThem) {
  counter("test_payments_total", "Payments.", {"state", "code"}).with({"DECLINED", "P001"}).add(2);
  gauge("test_queue", "Waiting.").with({}).set(3);
  histogram("test_seconds", "Time.", {}, {0.1, 1}).with({}).observe(500ms);
  const auto text = metrics_text();
  EXPECT_THAT(text,
              HasSubstr("# HELP test_payments_total Payments.\n# TYPE test_payments_total counter\n"
                        "test_payments_total{code=\"P001\",state=\"DECLINED\"} 2"));
  EXPECT_THAT(text, HasSubstr("test_queue 3"));
  EXPECT_THAT(text, HasSubstr("test_seconds_bucket{le=\"0.1\"} 0"));
  EXPECT_THAT(text, HasSubstr("test_seconds_bucket{le=\"1\"} 1"));
  EXPECT_THAT(text, HasSubstr("test_seconds_sum 0.5"));
}

TEST(Metrics, TheSameNamesGiveTheSameMetric) {
  auto& first = counter("test_same_total", "Same.", {"a"}).with({"x"});
  auto& second = counter("test_same_total", "Same.", {"a"}).with({"x"});
  EXPECT_EQ(&first, &second);
  EXPECT_NE(&first, &counter("test_same_total", "Same.", {"a"}).with({"y"}));
}

TEST(Metrics, MistakesAreLogicErrors) {
  counter("test_kind_total", "Kind.", {"a"});
  EXPECT_THROW(gauge("test_kind_total", "Kind.", {"a"}), std::logic_error);
  EXPECT_THROW(counter("test_kind_total", "Kind.", {"b"}), std::logic_error);
  EXPECT_THROW(counter("test_kind_total", "Kind.", {"a"}).with({"x", "y"}), std::logic_error);
}

TEST(Metrics, AFamilyIsBounded) {
  auto& family = counter("test_many_total", "Many.", {"id"});
  for (std::size_t i = 0; i < kMaxSeries + 10; ++i) family.with({std::to_string(i)}).add();
  EXPECT_EQ(family.with({"other"}).value(), 10);
  EXPECT_THAT(metrics_text(), Not(HasSubstr("test_many_total{id=\"1005\"}")));
}

TEST(Metrics, CountFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 1000;
  auto& family = counter("test_threads_total", "Threads.", {"t"});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kTimes; ++i) family.with({"x"}).add();
      });
    }
  }
  EXPECT_EQ(family.with({"x"}).value(), kThreads * kTimes);
}

double value_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Metrics, OfTheProcess) {
  const auto text = metrics_text();
  const auto now = std::chrono::system_clock::now().time_since_epoch() / 1s;
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GT(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
  EXPECT_GE(value_of(text, "process_threads"), 1);
  EXPECT_NEAR(value_of(text, "process_start_time_seconds"), static_cast<double>(now), 300);
}

TEST(Metrics, SeriesMayHaveLabelsOfTheirOwn) {
  auto& family = counter("test_own_labels_total", "Of a library.");
  family.with_labels({{"queue", "a"}}).add(2);
  family.with_labels({{"queue", "a"}, {"kind", "b"}}).add(3);
  EXPECT_EQ(family.with_labels({{"queue", "a"}}).value(), 2);
  EXPECT_THAT(metrics_text(), HasSubstr("test_own_labels_total{queue=\"a\"} 2"));
}

}  // namespace
}  // namespace telemetry
