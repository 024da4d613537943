// What the benchmarks of the SDK run: a workflow of activities one after another, the history of
// such a run, and the workflow instance as the worker uses it, bytes in and bytes out.
#pragma once
#include <temporal/api/common/v1/message.pb.h>
#include <temporal/history.h>
#include <temporal/workflow.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "workflow/instance.h"

namespace temporal::bench {

struct Step {
  std::string order = {};
  int number = 0;
};

constexpr ActivityType<Step(Step)> step_type{"step"};
constexpr WorkflowType<int(int)> steps_type{"Steps"};

struct Steps {
  static auto definition() { return workflow_definition(steps_type, &Steps::run); }
  workflow::Task<int> run(int count);
};

// A wrong result, which ends a benchmark.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string run_id(std::size_t run);  // as long, and as spread, as Temporal's own
void set_json(const std::string& json, api::common::v1::Payload* out);
void set_step(int number, api::common::v1::Payload* out);

// Of a run that has ended; each step has six events, and all else five.
History history_of(int steps, std::size_t run = 0);

// Answers the activations of one run after another.
class Answerer {
 public:
  // A coresdk.workflow_activation.WorkflowActivation in, the completion out. Throws Wrong for a
  // task that fails.
  std::string answer(const std::string& activation);
  std::size_t ended() const { return ended_; }  // runs that Core has evicted, none for a failure

 private:
  std::optional<Instance> instance_;
  std::size_t ended_ = 0;
};

// Microseconds.
double cpu_now();         // of the process
double thread_cpu_now();  // of this thread
double wall_now();

}  // namespace temporal::bench
