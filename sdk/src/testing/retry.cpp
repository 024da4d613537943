#include "testing/retry.h"

#include <algorithm>
#include <cmath>

#include "data/proto.h"

namespace temporal::testing {

namespace {

using std::chrono::milliseconds;
namespace enums = temporal::api::enums::v1;
using Failure = temporal::api::failure::v1::Failure;

constexpr milliseconds kFirstInterval(1000);
constexpr double kCoefficient = 2;
constexpr int kMostIntervals = 100;  // of the first one, where maximum_interval is not set
constexpr double kLongest = 1e15;    // milliseconds

// As the server decides it.
bool retryable(const Failure& failure, const ProtoRetryPolicy& policy) {
  auto listed = [&](const std::string& type) {
    return std::ranges::count(policy.non_retryable_error_types(), type) > 0;
  };
  if (failure.has_terminated_failure_info() || failure.has_canceled_failure_info()) return false;
  if (failure.has_timeout_failure_info()) {
    const auto type = failure.timeout_failure_info().timeout_type();
    return (type == enums::TIMEOUT_TYPE_START_TO_CLOSE || type == enums::TIMEOUT_TYPE_HEARTBEAT);
  }
  if (failure.has_server_failure_info()) return !failure.server_failure_info().non_retryable();
  if (failure.has_application_failure_info()) {
    const auto& info = failure.application_failure_info();
    return !info.non_retryable() && !listed(info.type());
  }
  return true;
}

milliseconds interval(const ProtoRetryPolicy& policy, int attempt, const Failure& failure) {
  if (failure.application_failure_info().has_next_retry_delay())
    return temporal::detail::from_proto(failure.application_failure_info().next_retry_delay());
  const auto first = temporal::detail::from_proto(policy.initial_interval());
  const auto most = temporal::detail::from_proto(policy.maximum_interval());
  const double grown =
      static_cast<double>(first.count()) * std::pow(policy.backoff_coefficient(), attempt - 1);
  return std::min(most, milliseconds(static_cast<milliseconds::rep>(std::min(grown, kLongest))));
}

}  // namespace

ProtoRetryPolicy with_defaults(ProtoRetryPolicy policy) {
  using temporal::detail::from_proto, temporal::detail::to_proto;
  if (from_proto(policy.initial_interval()) <= milliseconds::zero())
    *policy.mutable_initial_interval() = to_proto(kFirstInterval);
  if (policy.backoff_coefficient() < 1) policy.set_backoff_coefficient(kCoefficient);
  if (from_proto(policy.maximum_interval()) <= milliseconds::zero())
    *policy.mutable_maximum_interval() =
        to_proto(from_proto(policy.initial_interval()) * kMostIntervals);
  return policy;
}

Retry retry_after(const ProtoRetryPolicy& policy, int attempt, const Failure& failure,
                  std::optional<milliseconds> left) {
  if (!retryable(failure, policy)) return {.state = enums::RETRY_STATE_NON_RETRYABLE_FAILURE};
  if (policy.maximum_attempts() > 0 && attempt >= policy.maximum_attempts())
    return {.state = enums::RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED};
  const auto full = with_defaults(policy);
  const auto after = interval(full, attempt, failure);
  if (left && after >= *left) return {.state = enums::RETRY_STATE_TIMEOUT};
  return {.after = after};
}

}  // namespace temporal::testing
