// The meter of workflow::metric_meter(): silent while a history is replayed, and with the run's
// labels beside those of each series.
#pragma once
#include <memory>

#include "temporal/metrics.h"

namespace temporal::detail {

class ReplaySafeMeter final : public MetricMeter,
                              public std::enable_shared_from_this<ReplaySafeMeter> {
 public:
  ReplaySafeMeter(std::shared_ptr<MetricMeter> meter, MetricLabels labels)
      : meter_(with_labels(std::move(meter), std::move(labels))) {}

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
  const std::shared_ptr<MetricMeter> meter_;
};

}  // namespace temporal::detail
