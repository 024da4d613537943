// One life of Core's worker, from its first poll to its finalization.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "bridge/worker.h"
#include "temporal/log.h"
#include "worker/activity_tasks.h"
#include "worker/polls.h"
#include "worker/workflow_tasks.h"

namespace temporal::detail {

struct TaskCounts {
  std::atomic<std::uint64_t> workflow_tasks = 0;
  std::atomic<std::uint64_t> activities = 0;
};

// Asks Core for tasks, and gives it the answers. What Core refuses is logged: the task is lost, and the server's timeouts
// follow; there is nobody else to tell.
class CorePort final : public ActivityPort, public WorkflowPort, public PollPort {
 public:
  CorePort(std::shared_ptr<bridge::Worker> core, Logger logger, std::shared_ptr<TaskCounts> counts);
  void complete(std::string_view completion) override;
  void heartbeat(std::string_view heartbeat) override;
  void complete_activation(std::string_view completion) override;
  void poll_workflow_activation(Handler handler) override;
  void poll_activity_task(Handler handler) override;
  void initiate_shutdown() override;

 private:
  bridge::Handler<void> log_error(std::string what) const;

  const std::shared_ptr<bridge::Worker> core_;
  const Logger logger_;
  const std::shared_ptr<TaskCounts> counts_;
};

class Session {
 public:
  // Unset: the worker has none of the kind.
  Session(std::shared_ptr<bridge::Worker> core, std::optional<WorkflowTasksOptions> workflows,
          std::optional<ActivityTasksOptions> activities, Logger logger,
          std::shared_ptr<TaskCounts> counts);

  // Returns when a stop is requested, or with the reason when polling has failed for good.
  std::optional<std::string> wait(std::stop_token stop) { return polls_.wait(std::move(stop)); }
  // Call once, before the destructor: takes no more tasks, and waits for those it has.
  void shutdown();

  std::size_t cached_workflows() const { return workflows_ ? workflows_->cached() : 0; }
  std::size_t running_activities() const { return activities_ ? activities_->running() : 0; }

 private:
  const std::shared_ptr<bridge::Worker> core_;
  const Logger logger_;
  CorePort port_;
  Polls polls_;
  std::optional<WorkflowTasks> workflows_;
  std::optional<ActivityTasks> activities_;
};

}  // namespace temporal::detail
