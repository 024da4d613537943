#include "bridge/meter.h"

#include <variant>

namespace temporal::bridge {

namespace {

struct Series {
  std::variant<std::shared_ptr<MetricCounter>, std::shared_ptr<MetricUpDownCounter>,
               std::shared_ptr<MetricGauge>, std::shared_ptr<MetricHistogram>>
      instrument;
};

Series make_series(MetricMeter& meter, const tb_metric& metric, const MetricLabels& labels) {
  MetricOptions options{.name = text(metric.name),
                        .description = text(metric.description),
                        .unit = text(metric.unit)};
  if (metric.buckets) options.buckets.assign(metric.buckets, metric.buckets + metric.bucket_count);
  switch (metric.kind) {
    case TB_METRIC_COUNTER:
      return {meter.counter(options, labels)};
    case TB_METRIC_UP_DOWN_COUNTER:
      return {meter.up_down_counter(options, labels)};
    case TB_METRIC_GAUGE:
    case TB_METRIC_GAUGE_F64:
      return {meter.gauge(options, labels)};
    default:
      return {meter.histogram(options, labels)};
  }
}

// Core gives a value in the type of the metric's kind; gauges and histograms are doubles here.
struct Record {
  double value;
  void operator()(const std::shared_ptr<MetricCounter>& c) const {
    c->add(static_cast<std::uint64_t>(value));
  }
  void operator()(const std::shared_ptr<MetricUpDownCounter>& c) const {
    c->add(static_cast<std::int64_t>(value));
  }
  void operator()(const std::shared_ptr<MetricGauge>& g) const { g->set(value); }
  void operator()(const std::shared_ptr<MetricHistogram>& h) const { h->record(value); }
};

void record(void* series, double value) {
  CoreThread mark(series);
  std::visit(Record{value}, static_cast<Series*>(series)->instrument);
  release(series);
}

void* create_series(void* user_data, const tb_metric* metric, const tb_pair* labels,
                    size_t label_count) {
  CoreThread mark(user_data);
  MetricLabels list;
  for (const auto* label = labels; label != labels + label_count; ++label)
    list.push_back({text(label->key), text(label->value)});
  auto& meter = **static_cast<std::shared_ptr<MetricMeter>*>(user_data);
  auto* series = new Series(make_series(meter, *metric, list));
  release(series);
  return series;
}

}  // namespace

tb_meter meter_table(std::shared_ptr<MetricMeter> meter) {
  auto* kept = new std::shared_ptr<MetricMeter>(std::move(meter));
  release(kept);
  return {
      .user_data = kept,
      .create_series = create_series,
      .record_u64 = [](void*, void* series, uint64_t v) { record(series, static_cast<double>(v)); },
      .record_i64 = [](void*, void* series, int64_t v) { record(series, static_cast<double>(v)); },
      .record_f64 = [](void*, void* series, double v) { record(series, v); },
      .free_series =
          [](void*, void* series) {
            CoreThread mark(series);
            delete static_cast<Series*>(series);
          },
      .free =
          [](void* user_data) {
            CoreThread mark(user_data);
            delete static_cast<std::shared_ptr<MetricMeter>*>(user_data);
          },
  };
}

}  // namespace temporal::bridge
