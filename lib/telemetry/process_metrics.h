// The metrics of the process itself, read when asked for.
#pragma once
#include <prometheus/collectable.h>

#include <vector>

namespace telemetry {

class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace telemetry
