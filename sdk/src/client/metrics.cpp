#include "temporal/metrics.h"

#include <algorithm>
#include <utility>

namespace temporal {

MetricCounter::~MetricCounter() = default;
MetricUpDownCounter::~MetricUpDownCounter() = default;
MetricGauge::~MetricGauge() = default;
MetricHistogram::~MetricHistogram() = default;
MetricMeter::~MetricMeter() = default;

namespace {

class Labelled final : public MetricMeter {
 public:
  Labelled(std::shared_ptr<MetricMeter> meter, MetricLabels labels)
      : meter_(std::move(meter)), labels_(std::move(labels)) {}

  std::shared_ptr<MetricCounter> counter(const MetricOptions& metric,
                                         const MetricLabels& labels) override {
    return meter_->counter(metric, all(labels));
  }
  std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions& metric,
                                                       const MetricLabels& labels) override {
    return meter_->up_down_counter(metric, all(labels));
  }
  std::shared_ptr<MetricGauge> gauge(const MetricOptions& metric,
                                     const MetricLabels& labels) override {
    return meter_->gauge(metric, all(labels));
  }
  std::shared_ptr<MetricHistogram> histogram(const MetricOptions& metric,
                                             const MetricLabels& labels) override {
    return meter_->histogram(metric, all(labels));
  }

 private:
  MetricLabels all(MetricLabels labels) const {
    const auto own = labels;
    std::ranges::copy_if(labels_, std::back_inserter(labels), [&own](const MetricLabel& label) {
      return std::ranges::find(own, label.key, &MetricLabel::key) == own.end();
    });
    return labels;
  }

  const std::shared_ptr<MetricMeter> meter_;
  const MetricLabels labels_;
};

class Nothing final : public MetricMeter {
  struct Counter final : MetricCounter {
    void add(std::uint64_t) override {}
  };
  struct UpDownCounter final : MetricUpDownCounter {
    void add(std::int64_t) override {}
  };
  struct Gauge final : MetricGauge {
    void set(double) override {}
  };
  struct Histogram final : MetricHistogram {
    void record(double) override {}
  };

 public:
  std::shared_ptr<MetricCounter> counter(const MetricOptions&, const MetricLabels&) override {
    return std::make_shared<Counter>();
  }
  std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions&,
                                                       const MetricLabels&) override {
    return std::make_shared<UpDownCounter>();
  }
  std::shared_ptr<MetricGauge> gauge(const MetricOptions&, const MetricLabels&) override {
    return std::make_shared<Gauge>();
  }
  std::shared_ptr<MetricHistogram> histogram(const MetricOptions&, const MetricLabels&) override {
    return std::make_shared<Histogram>();
  }
};

}  // namespace

std::shared_ptr<MetricMeter> with_labels(std::shared_ptr<MetricMeter> meter, MetricLabels labels) {
  if (!meter) return std::make_shared<Nothing>();
  return std::make_shared<Labelled>(std::move(meter), std::move(labels));
}

}  // namespace temporal
