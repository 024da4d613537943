// The workflows of one worker: takes activations from Core, runs them, answers, and caches the runs.
#pragma once
#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "temporal/log.h"
#include "temporal/registry.h"
#include "worker/thread_pool.h"
#include "worker/watchdog.h"
#include "workflow/instance.h"

namespace temporal::detail {

// To whom a WorkflowTasks answers: Core's worker, or a test.
class WorkflowPort {
 public:
  virtual ~WorkflowPort() = default;
  // A coresdk.workflow_completion.WorkflowActivationCompletion.
  virtual void complete_activation(std::string_view completion) = 0;
};

// Is told what becomes of runs, by any thread of the pool.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // `places` is Instance::places() of the completion.
  virtual void commands_made(const coresdk::workflow_completion::WorkflowActivationCompletion&,
                             const std::vector<std::string>& places) = 0;
  virtual void task_failed(std::string_view run_id, std::string_view message) = 0;
  // `reason` is Core's RemoveFromCache::EvictionReason.
  virtual void evicted(std::string_view run_id, int reason, std::string_view message) = 0;
};

struct WorkflowTasksOptions {
  Registry registry = {};
  InstanceOptions instance = {};
  Logger logger = {};
  std::size_t threads = 1;
  std::size_t most_cached = 0;                      // 0: not known
  std::chrono::milliseconds deadlock_timeout = {};  // 0: none
  int stack_signal = 0;             // taken (thread_stack.h); 0: a report has no stack
  RunObserver* observer = nullptr;  // may be null
};

class WorkflowTasks {
 public:
  // `port` is used until the destructor has returned.
  WorkflowTasks(WorkflowTasksOptions options, WorkflowPort& port);
  ~WorkflowTasks();  // finishes what was handed over, then destroys the cached runs

  // A coresdk.workflow_activation.WorkflowActivation. On any thread: it runs no code of the user's.
  void handle(std::string activation);
  std::size_t cached() const;

 private:
  struct Activation;
  struct Run;
  void process(std::unique_ptr<Activation> activation);
  std::shared_ptr<Run> enter(std::unique_ptr<Activation>& activation);
  std::unique_ptr<Activation> leave(Run& run);
  void answer(Run& run, Activation& activation);
  coresdk::workflow_completion::WorkflowActivationCompletion activate(
      const coresdk::workflow_activation::WorkflowActivation& message, Run& run);
  void evict(const coresdk::workflow_activation::WorkflowActivation& message, Run& run);
  void respond(const coresdk::workflow_completion::WorkflowActivationCompletion& completion);
  void report_deadlock(Run& run, Activation& activation, pthread_t stuck);
  void report_nondeterminism(const Run& run, const std::string& message) const;

  const WorkflowTasksOptions options_;
  WorkflowPort& port_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Run>> runs_;
  Watchdog watchdog_;
  ThreadPool pool_;  // last: its threads end before anything else here does
};

}  // namespace temporal::detail
