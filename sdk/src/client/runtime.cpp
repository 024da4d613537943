#include "temporal/runtime.h"

#include <mutex>
#include <thread>
#include <utility>

#include "bridge/runtime.h"
#include "worker/timer_queue.h"

namespace temporal {

struct Runtime::Impl {
  std::shared_ptr<Executor> executor;
  std::shared_ptr<LogSink> log_sink;
  std::shared_ptr<MetricMeter> meter;
  std::shared_ptr<detail::TimerQueue> timers = std::make_shared<detail::TimerQueue>();
  std::shared_ptr<bridge::Runtime> core;  // ends first: it posts to the executor until then

  // What is the user's own, an executor or a sink, does not end on a thread of Core.
  static void end(Impl* impl) {
    if (bridge::on_core_thread())
      std::thread([impl] { delete impl; }).detach();
    else
      delete impl;
  }
};

Runtime Runtime::create(RuntimeOptions options) {
  if (!options.executor) options.executor = std::make_shared<ThreadExecutor>();
  if (!options.log_sink) options.log_sink = stderr_log_sink();
  std::shared_ptr<Impl> impl(
      new Impl{.executor = options.executor, .log_sink = options.log_sink, .meter = options.meter},
      &Impl::end);
  impl->core = std::make_shared<bridge::Runtime>(options);
  return Runtime(std::move(impl));
}

Runtime Runtime::shared_default() {
  static std::mutex mutex;
  static std::weak_ptr<Impl> shared;
  std::lock_guard lock(mutex);
  if (auto impl = shared.lock()) return Runtime(std::move(impl));
  auto made = create();
  shared = made.impl_;
  return made;
}

const std::shared_ptr<Executor>& Runtime::executor() const {
  return impl_->executor;
}
const std::shared_ptr<LogSink>& Runtime::log_sink() const {
  return impl_->log_sink;
}
const std::shared_ptr<MetricMeter>& Runtime::meter() const {
  return impl_->meter;
}
Logger Runtime::logger(std::string target) const {
  return Logger(impl_->log_sink, std::move(target));
}
const std::shared_ptr<bridge::Runtime>& Runtime::core() const {
  return impl_->core;
}
const std::shared_ptr<detail::TimerQueue>& Runtime::timers() const {
  return impl_->timers;
}

}  // namespace temporal
