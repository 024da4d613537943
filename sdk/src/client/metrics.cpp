#include "temporal/metrics.h"

namespace temporal {

MetricCounter::~MetricCounter() = default;
MetricUpDownCounter::~MetricUpDownCounter() = default;
MetricGauge::~MetricGauge() = default;
MetricHistogram::~MetricHistogram() = default;
MetricMeter::~MetricMeter() = default;

}  // namespace temporal
