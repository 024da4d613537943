// What a run knows of itself: workflow::info().
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "temporal/options.h"
#include "temporal/payload.h"

namespace temporal::workflow {

struct Execution {
  std::string name_space = {};  // `namespace` is a word of C++
  std::string workflow_id = {};
  std::string run_id = {};

  bool operator==(const Execution&) const = default;
};

// Why the server suggests to continue as new. By the numbers of
// temporal.api.enums.v1.SuggestContinueAsNewReason; a newer server may give others.
enum class ContinueAsNewReason : std::uint8_t {
  unspecified = 0,
  history_size_too_large = 1,
  too_many_history_events = 2,
  too_many_updates = 3,
};

struct Info {
  std::string name_space = {};
  std::string workflow_id = {};
  std::string run_id = {};
  std::string workflow_type = {};
  std::string task_queue = {};
  int attempt = 1;  // of the run, under its retry policy
  std::string cron_schedule = {};
  std::optional<Execution> parent = {};
  std::optional<Execution> root = {};  // unset: this run is the root
  std::string first_execution_run_id = {};
  std::string original_execution_run_id = {};  // kept through a reset
  std::string continued_run_id = {};           // the run before, after a continue-as-new or retry
  std::chrono::system_clock::time_point start_time = {};
  // Zero: without limit.
  std::chrono::milliseconds execution_timeout = {};
  std::chrono::milliseconds run_timeout = {};
  std::chrono::milliseconds task_timeout = {};
  std::optional<RetryPolicy> retry_policy = {};
  Priority priority = {};
  Headers headers = {};  // that it was started with

  // As of the task being processed; the same in a replay.
  std::uint32_t history_length = 0;  // events
  std::uint64_t history_size = 0;    // bytes
  bool continue_as_new_suggested = false;
  std::vector<ContinueAsNewReason> continue_as_new_reasons = {};  // of the suggestion
  // Whether a pinned run's version is no longer the one that new runs start on.
  bool target_worker_deployment_version_changed = false;
  // Of the worker that processed the task, not of one that replays it. Unset: it had none.
  std::optional<WorkerDeploymentVersion> deployment_version = {};
};

// The update whose handler or validator runs: workflow::current_update().
struct UpdateInfo {
  std::string id = {};  // the sender's, or made for it
  std::string name = {};
};

// For rolling out a patch in stages, while workers without its code still run: whether a run that meets
// the patch for the first time, and not in a replay, is to take it. Its answer holds for the run; false
// writes no marker, so that any worker may go on. Not asked for a deprecated patch, nor for one that the
// history has. It may be called on several threads at a time. It makes no command and draws no random
// number; what it throws leaves patched().
struct PatchActivationInput {
  Info info = {};
  std::string patch_id = {};
};
using PatchActivationCallback = std::function<bool(const PatchActivationInput&)>;

}  // namespace temporal::workflow
