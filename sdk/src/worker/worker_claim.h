// The place of a worker: a client has one for each queue, kind of task and build.
#pragma once
#include <memory>
#include <string>

#include "temporal/client.h"
#include "temporal/worker.h"

namespace temporal::detail {

// Held as long as the worker. Core refuses the second worker too, but only once it is connected.
class WorkerClaim {
 public:
  // Throws std::logic_error if another worker of the client has it.
  WorkerClaim(const Client& client, const WorkerOptions& options);
  ~WorkerClaim();
  WorkerClaim(const WorkerClaim&) = delete;
  WorkerClaim& operator=(const WorkerClaim&) = delete;

 private:
  std::shared_ptr<ClientCore> client_;
  std::string place_;
  bool workflows_;
  bool activities_;
};

}  // namespace temporal::detail
