#include "temporal/tuner.h"

#include <stdexcept>

#include "bridge/slots.h"

namespace temporal {

ResourceController::ResourceController(ResourceTargets targets)
    : core_(std::make_shared<bridge::Resources>(targets.memory, targets.cpu)) {}

SlotPool::SlotPool(std::size_t count)
    : count_(count > 0 ? count : throw std::invalid_argument("SlotPool: count is 0")),
      core_(std::make_shared<bridge::SlotPool>(count)) {}

}  // namespace temporal
