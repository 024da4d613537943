#include "workflow/meter.h"

#include <algorithm>
#include <utility>

#include "temporal/determinism.h"

namespace temporal::detail {

namespace {

// A series keeps the meter, whose silence is the run's.
class Counter final : public MetricCounter {
 public:
  Counter(std::shared_ptr<const ReplaySafeMeter> meter, std::shared_ptr<MetricCounter> inner)
      : meter_(std::move(meter)), inner_(std::move(inner)) {}
  void add(std::uint64_t amount) override {
    Allowed allowed;
    if (inner_ && !meter_->silent) inner_->add(amount);
  }

 private:
  std::shared_ptr<const ReplaySafeMeter> meter_;
  std::shared_ptr<MetricCounter> inner_;
};

class UpDownCounter final : public MetricUpDownCounter {
 public:
  UpDownCounter(std::shared_ptr<const ReplaySafeMeter> meter,
                std::shared_ptr<MetricUpDownCounter> inner)
      : meter_(std::move(meter)), inner_(std::move(inner)) {}
  void add(std::int64_t amount) override {
    Allowed allowed;
    if (inner_ && !meter_->silent) inner_->add(amount);
  }

 private:
  std::shared_ptr<const ReplaySafeMeter> meter_;
  std::shared_ptr<MetricUpDownCounter> inner_;
};

class Gauge final : public MetricGauge {
 public:
  Gauge(std::shared_ptr<const ReplaySafeMeter> meter, std::shared_ptr<MetricGauge> inner)
      : meter_(std::move(meter)), inner_(std::move(inner)) {}
  void set(double value) override {
    Allowed allowed;
    if (inner_ && !meter_->silent) inner_->set(value);
  }

 private:
  std::shared_ptr<const ReplaySafeMeter> meter_;
  std::shared_ptr<MetricGauge> inner_;
};

class Histogram final : public MetricHistogram {
 public:
  Histogram(std::shared_ptr<const ReplaySafeMeter> meter, std::shared_ptr<MetricHistogram> inner)
      : meter_(std::move(meter)), inner_(std::move(inner)) {}
  void record(double value) override {
    Allowed allowed;
    if (inner_ && !meter_->silent) inner_->record(value);
  }

 private:
  std::shared_ptr<const ReplaySafeMeter> meter_;
  std::shared_ptr<MetricHistogram> inner_;
};

}  // namespace

MetricLabels ReplaySafeMeter::with_run(const MetricLabels& labels) const {
  auto all = labels;  // the series' own win
  for (const auto& label : labels_)
    if (std::ranges::find(labels, label.key, &MetricLabel::key) == labels.end())
      all.push_back(label);
  return all;
}

std::shared_ptr<MetricCounter> ReplaySafeMeter::counter(const MetricOptions& metric,
                                                        const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Counter>(shared_from_this(),
                                   meter_ ? meter_->counter(metric, with_run(labels)) : nullptr);
}

std::shared_ptr<MetricUpDownCounter> ReplaySafeMeter::up_down_counter(const MetricOptions& metric,
                                                                      const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<UpDownCounter>(
      shared_from_this(), meter_ ? meter_->up_down_counter(metric, with_run(labels)) : nullptr);
}

std::shared_ptr<MetricGauge> ReplaySafeMeter::gauge(const MetricOptions& metric,
                                                    const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Gauge>(shared_from_this(),
                                 meter_ ? meter_->gauge(metric, with_run(labels)) : nullptr);
}

std::shared_ptr<MetricHistogram> ReplaySafeMeter::histogram(const MetricOptions& metric,
                                                            const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Histogram>(
      shared_from_this(), meter_ ? meter_->histogram(metric, with_run(labels)) : nullptr);
}

}  // namespace temporal::detail
