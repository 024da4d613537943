#include <mutex>
#include <utility>

#include "temporal/testing.h"
#include "worker/activity_execution.h"

namespace temporal::testing {

namespace {

// Time that passes as soon as it is asked for, until the activity is asked to end.
class SkippedTimers final : public temporal::detail::TimerQueue {
 public:
  explicit SkippedTimers(std::shared_ptr<Executor> executor) : executor_(std::move(executor)) {}
  Id schedule(std::chrono::steady_clock::duration after,
              std::move_only_function<void()> fire) override {
    std::lock_guard lock(mutex_);
    ++last_;
    if (stopped_) {
      kept_.emplace(last_, std::move(fire));
    } else {
      slept_ += std::chrono::duration_cast<std::chrono::milliseconds>(after);
      executor_->post(std::move(fire));
    }
    return last_;
  }
  bool cancel(Id id) override {
    std::unique_lock lock(mutex_);
    auto timer = kept_.extract(id);
    lock.unlock();  // it may be the last of something
    return !timer.empty();
  }
  void stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  std::chrono::milliseconds slept() const {
    std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  const std::shared_ptr<Executor> executor_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  Id last_ = 0;
  std::map<Id, std::move_only_function<void()>> kept_;
  std::chrono::milliseconds slept_ = {};
};

class Execution final : public temporal::detail::ActivityExecution {
 public:
  Execution(ActivityEnvironmentOptions options, std::shared_ptr<Executor> executor,
            std::shared_ptr<SkippedTimers> timers)
      : ActivityExecution(std::move(executor), std::move(timers)),
        on_heartbeat_(std::move(options.on_heartbeat)) {
    info_ = std::move(options.info);
    headers_ = std::move(options.headers);
    last_details_ = std::move(options.last_details);
    unlabelled_meter_ = std::move(options.meter);
    worker_shutdown_ = shutdown_.get_token();
    if (!options.log_sink) options.log_sink = stderr_log_sink();
    logger_ = Logger(std::move(options.log_sink), "activity");
  }
  void heartbeat(Values details) override {
    {
      std::lock_guard lock(mutex_);
      heartbeats_.push_back(details);
    }
    if (on_heartbeat_) on_heartbeat_(details);
  }
  std::vector<Values> heartbeats() const {
    std::lock_guard lock(mutex_);
    return heartbeats_;
  }
  void begin_worker_shutdown() { shutdown_.request_stop(); }

 private:
  std::stop_source shutdown_;
  const std::function<void(const Values&)> on_heartbeat_;
  mutable std::mutex mutex_;
  std::vector<Values> heartbeats_;
};

void name(std::string& member, const char* what) {
  if (member.empty()) member = what;
}

ActivityEnvironmentOptions completed(ActivityEnvironmentOptions options) {
  auto& info = options.info;
  name(info.activity_id, "test-activity");
  name(info.activity_type, "test");
  name(info.task_queue, "test");
  name(info.workflow_namespace, "default");
  name(info.workflow_id, "test-workflow");
  name(info.workflow_run_id, "test-run");
  name(info.workflow_type, "test");
  name(info.task_token, "test-token");
  return options;
}

}  // namespace

class ActivityEnvironment::Impl {
 public:
  explicit Impl(ActivityEnvironmentOptions options)
      : timers(std::make_shared<SkippedTimers>(executor)),
        execution(std::make_shared<Execution>(completed(std::move(options)), executor, timers)),
        context(execution) {}

  const std::shared_ptr<Executor> executor = std::make_shared<ThreadExecutor>();
  const std::shared_ptr<SkippedTimers> timers;
  const std::shared_ptr<Execution> execution;
  const activity::Context context;
};

ActivityEnvironment::ActivityEnvironment(ActivityEnvironmentOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ActivityEnvironment::~ActivityEnvironment() = default;

const activity::Context& ActivityEnvironment::context() const {
  return impl_->context;
}
void ActivityEnvironment::begin_worker_shutdown() {
  impl_->execution->begin_worker_shutdown();
}
void ActivityEnvironment::cancel(activity::CancelReason reason) {
  impl_->timers->stop();
  impl_->execution->request_cancel(reason);
}
std::vector<Values> ActivityEnvironment::heartbeats() const {
  return impl_->execution->heartbeats();
}
std::chrono::milliseconds ActivityEnvironment::slept() const {
  return impl_->timers->slept();
}

void ActivityEnvironment::translate(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const temporal::detail::CompleteLater&) {
    throw CompletesLater("the activity said complete_later(): it has no result");
  }
}

}  // namespace temporal::testing
