// Metrics: the meter to which Core, the SDK, workflows and activities record. Implement MetricMeter
// over the library that your program uses (Prometheus, OpenTelemetry, …) and give it to the Runtime;
// without one nothing is recorded. What Core records is listed in Temporal's "SDK metrics reference"
// (docs.temporal.io/references/sdk-metrics).
//
//   auto charged = meter->counter({.name = "charges", .unit = "1"}, {{"currency", "EUR"}});
//   charged->add(1);
//
// A series, one metric with one set of labels, is asked for rarely and kept; recording to it is
// frequent and should neither lock nor allocate.
//
// Threads: every function is called from many threads at once, and must not throw.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace temporal {

struct MetricOptions {
  std::string name = {};         // "temporal_workflow_completed"
  std::string description = {};  // empty: none
  std::string unit = {};         // "s", "bytes", …; empty: a plain number
  // Upper bounds that fit a histogram, ascending; empty: the meter's own choice.
  std::vector<double> buckets = {};
};

struct MetricLabel {
  std::string key = {};
  std::string value = {};
  bool operator==(const MetricLabel&) const = default;
};
using MetricLabels = std::vector<MetricLabel>;  // each key once

class MetricCounter {
 public:
  virtual ~MetricCounter();
  virtual void add(std::uint64_t amount) = 0;
};

class MetricUpDownCounter {
 public:
  virtual ~MetricUpDownCounter();
  virtual void add(std::int64_t amount) = 0;
};

class MetricGauge {
 public:
  virtual ~MetricGauge();
  virtual void set(double value) = 0;
};

class MetricHistogram {
 public:
  virtual ~MetricHistogram();
  virtual void record(double value) = 0;  // durations are seconds
};

class MetricMeter {
 public:
  virtual ~MetricMeter();
  // Never null. Asked again for the same metric and labels, they give the same series, or one that
  // counts to the same.
  virtual std::shared_ptr<MetricCounter> counter(const MetricOptions& metric,
                                                 const MetricLabels& labels) = 0;
  virtual std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions& metric,
                                                               const MetricLabels& labels) = 0;
  virtual std::shared_ptr<MetricGauge> gauge(const MetricOptions& metric,
                                             const MetricLabels& labels) = 0;
  virtual std::shared_ptr<MetricHistogram> histogram(const MetricOptions& metric,
                                                     const MetricLabels& labels) = 0;
};

// The same meter, each of whose series has these labels besides its own, which win. Of null: a meter
// that records nothing.
std::shared_ptr<MetricMeter> with_labels(std::shared_ptr<MetricMeter> meter, MetricLabels labels);

}  // namespace temporal
