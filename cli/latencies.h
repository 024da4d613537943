// Times that were measured, and the percentiles of them.
#pragma once
#include <chrono>
#include <cstddef>
#include <vector>

namespace ordering::cli {

class Latencies {
 public:
  using Time = std::chrono::nanoseconds;

  void add(Time time) { times_.push_back(time); }
  std::size_t count() const { return times_.size(); }
  // The nearest rank: the shortest time that this share, 0 to 1, does not exceed; 0 where there is
  // none.
  Time percentile(double share) const;
  Time longest() const { return percentile(1); }

 private:
  std::vector<Time> times_;  // bounded by the orders of a load
};

}  // namespace ordering::cli
