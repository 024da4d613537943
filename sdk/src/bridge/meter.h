// Core's metrics, into a MetricMeter.
#pragma once
#include <memory>

#include "bridge/crossing.h"
#include "temporal/metrics.h"

namespace temporal::bridge {

// The table for Core. It keeps the meter until Core calls its `free`.
tb_meter meter_table(std::shared_ptr<MetricMeter> meter);

}  // namespace temporal::bridge
