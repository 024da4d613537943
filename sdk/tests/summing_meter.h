// A meter that sums up what is recorded, by "name label=value …"; a gauge keeps its last value.
#pragma once
#include <temporal/metrics.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace temporal::tests {

class SummingMeter final : public MetricMeter {
 public:
  double sum(const std::string& series) const {
    const std::scoped_lock lock(mutex_);
    auto found = sums_.find(series);
    return found == sums_.end() ? 0 : found->second;
  }
  // Of all series of a metric that have this label, "name=value".
  double sum_of(const std::string& metric, const std::string& label) const {
    const std::scoped_lock lock(mutex_);
    double all = 0;
    for (const auto& [series, sum] : sums_)
      if (series.starts_with(metric + " ") && (series + " ").contains(" " + label + " "))
        all += sum;
    return all;
  }
  std::shared_ptr<MetricCounter> counter(const MetricOptions& m, const MetricLabels& l) override {
    return series(m, l);
  }
  std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions& m,
                                                       const MetricLabels& l) override {
    return series(m, l);
  }
  std::shared_ptr<MetricGauge> gauge(const MetricOptions& m, const MetricLabels& l) override {
    return series(m, l);
  }
  std::shared_ptr<MetricHistogram> histogram(const MetricOptions& m,
                                             const MetricLabels& l) override {
    return series(m, l);
  }

 private:
  struct Series : MetricCounter, MetricUpDownCounter, MetricGauge, MetricHistogram {
    Series(SummingMeter& of, double& sum) : of(of), sum(sum) {}
    void add(std::uint64_t amount) override { record(static_cast<double>(amount)); }
    void add(std::int64_t amount) override { record(static_cast<double>(amount)); }
    void record(double value) override {
      const std::scoped_lock lock(of.mutex_);
      sum += value;
    }
    void set(double value) override {
      const std::scoped_lock lock(of.mutex_);
      sum = value;
    }
    SummingMeter& of;  // outlives it, as a test's meter does
    double& sum;
  };
  std::shared_ptr<Series> series(const MetricOptions& metric, const MetricLabels& labels) {
    auto name = metric.name;
    for (const auto& label : labels) name += " " + label.key + "=" + label.value;
    const std::scoped_lock lock(mutex_);
    return std::make_shared<Series>(*this, sums_[name]);
  }

  mutable std::mutex mutex_;
  std::map<std::string, double> sums_;
};

}  // namespace temporal::tests
