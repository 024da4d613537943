// Options that client and workflow share. Aggregates for designated initializers; every field has
// its default, and its comment says what unset means. The server checks them, and its answer names the
// field; the policy of a local activity, which no server sees, is checked at the call.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace temporal {

// How failed attempts are repeated (https://docs.temporal.io/encyclopedia/retry-policies).
//   {.initial_interval = 200ms, .maximum_attempts = 5, .non_retryable_error_types = {"Lost"}}
struct RetryPolicy {
  std::chrono::milliseconds initial_interval = std::chrono::seconds(1);  // before the first retry
  double backoff_coefficient = 2.0;                 // each wait times this is the next; at least 1
  std::chrono::milliseconds maximum_interval = {};  // unset: 100 × initial_interval
  std::int32_t maximum_attempts = 0;                // the first one too; unset: without limit
  // Types of ApplicationFailure that are not repeated.
  std::vector<std::string> non_retryable_error_types = {};
  bool operator==(const RetryPolicy&) const = default;
};

// The order in which a task queue hands out work.
struct Priority {
  std::int32_t priority_key = 0;  // 1 (first) to 5 (last); unset: 3
  std::string fairness_key = {};  // who shares the queue evenly with others; at most 64 bytes
  float fairness_weight = 0;      // that key's share, 0.001 to 1000; unset: 1
  bool operator==(const Priority&) const = default;
};

// Whether an id whose last workflow has ended may start again. By the numbers of
// temporal.api.enums.v1.WorkflowIdReusePolicy.
enum class WorkflowIdReusePolicy : std::uint8_t {
  unspecified = 0,  // the server's default: allow_duplicate
  allow_duplicate = 1,
  allow_duplicate_failed_only = 2,  // unless it completed
  reject_duplicate = 3,
};

// What a start does when a workflow with its id is running. By the numbers of
// temporal.api.enums.v1.WorkflowIdConflictPolicy.
enum class WorkflowIdConflictPolicy : std::uint8_t {
  unspecified = 0,         // the server's default: fail
  fail = 1,                // with WorkflowAlreadyStartedError
  use_existing = 2,        // the answer is a handle to the running one
  terminate_existing = 3,  // and start a new one
};

// What becomes of a child workflow when its parent ends. By the numbers of
// temporal.api.enums.v1.ParentClosePolicy.
enum class ParentClosePolicy : std::uint8_t {
  unspecified = 0,  // the server's default: terminate
  terminate = 1,
  abandon = 2,
  request_cancel = 3,
};

// Which version's workers a running workflow goes on with when a new one is deployed. By the
// numbers of temporal.api.enums.v1.VersioningBehavior.
enum class VersioningBehavior : std::uint8_t {
  unspecified = 0,   // the worker's default
  pinned = 1,        // the version it started on
  auto_upgrade = 2,  // the current one; it must then be able to replay older histories
};

// A version of a worker deployment (https://docs.temporal.io/worker-versioning).
struct WorkerDeploymentVersion {
  std::string deployment_name = {};
  std::string build_id = {};
  bool operator==(const WorkerDeploymentVersion&) const = default;
};

// Which version runs one workflow, whatever its worker says.
struct VersioningOverride {
  enum class Kind : std::uint8_t {
    auto_upgrade,
    pinned,    // to `version`, until the override is removed
    one_time,  // to `version`, for one workflow task; needs Temporal 1.32 or later
  };
  Kind kind = Kind::auto_upgrade;
  WorkerDeploymentVersion version = {};  // not of auto_upgrade
  bool operator==(const VersioningOverride&) const = default;
};

}  // namespace temporal
