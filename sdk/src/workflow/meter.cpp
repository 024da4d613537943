#include "workflow/meter.h"

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
    if (!meter_->silent) inner_->add(amount);
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
    if (!meter_->silent) inner_->add(amount);
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
    if (!meter_->silent) inner_->set(value);
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
    if (!meter_->silent) inner_->record(value);
  }

 private:
  std::shared_ptr<const ReplaySafeMeter> meter_;
  std::shared_ptr<MetricHistogram> inner_;
};

}  // namespace

std::shared_ptr<MetricCounter> ReplaySafeMeter::counter(const MetricOptions& metric,
                                                        const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Counter>(shared_from_this(), meter_->counter(metric, labels));
}

std::shared_ptr<MetricUpDownCounter> ReplaySafeMeter::up_down_counter(const MetricOptions& metric,
                                                                      const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<UpDownCounter>(shared_from_this(),
                                         meter_->up_down_counter(metric, labels));
}

std::shared_ptr<MetricGauge> ReplaySafeMeter::gauge(const MetricOptions& metric,
                                                    const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Gauge>(shared_from_this(), meter_->gauge(metric, labels));
}

std::shared_ptr<MetricHistogram> ReplaySafeMeter::histogram(const MetricOptions& metric,
                                                            const MetricLabels& labels) {
  Allowed allowed;
  return std::make_shared<Histogram>(shared_from_this(), meter_->histogram(metric, labels));
}

}  // namespace temporal::detail
