#include "process/temporal_telemetry.h"

#include <cctype>
#include <map>
#include <string>
#include <vector>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace ordering::process {
namespace {

telemetry::LogLevel level_of(temporal::LogLevel level) {
  switch (level) {
    case temporal::LogLevel::trace:
      return telemetry::LogLevel::trace;
    case temporal::LogLevel::debug:
      return telemetry::LogLevel::debug;
    case temporal::LogLevel::info:
      return telemetry::LogLevel::info;
    case temporal::LogLevel::warn:
      return telemetry::LogLevel::warn;
    case temporal::LogLevel::error:
      break;
  }
  return telemetry::LogLevel::error;
}

class Sink final : public temporal::LogSink {
 public:
  void write(const temporal::LogRecord& record) override {
    std::vector<telemetry::Field> fields;
    fields.reserve(record.fields.size() + 1);
    fields.emplace_back("target", record.target);
    for (const auto& field : record.fields) fields.emplace_back(field.key, field.value);
    telemetry::log(level_of(record.level), record.message, telemetry::Fields(fields));
  }
  temporal::LogLevel least() const override {
    for (auto level : {temporal::LogLevel::trace, temporal::LogLevel::debug,
                       temporal::LogLevel::info, temporal::LogLevel::warn})
      if (telemetry::log_enabled(level_of(level))) return level;
    return temporal::LogLevel::error;
  }
};

// Prometheus admits letters, digits and underscores.
std::string prometheus_name(const std::string& name) {
  std::string made;
  for (unsigned char c : name) made += std::isalnum(c) != 0 ? static_cast<char>(c) : '_';
  return made;
}

std::map<std::string, std::string> labels_of(const temporal::MetricLabels& labels) {
  std::map<std::string, std::string> made;
  for (const auto& label : labels) {
    std::string key;
    for (unsigned char c : label.key) key += std::isalnum(c) != 0 ? static_cast<char>(c) : '_';
    made[key] = label.value;
  }
  return made;
}

// Series live as long as the process, so holding a reference is enough.
class Counter final : public temporal::MetricCounter {
 public:
  explicit Counter(telemetry::Counter& counter) : counter_(counter) {}
  void add(std::uint64_t amount) override { counter_.add(static_cast<double>(amount)); }

 private:
  telemetry::Counter& counter_;
};

class UpDownCounter final : public temporal::MetricUpDownCounter {
 public:
  explicit UpDownCounter(telemetry::Gauge& gauge) : gauge_(gauge) {}
  void add(std::int64_t amount) override { gauge_.add(static_cast<double>(amount)); }

 private:
  telemetry::Gauge& gauge_;
};

class Gauge final : public temporal::MetricGauge {
 public:
  explicit Gauge(telemetry::Gauge& gauge) : gauge_(gauge) {}
  void set(double value) override { gauge_.set(value); }

 private:
  telemetry::Gauge& gauge_;
};

class Histogram final : public temporal::MetricHistogram {
 public:
  explicit Histogram(telemetry::Histogram& histogram) : histogram_(histogram) {}
  void record(double value) override { histogram_.observe(value); }

 private:
  telemetry::Histogram& histogram_;
};

class Meter final : public temporal::MetricMeter {
 public:
  std::shared_ptr<temporal::MetricCounter> counter(const temporal::MetricOptions& metric,
                                                   const temporal::MetricLabels& labels) override {
    auto& family = telemetry::counter(prometheus_name(metric.name), metric.description);
    return std::make_shared<Counter>(family.with_labels(labels_of(labels)));
  }
  std::shared_ptr<temporal::MetricUpDownCounter> up_down_counter(
      const temporal::MetricOptions& metric, const temporal::MetricLabels& labels) override {
    return std::make_shared<UpDownCounter>(gauge_series(metric, labels));
  }
  std::shared_ptr<temporal::MetricGauge> gauge(const temporal::MetricOptions& metric,
                                               const temporal::MetricLabels& labels) override {
    return std::make_shared<Gauge>(gauge_series(metric, labels));
  }
  std::shared_ptr<temporal::MetricHistogram> histogram(
      const temporal::MetricOptions& metric, const temporal::MetricLabels& labels) override {
    auto& family =
        telemetry::histogram(prometheus_name(metric.name), metric.description, {}, metric.buckets);
    return std::make_shared<Histogram>(family.with_labels(labels_of(labels)));
  }

 private:
  static telemetry::Gauge& gauge_series(const temporal::MetricOptions& metric,
                                        const temporal::MetricLabels& labels) {
    return telemetry::gauge(prometheus_name(metric.name), metric.description)
        .with_labels(labels_of(labels));
  }
};

}  // namespace

std::shared_ptr<temporal::LogSink> log_sink() {
  return std::make_shared<Sink>();
}
std::shared_ptr<temporal::MetricMeter> meter() {
  return std::make_shared<Meter>();
}

}  // namespace ordering::process
