// Replayer: runs recorded histories through today's code, without a server, to find out before a
// deployment whether running workflows will go on.
//
//   temporal::Replayer replayer({.registry = registry});
//   for (auto& result : replayer.replay(histories))
//     EXPECT_TRUE(result.ok()) << result.workflow_id << ": " << result.failure << result.report;
//
// A history comes from WorkflowHandle::fetch_history(), from JSON as Temporal's tools and the other
// SDKs write it, or from bytes (temporal/history.h). Activities are not run: their results stand in
// the history. Workflow code is run with is_replaying, so that its logger is silent.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "temporal/converter.h"
#include "temporal/history.h"
#include "temporal/registry.h"
#include "temporal/runtime.h"
#include "temporal/workflow_info.h"
#include "temporal/workflow_interceptor.h"

namespace temporal {

struct ReplayerOptions {
  Registry registry = {};  // required: at least one workflow
  std::string name_space = "default";
  DataConverter data_converter = {};  // as that of the worker's client
  std::vector<workflow::FailureType> failure_types = {};
  // As the worker's: asked where a history that has not ended goes on.
  workflow::PatchActivationCallback patch_activation_callback = {};
  std::vector<workflow::InterceptorFactory> workflow_interceptors = {};
  std::optional<Runtime> runtime = {};  // unset: Runtime::shared_default()
  // As the worker's. 0: never. A workflow that blocks for longer is logged, and is [TMPRL1101] in its
  // result; while it goes on blocking, replay() does too: nothing ends a thread inside its code.
  std::chrono::milliseconds deadlock_timeout = std::chrono::seconds(2);
};

struct ReplayResult {
  std::string workflow_id = {};
  std::string run_id = {};
  // Why the workflow could not go on; empty: it can.
  std::string failure = {};
  // The code makes other commands than the history has.
  bool nondeterministic = false;
  // Then, where they part: a table of the history's events that commands made, the commands that the
  // code makes, and the lines of the co_awaits that wait for them, or that came before.
  //
  //     event  the history has                      the code made          where
  //     5      ActivityTaskScheduled chargePayment  ActivityTaskSch…       at order.cpp:31
  //   > 11     TimerStarted timer 1                 MarkerRecorded patch…  after the co_await at …
  //     12     ActivityTaskScheduled startDelivery
  std::string report = {};

  bool ok() const { return failure.empty(); }
};

class Replayer {
 public:
  // Throws std::invalid_argument for options that cannot be right. No I/O.
  explicit Replayer(ReplayerOptions options);
  ~Replayer();
  Replayer(Replayer&&) noexcept;
  Replayer& operator=(Replayer&&) noexcept;

  // One after another, in their order. Blocks. Throws std::invalid_argument for a history that does
  // not begin with the start of a workflow.
  std::vector<ReplayResult> replay(const std::vector<History>& histories) const;
  ReplayResult replay(const History& history) const;

 private:
  std::unique_ptr<const ReplayerOptions> options_;
};

}  // namespace temporal
