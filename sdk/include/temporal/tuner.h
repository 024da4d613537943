// Tuner: how many tasks a worker has at a time.
//
// Each task that a worker works on has a slot, and so has each poll that waits for one. Where slots
// come from is said for each kind of task:
//
//   temporal::ResourceController machine({.memory = 0.8, .cpu = 0.9});
//   worker_options.tuner = {.workflow_tasks = temporal::FixedSlots{100},
//                           .activities = temporal::ResourceSlots{.controller = machine}};
//
// - FixedSlots: a number.
// - ResourceSlots: as many as the machine takes, by its memory and CPU. Workers that are given one
//   controller decide by the same measurements.
// - PooledSlots: a number that several workers share; WorkerGroup makes them of FixedSlots.
// - A SlotSupplier of your own.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "temporal/async.h"

namespace temporal {

namespace bridge {
class Resources;
class SlotPool;
}  // namespace bridge

inline constexpr std::size_t kMaxSlots = 1'000'000;  // of a kind, whatever gives them out

struct FixedSlots {
  std::size_t count = 100;  // at least 1; 2 for workflow tasks where workflows are cached
};

// Shares of the machine, or of what the control group allows the process: above 0, to 1. No slot is
// given out above the minimum while more than that is used.
struct ResourceTargets {
  double memory = 0.8;
  double cpu = 0.9;
};

// Measures memory and CPU. A value that shares its state.
class ResourceController {
 public:
  explicit ResourceController(ResourceTargets targets = {});  // throws std::invalid_argument

  // For the SDK's own parts.
  const std::shared_ptr<bridge::Resources>& core() const { return core_; }

 private:
  std::shared_ptr<bridge::Resources> core_;
};

struct ResourceSlots {
  ResourceController controller;
  // Given out whatever the machine says; at least 1. Unset: 1, and 2 for workflow tasks.
  std::optional<std::size_t> minimum = {};
  std::size_t maximum = 10'000;  // at most kMaxSlots
  // Between two slots above the minimum, so that the first shows in the measurements. Unset: 50 ms,
  // and none for workflow tasks.
  std::optional<std::chrono::milliseconds> ramp_throttle = {};
};

// A number of slots for several workers. A value that shares its state.
class SlotPool {
 public:
  explicit SlotPool(std::size_t count);  // throws std::invalid_argument for 0
  std::size_t count() const { return count_; }

  // For the SDK's own parts.
  const std::shared_ptr<bridge::SlotPool>& core() const { return core_; }

 private:
  std::size_t count_;
  std::shared_ptr<bridge::SlotPool> core_;
};

struct PooledSlots {
  SlotPool pool;
  // Of the slots of one worker at most so many are of polls that wait, so that a worker without work
  // leaves slots to the others: their sum over the workers is best no more than the pool. At least
  // 1; 2 for workflow tasks where workflows are cached.
  std::size_t most_polling = 1;
};

enum class SlotKind : std::uint8_t { workflow_task = 0, activity = 1, local_activity = 2 };

// Who asks for a slot.
struct SlotRequest {
  SlotKind kind = SlotKind::workflow_task;
  std::string task_queue = {};
  std::string worker_identity = {};
  std::string build_id = {};  // empty without Worker Versioning
  std::size_t reserved = 0;   // slots of this kind that the worker has
  bool is_sticky = false;     // a poll for tasks of cached workflows
};

// One slot, with what its supplier wants to know of it.
struct SlotPermit {
  std::shared_ptr<void> data = {};  // may be null
};

// What a slot is used for: empty where it is of another kind.
struct SlotUse {
  std::string workflow_type = {};
  std::string activity_type = {};
  bool is_sticky = false;
};

// Slots by rules of your own: for example so many as a pool of database connections has.
//
// Threads: all functions are called on the worker's executor and must not block; those of one worker
// and kind one after another, of several at the same time. What they throw is logged; a reserve that
// throws is repeated after a second.
class SlotSupplier {
 public:
  SlotSupplier() = default;
  SlotSupplier(const SlotSupplier&) = delete;
  SlotSupplier& operator=(const SlotSupplier&) = delete;
  virtual ~SlotSupplier();

  // Ends when there is a slot. It is asked to stop when the slot is not wanted any longer; a permit
  // that comes nevertheless is released. Workflow tasks of cached and of other workflows are polled
  // apart: with fewer than two slots a worker does not serve both.
  virtual Async<SlotPermit> reserve(SlotRequest request) = 0;
  // A slot that is there now: for what Temporal would hand over without a poll (eager workflows and
  // activities). It is asked ahead; what it gives and nobody takes within half a second is released.
  // The default gives none.
  virtual std::optional<SlotPermit> try_reserve(SlotRequest request);
  // A task came for the slot.
  virtual void mark_used(const SlotPermit& permit, const SlotUse& use);
  // Once for each permit, used or not.
  virtual void release(SlotPermit permit) = 0;
};

using SlotSource =
    std::variant<FixedSlots, ResourceSlots, PooledSlots, std::shared_ptr<SlotSupplier>>;

struct Tuner {
  // Unset: FixedSlots, as WorkerOptions::max_concurrent_… say.
  std::optional<SlotSource> workflow_tasks = {};
  std::optional<SlotSource> activities = {};
  std::optional<SlotSource> local_activities = {};
};

}  // namespace temporal
