// Core's runtime: its threads, its logs into a LogSink and its metrics into a MetricMeter.
#pragma once
#include <memory>

#include "bridge/crossing.h"
#include "temporal/runtime.h"

namespace temporal::bridge {

class Runtime {
 public:
  explicit Runtime(const RuntimeOptions& options);
  // Waits until Core's threads have ended; on one of them it leaves that to another thread.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  tb_runtime* handle() const { return handle_; }

 private:
  std::shared_ptr<LogSink> sink_;  // Core's user_data
  tb_runtime* handle_ = nullptr;
};

}  // namespace temporal::bridge
