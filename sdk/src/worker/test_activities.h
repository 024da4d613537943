// For tests: an ActivityTasks whose port, log and meter are the test's.
#pragma once
#include <gtest/gtest.h>
#include <temporal/sdk/core/activity_task/activity_task.pb.h>
#include <temporal/sdk/core/core_interface.pb.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "summing_meter.h"
#include "worker/activity_tasks.h"
#include "worker/test_completions.h"

namespace temporal::detail {

using coresdk::ActivityHeartbeat;
using coresdk::ActivityTaskCompletion;
using coresdk::activity_task::ActivityTask;
using namespace std::chrono_literals;

inline constexpr ActivityType<int(int)> twice{"twice"};
inline constexpr ActivityType<void()> act{"act"};

class Port final : public ActivityPort {
 public:
  void complete(std::string_view bytes) override { completions_.add(bytes); }
  void heartbeat(std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    heartbeats_.emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }
  ActivityTaskCompletion next() { return completions_.next(); }
  std::vector<ActivityHeartbeat> heartbeats() {
    std::lock_guard lock(mutex_);
    return heartbeats_;
  }

 private:
  Completions<ActivityTaskCompletion> completions_;
  std::mutex mutex_;
  std::vector<ActivityHeartbeat> heartbeats_;
};

class Lines final : public LogSink {
 public:
  void write(const LogRecord& r) override {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::string(to_string(r.level)) + " " + r.message);
  }
  std::vector<std::string> lines() {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class ActivityTasksTest : public ::testing::Test {
 protected:
  void start(DataConverter converter = {},
             std::vector<ActivityInterceptorFactory> interceptors = {}) {
    tasks_.emplace(ActivityTasksOptions{.registry = registry,
                                        .task_queue = "queue",
                                        .converter = std::move(converter),
                                        .logger = Logger(log, "activity"),
                                        .meter = meter,
                                        .executor = executor_,
                                        .timers = std::make_shared<TimerQueue>(),
                                        .threads = 2,
                                        .interceptors = std::move(interceptors)},
                   port);
  }
  // An activity may be running for a moment after its completion: each has a token of its own.
  static ActivityTask task(const std::string& type, const std::string& token = "token") {
    ActivityTask task;
    task.set_task_token(token);
    auto& start = *task.mutable_start();
    start.set_activity_type(type);
    start.set_activity_id("1");
    start.set_attempt(1);
    return task;
  }
  static void add_json(ActivityTask& task, const std::string& json) {
    auto* payload = task.mutable_start()->add_input();
    (*payload->mutable_metadata())["encoding"] = "json/plain";
    payload->set_data(json);
  }
  void give(const ActivityTask& task) { tasks_->handle(task.SerializeAsString()); }
  void cancel(coresdk::activity_task::ActivityCancelReason reason) {
    ActivityTask task;
    task.set_task_token("token");
    task.mutable_cancel()->set_reason(reason);
    give(task);
  }

  void begin_shutdown() { tasks_->begin_shutdown(); }

  Registry registry;
  Port port;
  const std::shared_ptr<Lines> log = std::make_shared<Lines>();
  const std::shared_ptr<tests::SummingMeter> meter = std::make_shared<tests::SummingMeter>();

 private:
  std::shared_ptr<ThreadExecutor> executor_ = std::make_shared<ThreadExecutor>();
  std::optional<ActivityTasks> tasks_;
};

}  // namespace temporal::detail
