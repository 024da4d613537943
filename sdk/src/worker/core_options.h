// WorkerOptions as Core takes them.
#pragma once
#include <temporal_bridge.h>

#include <string>
#include <vector>

#include "temporal/worker.h"
#include "worker/slot_broker.h"

namespace temporal::detail {

// The tuner's source, else the number that the options say.
SlotSource workflow_slots(const WorkerOptions& options);
SlotSource activity_slots(const WorkerOptions& options);
SlotSource local_activity_slots(const WorkerOptions& options);

// Whether it takes activities from its task queue, besides local ones.
bool polls_activities(const WorkerOptions& options);

// Throws std::invalid_argument, naming the field.
void check(const WorkerOptions& options);

// Borrows from the options and the namespace.
class CoreOptions {
 public:
  CoreOptions(const std::string& workflow_namespace, const WorkerOptions& options,
              const SlotBroker::Places& places = {});
  CoreOptions(const CoreOptions&) = delete;
  CoreOptions& operator=(const CoreOptions&) = delete;
  // For one worker of Core, which then owns the custom suppliers.
  const tb_worker_options& get() const { return options_; }

 private:
  std::vector<tb_bytes> types_;
  tb_worker_options options_ = {};
};

}  // namespace temporal::detail
