// The activities of one worker: takes tasks from Core, runs them, answers.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "temporal/activity_interceptor.h"
#include "temporal/converter.h"
#include "temporal/executor.h"
#include "temporal/log.h"
#include "temporal/metrics.h"
#include "temporal/registry.h"
#include "worker/thread_pool.h"
#include "worker/timer_queue.h"

namespace temporal::detail {

class RunningActivity;

// To whom an ActivityTasks answers: Core's worker, or a test.
class ActivityPort {
 public:
  virtual ~ActivityPort() = default;
  virtual void complete(std::string_view completion) = 0;  // coresdk.ActivityTaskCompletion
  virtual void heartbeat(std::string_view heartbeat) = 0;  // coresdk.ActivityHeartbeat
};

struct ActivityTasksOptions {
  Registry registry = {};
  std::string task_queue = {};
  DataConverter converter = {};
  Logger logger = {};
  std::shared_ptr<MetricMeter> meter = {};                    // unset: nothing is recorded
  std::shared_ptr<Executor> executor = {};                    // for coroutine activities; required
  std::shared_ptr<TimerQueue> timers = {};                    // for activity::sleep; required
  std::size_t threads = 1;                                    // for blocking ones, of its own
  std::shared_ptr<ThreadPool> pool = {};                      // or these, of several workers
  std::vector<ActivityInterceptorFactory> interceptors = {};  // the first is outermost
};

class ActivityTasks {
 public:
  // `port` is used until wait_until_idle() has returned.
  ActivityTasks(ActivityTasksOptions options, ActivityPort& port);
  ~ActivityTasks();  // waits until idle

  // A coresdk.activity_task.ActivityTask. On any thread: it runs no code of the user's.
  void handle(std::string_view task);
  // Tells the activities, which go on; any thread.
  void begin_shutdown() { shutdown_.request_stop(); }
  std::size_t running() const;
  void wait_until_idle();

 private:
  friend class RunningActivity;
  void cancel(const std::string& task_token, activity::CancelReason reason,
              activity::CancelDetails details);
  void ended(const std::string& task_token);

  const ActivityTasksOptions options_;
  ActivityPort& port_;
  std::stop_source shutdown_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, std::shared_ptr<RunningActivity>, std::less<>> running_;
  std::shared_ptr<ThreadPool> pool_;  // last: its threads end before anything else here does
};

}  // namespace temporal::detail
