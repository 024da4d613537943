// WorkerGroup: several workers of one process as one: one tuner, one pool of threads for blocking
// activities, one start, one shutdown, one status.
//
//   temporal::WorkerGroup group(client,
//                               {.tuner = {.activities = temporal::FixedSlots{50}}},
//                               {{.task_queue = "orders", .registry = orders},
//                                {.task_queue = "payments", .registry = payments}});
//   group.run(stop);
//
// So a program serves many task queues without deciding in advance which of them needs the slots.
#pragma once
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "temporal/worker.h"

namespace temporal {

struct WorkerGroupOptions {
  // Of all workers together: FixedSlots become a pool, a quarter of which, and at least what each
  // worker needs to poll at all (1; 2 for cached workflows), waits in the workers' polls;
  // ResourceSlots measure once, with minimum and maximum for each worker; a SlotSupplier is asked by
  // all. What is unset is each worker's own.
  Tuner tuner = {};
  // Threads for blocking activities of all workers. 0: as many as they would have by themselves.
  std::size_t activity_threads = 0;
};

struct WorkerGroupStatus {
  // By the workers' order in the constructor.
  std::vector<WorkerStatus> workers = {};
  // Why the group is not ready: what its first such worker says, with the task queue; empty: all are.
  std::string not_ready = {};
  bool ready() const { return not_ready.empty(); }
};

class WorkerGroup {
 public:
  // As Worker's, for each. Besides, std::invalid_argument for no worker at all, for a worker with a
  // tuner or threads of its own that the group has too, and for FixedSlots with less than one slot for
  // each worker (two for workflow tasks where workflows are cached).
  WorkerGroup(Client client, WorkerGroupOptions options, std::vector<WorkerOptions> workers);
  ~WorkerGroup();  // shutdown()
  WorkerGroup(WorkerGroup&&) noexcept;
  WorkerGroup& operator=(WorkerGroup&&) = delete;

  // As Worker's.
  void run(std::stop_token stop);
  void start();
  // All at the same time.
  void shutdown();
  Async<void> replace_client(Client client);

  WorkerGroupStatus status() const;  // any thread, at any time

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace temporal
