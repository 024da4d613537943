#include "cli/latencies.h"

#include <algorithm>
#include <cmath>

namespace ordering::cli {

Latencies::Time Latencies::percentile(double share) const {
  if (times_.empty()) return Time{0};
  const auto rank = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(times_.size()));
  const auto index = rank < 1 ? 0 : static_cast<std::ptrdiff_t>(rank) - 1;
  auto times = times_;
  std::ranges::nth_element(times, times.begin() + index);
  return times[static_cast<std::size_t>(index)];
}

}  // namespace ordering::cli
