#include "process/temporal_telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/metrics.h"

namespace ordering::process {
namespace {

using testing::HasSubstr;

TEST(TemporalTelemetry, CoresMetricsStandBesideOurs) {
  const auto ours = meter();
  ours->counter({.name = "temporal_request", .description = "Requests."}, {{"operation", "Poll"}})
      ->add(2);
  ours->counter({.name = "temporal_request"}, {{"operation", "Poll"}, {"task-queue", "q"}})->add(1);
  ours->gauge({.name = "temporal_worker.slots"}, {})->set(7);
  ours->up_down_counter({.name = "temporal_open"}, {})->add(-3);
  ours->histogram({.name = "temporal_latency", .unit = "s", .buckets = {0.1, 1}}, {})->record(0.5);
  const auto text = telemetry::metrics_text();
  EXPECT_THAT(text, HasSubstr("temporal_request{operation=\"Poll\"} 2"));
  EXPECT_THAT(text, HasSubstr("temporal_request{operation=\"Poll\",task_queue=\"q\"} 1"));
  EXPECT_THAT(text, HasSubstr("temporal_worker_slots 7"));
  EXPECT_THAT(text, HasSubstr("temporal_open -3"));
  EXPECT_THAT(text, HasSubstr("temporal_latency_bucket{le=\"1\"} 1"));
}

TEST(TemporalTelemetry, ASeriesAskedForAgainCountsToTheSame) {
  const auto ours = meter();
  ours->counter({.name = "temporal_again"}, {})->add(1);
  ours->counter({.name = "temporal_again"}, {})->add(1);
  EXPECT_THAT(telemetry::metrics_text(), HasSubstr("temporal_again 2"));
}

}  // namespace
}  // namespace ordering::process
