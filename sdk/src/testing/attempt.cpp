#include "testing/attempt.h"

#include <utility>

namespace temporal::testing {

namespace {

temporal::detail::ActivityTasksOptions with(temporal::detail::ActivityTasksOptions options,
                                            std::shared_ptr<VirtualTimers> timers) {
  options.timers = std::move(timers);
  options.threads = 1;
  return options;
}

}  // namespace

Attempt::Attempt(temporal::detail::ActivityTasksOptions options,
                 std::shared_ptr<VirtualTimers> timers, Reports reports)
    : timers_(timers),
      reports_(std::move(reports)),
      tasks_(with(std::move(options), std::move(timers)), *this) {}

void Attempt::start(const std::string& token, const coresdk::activity_task::Start& start) {
  coresdk::activity_task::ActivityTask task;
  token_ = token;
  task.set_task_token(token);
  *task.mutable_start() = start;
  tasks_.handle(task.SerializeAsString());
}

void Attempt::cancel(coresdk::activity_task::ActivityCancelReason reason) {
  coresdk::activity_task::ActivityTask task;
  task.set_task_token(token_);
  task.mutable_cancel()->set_reason(reason);
  tasks_.handle(task.SerializeAsString());
}

void Attempt::complete(std::string_view completion) {
  reports_.completed(std::string(completion));
}
void Attempt::heartbeat(std::string_view heartbeat) {
  reports_.heartbeat(std::string(heartbeat));
}

}  // namespace temporal::testing
