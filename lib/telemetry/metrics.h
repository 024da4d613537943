// Metrics of the process, in one registry, as Prometheus text.
//
//   class Store {
//     telemetry::Counter& captured_ = telemetry::counter("payments_total", "Payments by outcome.",
//     {"state"}).with({"CAPTURED"});
//   };
//   captured_.add();
//   telemetry::metrics_text();             // what GET /metrics answers
//
// Keep the reference that with() gives: adding to it is an atomic or two; with() itself is a
// look-up under a lock. Both live as long as the process. Asking for a family that is there gives
// the same one; with another kind or other labels: std::logic_error.
//
// A family holds up to kMaxSeries label sets; more are counted in one whose labels are all "other",
// so that no client can fill the memory.
//
// The process's own are always there: process_cpu_seconds_total, process_resident_memory_bytes,
// process_open_fds, process_max_fds, process_threads, process_start_time_seconds.
//
// Threads: any.
#pragma once
#include <chrono>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace telemetry {

inline constexpr std::size_t kMaxSeries = 1000;

class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_(counter) {}
  void add(double amount = 1);
  double value() const;

 private:
  prometheus::Counter& counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
  void set(double value);
  void add(double amount);
  double value() const;

 private:
  prometheus::Gauge& gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
  void observe(double value);
  void observe(std::chrono::nanoseconds duration);  // in seconds, as Prometheus wants them

 private:
  prometheus::Histogram& histogram_;
};

using LabelValues = std::initializer_list<std::string_view>;

// Metric is Counter, Gauge or Histogram.
template <class Metric>
class Family {
 public:
  // The metric of these label values, in the order of the family's labels; made when first asked
  // for.
  Metric& with(LabelValues values) {
    return with(std::vector<std::string>(values.begin(), values.end()));
  }
  Metric& with(std::vector<std::string> values);
  // A series whose labels are its own: of a library that labels its metrics as it likes.
  Metric& with_labels(const std::map<std::string, std::string>& labels);

  struct Impl;
  explicit Family(Impl& impl) : impl_(impl) {}  // the registry makes them

 private:
  Impl& impl_;
};

// Names as Prometheus wants them: counters end in _total, durations in _seconds.
using LabelNames = std::vector<std::string>;
Family<Counter>& counter(const std::string& name, const std::string& help, LabelNames labels = {});
Family<Gauge>& gauge(const std::string& name, const std::string& help, LabelNames labels = {});
Family<Histogram>& histogram(const std::string& name, const std::string& help,
                             LabelNames labels = {},
                             std::vector<double> upper_bounds = {});  // unset: 1 ms … 100 s

std::string metrics_text();

}  // namespace telemetry
