#include "temporal/error.h"

#include <array>
#include <utility>

namespace temporal {

// The destructors are the key functions: one type_info for each exception, also across libraries.
Error::~Error() = default;
RpcError::~RpcError() = default;
WorkflowAlreadyStartedError::~WorkflowAlreadyStartedError() = default;
FailedError::~FailedError() = default;
WorkflowFailedError::~WorkflowFailedError() = default;
UpdateFailedError::~UpdateFailedError() = default;
QueryFailedError::~QueryFailedError() = default;
QueryRejectedError::~QueryRejectedError() = default;
TimeoutError::~TimeoutError() = default;
WorkflowContinuedAsNewError::~WorkflowContinuedAsNewError() = default;

std::string_view to_string(RpcCode code) {
  static constexpr std::array<std::string_view, 17> kNames = {
      "ok",
      "canceled",
      "unknown",
      "invalid_argument",
      "deadline_exceeded",
      "not_found",
      "already_exists",
      "permission_denied",
      "resource_exhausted",
      "failed_precondition",
      "aborted",
      "out_of_range",
      "unimplemented",
      "internal",
      "unavailable",
      "data_loss",
      "unauthenticated",
  };
  const auto index = static_cast<std::size_t>(code);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view to_string(WorkflowStatus status) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "unspecified", "running",          "completed", "failed", "canceled",
      "terminated",  "continued_as_new", "timed_out", "paused",
  };
  auto index = static_cast<std::size_t>(status);
  return index < kNames.size() ? kNames[index] : "unknown";
}

RpcError::RpcError(RpcCode code, const std::string& message, std::string details)
    : Error(std::string(to_string(code)) + ": " + message),
      code_(code),
      details_(std::move(details)) {}

WorkflowAlreadyStartedError::WorkflowAlreadyStartedError(std::string workflow_id,
                                                         std::string workflow_type,
                                                         std::string run_id)
    : Error("workflow " + workflow_id + " is started already, as run " + run_id),
      workflow_id_(std::move(workflow_id)),
      workflow_type_(std::move(workflow_type)),
      run_id_(std::move(run_id)) {}

FailedError::FailedError(const std::string& message, Failure failure)
    : Error(message), failure_(std::move(failure)) {}

QueryRejectedError::QueryRejectedError(WorkflowStatus status)
    : Error("the query was rejected: the workflow is " + std::string(to_string(status))),
      status_(status) {}

WorkflowContinuedAsNewError::WorkflowContinuedAsNewError(std::string new_run_id)
    : Error("the workflow goes on as run " + new_run_id), new_run_id_(std::move(new_run_id)) {}

}  // namespace temporal
