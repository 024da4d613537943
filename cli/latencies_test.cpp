#include "cli/latencies.h"

#include <gtest/gtest.h>

namespace ordering::cli {
namespace {

using namespace std::chrono_literals;

TEST(Latencies, NearestRank) {
  Latencies times;
  for (int i = 100; i >= 1; --i) times.add(i * 1ms);
  EXPECT_EQ(times.percentile(0.5), 50ms);
  EXPECT_EQ(times.percentile(0.9), 90ms);
  EXPECT_EQ(times.percentile(0.99), 99ms);
  EXPECT_EQ(times.longest(), 100ms);
  EXPECT_EQ(times.percentile(0), 1ms);
}

TEST(Latencies, OfOneAndOfNone) {
  Latencies times;
  EXPECT_EQ(times.percentile(0.99), 0ms);
  times.add(7ms);
  EXPECT_EQ(times.percentile(0.01), 7ms);
  EXPECT_EQ(times.percentile(0.99), 7ms);
}

}  // namespace
}  // namespace ordering::cli
