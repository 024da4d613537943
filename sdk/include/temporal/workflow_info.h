// What a run knows of itself: workflow::info().
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "temporal/options.h"

namespace temporal::workflow {

struct Execution {
  std::string name_space = {};  // `namespace` is a word of C++
  std::string workflow_id = {};
  std::string run_id = {};

  bool operator==(const Execution&) const = default;
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

  // As of the task being processed; the same in a replay.
  std::uint32_t history_length = 0;  // events
  std::uint64_t history_size = 0;    // bytes
  bool continue_as_new_suggested = false;
  bool target_worker_deployment_version_changed = false;
};

}  // namespace temporal::workflow
