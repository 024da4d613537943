// What stands behind an activity::Context: of a worker, or of a test.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "temporal/activity.h"
#include "temporal/executor.h"
#include "temporal/metrics.h"
#include "worker/timer_queue.h"

namespace temporal::detail {

// Ends an activity that someone else will complete. No std::exception, so that a handler for those
// lets it through.
struct CompleteLater {};

class ActivityExecution {
 public:
  virtual ~ActivityExecution();

  const activity::Info& info() const { return info_; }
  const std::map<std::string, Payload>& headers() const { return headers_; }
  const Values& last_details() const { return last_details_; }
  const Logger& logger() const { return logger_; }
  MetricMeter& meter();
  std::stop_token worker_shutdown_token() const { return worker_shutdown_; }
  std::stop_token stop_token() const { return stop_.get_token(); }
  std::optional<activity::CancelReason> cancel_reason() const;
  activity::CancelDetails cancel_details() const;
  // The first reason counts, the details add up. Runs the stop callbacks of the activity, on this
  // thread.
  void request_cancel(activity::CancelReason reason, activity::CancelDetails details = {});
  Failure canceled_failure() const;

  const std::shared_ptr<Executor>& executor() const { return executor_; }
  const std::shared_ptr<TimerQueue>& timers() const { return timers_; }

  virtual void heartbeat(Values details) = 0;

 protected:
  ActivityExecution(std::shared_ptr<Executor> executor, std::shared_ptr<TimerQueue> timers);

  activity::Info info_;
  std::map<std::string, Payload> headers_;
  Values last_details_;
  Logger logger_;
  std::shared_ptr<MetricMeter> unlabelled_meter_;  // null: nothing is recorded
  std::stop_token worker_shutdown_;

 private:
  static constexpr int kNotCanceled = -1;
  const std::shared_ptr<Executor> executor_;
  const std::shared_ptr<TimerQueue> timers_;
  std::once_flag metered_;
  std::shared_ptr<MetricMeter> meter_;  // made when it is first asked for
  std::stop_source stop_;
  std::atomic<int> reason_ = kNotCanceled;
  std::atomic<unsigned> details_ = 0;  // bits, by the numbers of the reasons
};

}  // namespace temporal::detail
