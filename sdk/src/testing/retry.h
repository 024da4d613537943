// Whether, and when, the server tries again: of activities and of workflows.
#pragma once
#include <temporal/api/common/v1/message.pb.h>
#include <temporal/api/enums/v1/workflow.pb.h>
#include <temporal/api/failure/v1/message.pb.h>

#include <chrono>
#include <optional>

namespace temporal::testing {

using ProtoRetryPolicy = temporal::api::common::v1::RetryPolicy;

struct Retry {
  std::optional<std::chrono::milliseconds> after = {};  // nothing: not again
  temporal::api::enums::v1::RetryState state = temporal::api::enums::v1::RETRY_STATE_IN_PROGRESS;
};

// What the server fills in where a policy, or a part of it, is not set.
ProtoRetryPolicy with_defaults(ProtoRetryPolicy policy);

// After `attempt`, the first is 1, has failed. `left` is what there is until the last deadline.
Retry retry_after(const ProtoRetryPolicy& policy, int attempt,
                  const temporal::api::failure::v1::Failure& failure,
                  std::optional<std::chrono::milliseconds> left);

}  // namespace temporal::testing
