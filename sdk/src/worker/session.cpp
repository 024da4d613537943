#include "worker/session.h"

#include <future>
#include <utility>

namespace temporal::detail {

CorePort::CorePort(std::shared_ptr<bridge::Worker> core, Logger logger,
                   std::shared_ptr<TaskCounts> counts)
    : core_(std::move(core)), logger_(std::move(logger)), counts_(std::move(counts)) {}

bridge::Handler<void> CorePort::log_error(std::string what) const {
  return [logger = logger_, what = std::move(what)](bridge::Result<void> result) {
    if (!result) logger.error(what, {{"reason", result.error().message}});
  };
}

void CorePort::complete(std::string_view completion) {
  ++counts_->activities;
  core_->complete_activity_task(completion, log_error("Core refused an activity's completion"));
}

void CorePort::heartbeat(std::string_view heartbeat) {
  try {
    core_->record_activity_heartbeat(heartbeat);
  } catch (const std::exception& e) {
    logger_.warn("Core refused a heartbeat", {{"reason", e.what()}});
  }
}

void CorePort::complete_activation(std::string_view completion) {
  ++counts_->workflow_tasks;
  core_->complete_workflow_activation(completion,
                                      log_error("Core refused a workflow task's completion"));
}

void CorePort::poll_workflow_activation(Handler handler) {
  core_->poll_workflow_activation(std::move(handler));
}
void CorePort::poll_activity_task(Handler handler) {
  core_->poll_activity_task(std::move(handler));
}
void CorePort::initiate_shutdown() {
  core_->initiate_shutdown();
}

Session::Session(std::shared_ptr<bridge::Worker> core,
                 std::optional<WorkflowTasksOptions> workflows,
                 std::optional<ActivityTasksOptions> activities, Logger logger,
                 std::shared_ptr<TaskCounts> counts)
    : core_(std::move(core)),
      logger_(std::move(logger)),
      port_(core_, logger_, std::move(counts)),
      polls_(port_) {
  if (workflows) {
    workflows_.emplace(std::move(*workflows), port_);
    polls_.start(&PollPort::poll_workflow_activation,
                 [this](std::string task) { workflows_->handle(std::move(task)); });
  }
  if (activities) {
    activities_.emplace(std::move(*activities), port_);
    polls_.start(&PollPort::poll_activity_task,
                 [this](std::string task) { activities_->handle(task); });
  }
}

void Session::shutdown() {
  if (activities_) activities_->begin_shutdown();
  core_->initiate_shutdown();
  polls_.wait_until_ended();
  if (activities_) activities_->wait_until_idle();
  auto ended = std::make_shared<std::promise<bridge::Result<void>>>();
  auto result = ended->get_future();
  core_->finalize_shutdown([ended](bridge::Result<void> r) { ended->set_value(std::move(r)); });
  if (auto r = result.get(); !r)
    logger_.warn("Core's worker did not end in order", {{"reason", r.error().message}});
}

}  // namespace temporal::detail
