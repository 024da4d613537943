// What the simulator knows of one run of a workflow, as a server would.
#pragma once
#include <temporal/api/failure/v1/message.pb.h>
#include <temporal/api/history/v1/message.pb.h>
#include <temporal/api/update/v1/message.pb.h>
#include <temporal/api/workflowservice/v1/request_response.pb.h>
#include <temporal/sdk/core/activity_task/activity_task.pb.h>
#include <temporal/sdk/core/child_workflow/child_workflow.pb.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "testing/virtual_clock.h"
#include "worker/codec.h"
#include "workflow/instance.h"

namespace temporal::testing {

namespace activation = coresdk::workflow_activation;
namespace commands = coresdk::workflow_commands;
namespace core_child = coresdk::child_workflow;
namespace enums = temporal::api::enums::v1;
namespace service = temporal::api::workflowservice::v1;
using temporal::api::history::v1::HistoryEvent;
using ProtoFailure = temporal::api::failure::v1::Failure;
using ProtoPayloads = temporal::api::common::v1::Payloads;
using Job = activation::WorkflowActivationJob;

class Attempt;
struct Run;

// An activity of a run, until it is resolved.
struct Activity {
  enum class State { queued, running, backing_off, elsewhere };
  coresdk::activity_task::Start task = {};  // of its next attempt, or of the one that runs
  std::uint32_t seq = 0;
  std::string task_queue = {};
  commands::ActivityCancellationType cancellation = commands::TRY_CANCEL;
  std::chrono::milliseconds schedule_to_start = {}, local_retry_threshold = {};
  State state = State::queued;
  bool cancel_requested = false;
  std::optional<ProtoFailure> last_failure = {};
  VirtualClock::Id schedule_to_close_due = 0, schedule_to_start_due = 0, start_to_close_due = 0,
                   heartbeat_due = 0, retry_due = 0;
  std::shared_ptr<Attempt> attempt = {};  // while one runs

  const std::string& type() const { return task.activity_type(); }
};

struct Child {
  core_child::ChildWorkflowCancellationType cancellation = core_child::ABANDON;
  std::string workflow_id = {}, run_id = {}, type = {};
  bool resolved = false;  // for the parent, which has asked it to cancel and goes on
};

struct Update {
  temporal::api::update::v1::Request request = {};
  bool accepted = false;
  std::optional<temporal::api::update::v1::Outcome> outcome = {};
};

struct Parent {
  std::weak_ptr<Run> run = {};
  std::uint32_t seq = 0;
  core_child::ParentClosePolicy policy = core_child::PARENT_CLOSE_POLICY_TERMINATE;
};

struct Run {
  // Its memo and search attributes are those it now has.
  service::StartWorkflowExecutionRequest start = {};
  std::string run_id = {}, first_run_id = {}, continued_run_id = {};
  enums::ContinueAsNewInitiator initiator = enums::CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED;
  std::optional<ProtoFailure> continued_failure = {};
  int attempt = 1;
  std::uint64_t seed = 0;
  std::optional<Parent> parent = {};
  std::optional<temporal::api::common::v1::WorkflowExecution> root = {};

  enums::WorkflowExecutionStatus status = enums::WORKFLOW_EXECUTION_STATUS_RUNNING;
  VirtualClock::Time started = {}, execution_began = {}, closed = {};
  std::optional<VirtualClock::Time> expires = {};  // the whole chain
  HistoryEvent close_event = {};
  std::uint32_t events = 1;  // as many as a history would have, about
  bool cancel_requested = false;
  std::string cancel_reason = {};
  std::set<std::string> signal_ids = {};

  std::unique_ptr<Instance> instance = {};
  std::optional<temporal::detail::WorkflowCodec> codec = {};
  std::vector<Job> jobs = {};     // for its next task
  bool began = false;             // its first task is, or was, to be done
  bool ready = false;             // it stands in the queue of tasks
  std::string task_failure = {};  // why its task fails, again and again
  std::string no_worker = {};     // whom it waits for

  std::map<std::uint32_t, VirtualClock::Id> timers = {};
  std::map<std::uint32_t, std::shared_ptr<Activity>> activities = {};
  std::map<std::uint32_t, Child> children = {};
  std::map<std::string, Update> updates = {};
  VirtualClock::Id begin_due = 0, run_due = 0;

  const std::string& id() const { return start.workflow_id(); }
  const std::string& type() const { return start.workflow_type().name(); }
  const std::string& task_queue() const { return start.task_queue().name(); }
  bool open() const { return status == enums::WORKFLOW_EXECUTION_STATUS_RUNNING; }
};
// "workflow 1 (Loan, run 7)"
inline std::string sentence(const Run& run) {
  return "workflow " + run.id() + " (" + run.type() + ", run " + run.run_id + ")";
}
// Whether its id may not be used again, once it has closed.
inline bool keeps_its_id(const Run& run, enums::WorkflowIdReusePolicy reuse) {
  return reuse == enums::WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE ||
         (reuse == enums::WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY &&
          run.status == enums::WORKFLOW_EXECUTION_STATUS_COMPLETED);
}
using RunPtr = std::shared_ptr<Run>;
using ActivityPtr = std::shared_ptr<Activity>;

}  // namespace temporal::testing
