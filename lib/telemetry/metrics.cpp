#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "telemetry/process_metrics.h"

namespace telemetry {
namespace {

// 1 ms to 100 s: from a cached answer to a step that waits for a courier. 0.2 is what alerts.yml asks
// about orders that are accepted slowly.
const std::vector<double> kDurations{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25,
                                     0.5,   1,      2.5,   5,    10,    25,   50,  100};

template <class Metric>
struct Raw;
template <>
struct Raw<Counter> {
  using type = prometheus::Counter;
};
template <>
struct Raw<Gauge> {
  using type = prometheus::Gauge;
};
template <>
struct Raw<Histogram> {
  using type = prometheus::Histogram;
};

}  // namespace

void Counter::add(double amount) {
  counter_.Increment(amount);
}
double Counter::value() const {
  return counter_.Value();
}
void Gauge::set(double value) {
  gauge_.Set(value);
}
void Gauge::add(double amount) {
  gauge_.Increment(amount);
}
double Gauge::value() const {
  return gauge_.Value();
}
void Histogram::observe(double value) {
  histogram_.Observe(value);
}
void Histogram::observe(std::chrono::nanoseconds duration) {
  histogram_.Observe(std::chrono::duration<double>(duration).count());
}

template <class Metric>
struct Family<Metric>::Impl {
  Impl(prometheus::Registry& registry, const std::string& name, const std::string& help,
       LabelNames labels, std::vector<double> bounds)
      : raw(build(registry, name, help)), labels(std::move(labels)), bounds(std::move(bounds)) {}

  static auto& build(prometheus::Registry& registry, const std::string& name,
                     const std::string& help) {
    if constexpr (std::is_same_v<Metric, Counter>) {
      return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    } else if constexpr (std::is_same_v<Metric, Gauge>) {
      return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    } else {
      return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
  }

  Metric& add(const std::vector<std::string>& values) {
    std::map<std::string, std::string> set;
    for (std::size_t i = 0; i < labels.size(); ++i) set.emplace(labels[i], values[i]);
    return series.emplace(values, make(set)).first->second;
  }
  Metric make(const std::map<std::string, std::string>& set) {
    if constexpr (std::is_same_v<Metric, Histogram>) {
      return Metric(raw.Add(set, bounds));
    } else {
      return Metric(raw.Add(set));
    }
  }

  prometheus::Family<typename Raw<Metric>::type>& raw;
  const LabelNames labels;
  const std::vector<double> bounds;
  std::mutex mutex;
  std::map<std::vector<std::string>, Metric> series;
  std::map<std::map<std::string, std::string>, Metric> labelled;  // by labels of their own
};

template <class Metric>
Metric& Family<Metric>::with(std::vector<std::string> values) {
  if (values.size() != impl_.labels.size()) {
    throw std::logic_error("a metric has one value for each of its labels");
  }
  const std::lock_guard lock(impl_.mutex);
  if (auto found = impl_.series.find(values); found != impl_.series.end()) return found->second;
  if (impl_.series.size() >= kMaxSeries) {
    values.assign(values.size(), "other");
    if (auto found = impl_.series.find(values); found != impl_.series.end()) return found->second;
  }
  return impl_.add(values);
}

template <class Metric>
Metric& Family<Metric>::with_labels(const std::map<std::string, std::string>& labels) {
  const std::lock_guard lock(impl_.mutex);
  if (auto found = impl_.labelled.find(labels); found != impl_.labelled.end()) return found->second;
  if (impl_.labelled.size() < kMaxSeries)
    return impl_.labelled.emplace(labels, impl_.make(labels)).first->second;
  const std::map<std::string, std::string> others{{"other", "true"}};
  return impl_.labelled.try_emplace(others, impl_.make(others)).first->second;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

namespace {

class Registry {
 public:
  static Registry& instance() {
    static auto* registry =
        new Registry;  // never destroyed: threads may count until the process ends
    return *registry;
  }

  template <class Metric>
  Family<Metric>& family(const std::string& name, const std::string& help, LabelNames labels,
                         std::vector<double> bounds) {
    const std::lock_guard lock(mutex_);
    if (names_.contains(name) != of<Metric>().contains(name)) {
      throw std::logic_error("the metric " + name + " is of another kind");
    }
    auto& entry = of<Metric>()[name];
    if (!entry) {
      entry =
          std::make_unique<Entry<Metric>>(raw_, name, help, std::move(labels), std::move(bounds));
      names_.insert(name);
    } else if (entry->impl.labels != labels) {
      throw std::logic_error("the metric " + name + " has other labels");
    }
    return entry->family;
  }

  std::string text() const {
    auto families = raw_.Collect();
    for (auto& family : ProcessMetrics().Collect()) families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  template <class Metric>
  struct Entry {
    template <class... Args>
    explicit Entry(Args&&... args) : impl(std::forward<Args>(args)...), family(impl) {}
    typename Family<Metric>::Impl impl;
    Family<Metric> family;
  };
  template <class Metric>
  using Entries = std::map<std::string, std::unique_ptr<Entry<Metric>>>;

  template <class Metric>
  Entries<Metric>& of() {
    return std::get<Entries<Metric>>(entries_);
  }

  std::mutex mutex_;
  prometheus::Registry raw_;
  std::set<std::string> names_;
  std::tuple<Entries<Counter>, Entries<Gauge>, Entries<Histogram>> entries_;
};

}  // namespace

Family<Counter>& counter(const std::string& name, const std::string& help, LabelNames labels) {
  return Registry::instance().family<Counter>(name, help, std::move(labels), {});
}
Family<Gauge>& gauge(const std::string& name, const std::string& help, LabelNames labels) {
  return Registry::instance().family<Gauge>(name, help, std::move(labels), {});
}
Family<Histogram>& histogram(const std::string& name, const std::string& help, LabelNames labels,
                             std::vector<double> upper_bounds) {
  if (upper_bounds.empty()) upper_bounds = kDurations;
  return Registry::instance().family<Histogram>(name, help, std::move(labels),
                                                std::move(upper_bounds));
}
std::string metrics_text() {
  return Registry::instance().text();
}

}  // namespace telemetry
