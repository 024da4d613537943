#include "bridge/runtime.h"

#include <thread>

#include "bridge/log.h"
#include "bridge/meter.h"

namespace temporal::bridge {

Runtime::Runtime(const RuntimeOptions& options) : sink_(options.log_sink) {
  tb_runtime_options core_options{};
  core_options.worker_threads = options.core_threads;
  if (sink_) {
    core_options.log_callback = forward_log;
    core_options.log_user_data = sink_.get();
    release(sink_.get());
  }
  core_options.log_filter = bytes(options.core_log_filter);
  core_options.worker_heartbeat_interval_millis =
      options.worker_heartbeat_interval
          ? static_cast<std::uint64_t>(options.worker_heartbeat_interval->count())
          : TB_NEVER;
  core_options.disable_environment_info = options.disable_environment_info;
  core_options.runtime_version = bytes("C++ " __VERSION__);
  tb_meter meter{};
  if (options.meter) {
    meter = meter_table(options.meter);
    core_options.meter = &meter;
  }
  core_options.thread_started = thread_started;
  core_options.thread_stopped = thread_stopped;
  CoreError error;
  handle_ = call_core(tb_runtime_new, &core_options, &error, store_error);
  if (!handle_) throw_error(error);
}

Runtime::~Runtime() {
  if (on_core_thread()) {
    std::thread([handle = handle_, sink = sink_] { call_core(tb_runtime_free, handle); }).detach();
  } else {
    call_core(tb_runtime_free, handle_);
  }
}

}  // namespace temporal::bridge
