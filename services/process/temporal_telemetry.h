// What the SDK and Temporal's Core log and measure, in the process's own log and metrics.
#pragma once
#include <memory>

#include "temporal/log.h"
#include "temporal/metrics.h"

namespace ordering::process {

std::shared_ptr<temporal::LogSink> log_sink();
// Names begin with "temporal_"; the labels are Temporal's.
std::shared_ptr<temporal::MetricMeter> meter();

}  // namespace ordering::process
