#include "workflow/checks.h"

#include <stdexcept>

namespace temporal::detail {

using namespace std::chrono_literals;

void refuse(const std::string& call, const std::string& what) {
  throw std::invalid_argument(call + ": " + what);
}

void check_not_negative(const std::string& call, NamedDurations durations) {
  for (const auto& [name, value] : durations)
    if (value < 0ms) refuse(call, std::string(name) + " is negative");
}

void check_retry_policy(const std::string& call, const RetryPolicy& policy) {
  check_not_negative(call, {{"retry_policy.initial_interval", policy.initial_interval},
                            {"retry_policy.maximum_interval", policy.maximum_interval}});
  if (!(policy.backoff_coefficient >= 1))
    refuse(call, "retry_policy.backoff_coefficient is less than 1");
  if (policy.maximum_interval != 0ms && policy.maximum_interval < policy.initial_interval)
    refuse(call, "retry_policy.maximum_interval is less than initial_interval");
  if (policy.maximum_attempts < 0) refuse(call, "retry_policy.maximum_attempts is negative");
}

}  // namespace temporal::detail
