// WorkerOptions as Core takes them.
#pragma once
#include <temporal_bridge.h>

#include <string>
#include <vector>

#include "temporal/worker.h"

namespace temporal::detail {

// Throws std::invalid_argument, naming the field.
void check(const WorkerOptions& options);

// Borrows from the options and the namespace.
class CoreOptions {
 public:
  CoreOptions(const std::string& workflow_namespace, const WorkerOptions& options);
  CoreOptions(const CoreOptions&) = delete;
  CoreOptions& operator=(const CoreOptions&) = delete;
  const tb_worker_options& get() const { return options_; }

 private:
  std::vector<tb_bytes> types_;
  tb_worker_options options_ = {};
};

}  // namespace temporal::detail
