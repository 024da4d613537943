// One attempt of an activity in the simulator: run by what a worker runs activities by.
#pragma once
#include <temporal/sdk/core/activity_task/activity_task.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "testing/virtual_timers.h"
#include "worker/activity_tasks.h"

namespace temporal::testing {

// Used by the simulator's thread, which also destroys it, after its end.
class Attempt final : public temporal::detail::ActivityPort {
 public:
  // Both get protobuf bytes (coresdk.ActivityTaskCompletion, ActivityHeartbeat), on any thread.
  struct Reports {
    std::function<void(std::string)> completed = {};
    std::function<void(std::string)> heartbeat = {};
  };
  Attempt(temporal::detail::ActivityTasksOptions options, std::shared_ptr<VirtualTimers> timers,
          Reports reports);

  void start(const std::string& token, const coresdk::activity_task::Start& task);
  void cancel(coresdk::activity_task::ActivityCancelReason reason);
  bool asleep() const { return timers_->asleep(); }
  std::chrono::steady_clock::time_point awake_since() const { return timers_->awake_since(); }
  void end() { timers_->end(); }

 private:
  void complete(std::string_view completion) override;
  void heartbeat(std::string_view heartbeat) override;

  const std::shared_ptr<VirtualTimers> timers_;
  const Reports reports_;
  std::string token_;
  temporal::detail::ActivityTasks tasks_;  // last: it waits for the activity
};

}  // namespace temporal::testing
