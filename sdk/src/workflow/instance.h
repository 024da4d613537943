// One run of a workflow as a pure function: what Core says happened goes in, the commands that the
// workflow makes of it come out. No thread, clock or I/O: the same activations give the same
// completions, on whatever threads they are fed, one at a time.
//
// How it works (the order is a promise to every history; a change of it needs an SDK flag):
//   1. The jobs are applied to the run's state in Core's order: results settle Futures, whose waiters
//      join one first-in-first-out queue; signals and updates join it as handlers to be started; the
//      run's own start joins last.
//   2. The queue is drained. When it is empty, the conditions of wait_until are asked in the order
//      they were made; the first true one goes on, and the queue is drained again, until none is true.
//   3. Queries are answered; then, if run has returned or thrown, the command that ends the workflow
//      is added.
#pragma once
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <memory>
#include <string>
#include <vector>

#include "temporal/converter.h"
#include "temporal/log.h"
#include "temporal/metrics.h"
#include "temporal/workflow_definition.h"
#include "temporal/workflow_info.h"
#include "temporal/workflow_interceptor.h"

namespace temporal {

namespace detail {
struct Run;
}

struct InstanceOptions {
  std::string name_space = "default";
  std::string task_queue = {};
  DataConverter converter = {};
  std::shared_ptr<LogSink> log_sink = {};                 // unset: silent
  std::shared_ptr<MetricMeter> meter = {};                // unset: nothing is recorded
  std::vector<workflow::FailureType> failure_types = {};  // besides those of the definition
  workflow::PatchActivationCallback patch_activation_callback = {};  // unset: each patch is taken
  std::vector<workflow::InterceptorFactory> interceptors = {};       // the first is outermost
  bool keep_places = false;                                          // for places()
};

class Instance {
 public:
  // `definition` is shared with the registry and the other runs; not null. Throws what an interceptor
  // factory throws.
  Instance(std::shared_ptr<const WorkflowDefinition> definition, InstanceOptions options);
  Instance(WorkflowDefinition definition, InstanceOptions options = {});
  ~Instance();  // as an eviction
  Instance(Instance&&) noexcept;
  Instance& operator=(Instance&&) noexcept;

  // Never throws what workflow code threw: a failure that is none of the workflow's own is the
  // completion's `failed`. After that, and after an eviction, only a new Instance can go on.
  coresdk::workflow_completion::WorkflowActivationCompletion activate(
      const coresdk::workflow_activation::WorkflowActivation& activation);

  // For each command of the last completion, where the code was: "at order.cpp:12", the co_await of
  // its result, where that came in the same activation, else "after the co_await at order.cpp:9".
  const std::vector<std::string>& places() const;
  // Of the co_await that the run came to last.
  std::string last_place() const;
  const workflow::Info& info() const;

 private:
  std::unique_ptr<detail::Run> run_;
};

}  // namespace temporal
