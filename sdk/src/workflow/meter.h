// The meter of workflow::metric_meter(): silent while a history is replayed, and with the run's
// labels beside those of each series.
#pragma once
#include <memory>

#include "temporal/metrics.h"

namespace temporal::detail {

class ReplaySafeMeter final : public MetricMeter,
                              public std::enable_shared_from_this<ReplaySafeMeter> {
 public:
  // `meter` may be null: then nothing is recorded.
  ReplaySafeMeter(std::shared_ptr<MetricMeter> meter, MetricLabels labels)
      : meter_(std::move(meter)), labels_(std::move(labels)) {}

  std::shared_ptr<MetricCounter> counter(const MetricOptions& metric,
                                         const MetricLabels& labels) override;
  std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions& metric,
                                                       const MetricLabels& labels) override;
  std::shared_ptr<MetricGauge> gauge(const MetricOptions& metric,
                                     const MetricLabels& labels) override;
  std::shared_ptr<MetricHistogram> histogram(const MetricOptions& metric,
                                             const MetricLabels& labels) override;
  bool silent = false;

 private:
  MetricLabels with_run(const MetricLabels& labels) const;

  std::shared_ptr<MetricMeter> meter_;
  MetricLabels labels_;
};

}  // namespace temporal::detail
