// The simulator: a Transport that answers a client as a server would, and runs its workflows and
// activities in this process. What is private runs on its loop's thread; simulator.cpp has that life,
// and each other concept a file of its own.
#pragma once
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/proto.h"
#include "temporal/testing.h"
#include "testing/attempt.h"
#include "testing/loop.h"
#include "testing/run.h"
#include "testing/virtual_clock.h"

namespace temporal::testing {

// A worker on one task queue, or, without one, on all that have none.
struct Hosted {
  std::uint64_t id = 0;
  std::string task_queue = {};
  Registry registry = {};
  bool local_activities_only = false;
  std::vector<workflow::FailureType> failure_types = {};
  workflow::PatchActivationCallback patch_activation_callback = {};
  std::vector<workflow::InterceptorFactory> workflow_interceptors = {};
  std::vector<ActivityInterceptorFactory> activity_interceptors = {};
  std::shared_ptr<Executor> executor = {};  // unset: the runtime's
};

class Simulator final : public Transport, private Things {
 public:
  // `options.client` has its identity and runtime filled in.
  explicit Simulator(SimulatedOptions options);
  ~Simulator() override { end(); }

  void call(RpcRequest request, std::stop_token stop, Answered answered) override;
  void sleep(std::chrono::milliseconds duration);  // blocks
  Time now() const { return clock_.now(); }
  // Any thread; each returns when it is done.
  std::uint64_t add_host(Hosted host);
  void remove_host(std::uint64_t id);
  void end();  // may be repeated; waits for the activities

 private:
  // simulator.cpp
  bool step() override;
  std::optional<std::chrono::steady_clock::time_point> busy_until() const override;
  bool time_may_jump() const override;
  void do_on_loop(std::move_only_function<void()> work);
  void take_up_what_waits();
  const Hosted* host_of_workflows(const std::string& task_queue) const;
  const Hosted* host_of_activities(const std::string& task_queue) const;

  // runs.cpp: their lives.
  std::string new_id();
  RunPtr start(service::StartWorkflowExecutionRequest request, const Run* before,
               std::optional<Parent> parent, std::chrono::milliseconds delay);
  void begin(const RunPtr& run);
  RunPtr current(const std::string& workflow_id) const;  // the latest; null: none
  RunPtr find(const std::string& workflow_id, const std::string& run_id) const;
  void add_job(const RunPtr& run, Job job);
  void request_cancel(const RunPtr& run, const std::string& reason);
  void terminate(const RunPtr& run, const std::string& reason, const std::string& identity,
                 const ProtoPayloads* details = nullptr);
  void time_out(const RunPtr& run);
  bool retry(const RunPtr& run, const ProtoFailure& failure, HistoryEvent& event,
             enums::RetryState& state);
  void close(const RunPtr& run, enums::WorkflowExecutionStatus status, HistoryEvent event);
  void end_updates(Run& run);
  void tell_parent(const RunPtr& run);
  void forget_old();

  // tasks.cpp: workflow tasks, and what their commands do.
  bool activate(const RunPtr& run, std::vector<Job> jobs);
  bool make_instance(const RunPtr& run);
  std::optional<coresdk::workflow_completion::WorkflowActivationCompletion> run_instance(
      Run& run, activation::WorkflowActivation message);
  void apply(const RunPtr& run, const commands::WorkflowCommand& command);
  void apply_end(const RunPtr& run, const commands::WorkflowCommand& command);
  void start_timer(const RunPtr& run, const commands::StartTimer& command);
  void answer_update(Run& run, const commands::UpdateResponse& response);
  void fail(const RunPtr& run, const ProtoFailure& failure);
  void continue_as_new(const RunPtr& run, const commands::ContinueAsNewWorkflowExecution& command);
  Job initialize(const Run& run) const;

  // others.cpp: children and other workflows.
  void start_child(const RunPtr& run, const commands::StartChildWorkflowExecution& command);
  void cancel_child(const RunPtr& run, const commands::CancelChildWorkflowExecution& command);
  void signal_other(const RunPtr& run, const commands::SignalExternalWorkflowExecution& command);
  void cancel_other(const RunPtr& run,
                    const commands::RequestCancelExternalWorkflowExecution& command);

  // activities.cpp
  template <class Schedule>  // an activity, or a local one
  void schedule(const RunPtr& run, const Schedule& command, bool local);
  void queue_attempt(const RunPtr& run, const ActivityPtr& activity);
  bool start_attempt();
  void completed(const std::string& token, const std::string& completion);
  void heartbeat(const RunPtr& run, const ActivityPtr& activity, const ProtoPayloads& details);
  void request_cancel(const RunPtr& run, std::uint32_t seq);
  void attempt_failed(const RunPtr& run, const ActivityPtr& activity, const ProtoFailure& failure);
  void attempt_timed_out(const RunPtr& run, const ActivityPtr& activity, enums::TimeoutType type);
  void resolve(const RunPtr& run, const ActivityPtr& activity,
               coresdk::activity_result::ActivityResolution resolution);
  void forget_attempt(const ActivityPtr& activity,
                      coresdk::activity_task::ActivityCancelReason reason);
  void clear_due(Activity& activity);
  void end_activities(const RunPtr& run);
  std::pair<RunPtr, ActivityPtr> by_token(const std::string& token) const;
  std::pair<RunPtr, ActivityPtr> by_id(const std::string& workflow_id, const std::string& run_id,
                                       const std::string& activity_id) const;

  // calls.cpp and activity_calls.cpp: what a client asks.
  Ask ask(const RpcRequest& request);
  RunPtr required(const std::string& workflow_id, const std::string& run_id) const;
  RunPtr required_open(const std::string& workflow_id, const std::string& run_id) const;
  void check_first_run(const Run& run, const std::string& first_run_id) const;
  struct Started {
    RunPtr run;
    bool now = true;  // false: it was there
  };
  Started start_or_use(service::StartWorkflowExecutionRequest request);
  Ask start_workflow(service::StartWorkflowExecutionRequest request);
  Ask signal_with_start(service::SignalWithStartWorkflowExecutionRequest request);
  Ask multi_operation(service::ExecuteMultiOperationRequest request);
  Ask signal_workflow(service::SignalWorkflowExecutionRequest request);
  Ask query(service::QueryWorkflowRequest request);
  Ask update(service::UpdateWorkflowExecutionRequest request);
  Ask poll_update(service::PollWorkflowExecutionUpdateRequest request);
  Ask history(service::GetWorkflowExecutionHistoryRequest request);
  Ask describe(service::DescribeWorkflowExecutionRequest request);
  Ask list(service::ListWorkflowExecutionsRequest request);
  Ask count(service::CountWorkflowExecutionsRequest request);
  Ask cancel(service::RequestCancelWorkflowExecutionRequest request);
  Ask terminate_workflow(service::TerminateWorkflowExecutionRequest request);
  std::optional<Ask> ask_of_activity(const RpcRequest& request);
  void finish_attempt(const RunPtr& run, const ActivityPtr& activity,
                      const coresdk::activity_result::ActivityExecutionResult& result);
  void signal(const RunPtr& run, activation::SignalWorkflow job);
  std::optional<service::UpdateWorkflowExecutionResponse> update_response(
      const Run& run, const std::string& id,
      enums::UpdateWorkflowExecutionLifecycleStage stage) const;
  std::optional<commands::QueryResult> answer_query(const RunPtr& run, const std::string& type,
                                                    const temporal::detail::PayloadList& args,
                                                    const temporal::detail::PayloadMap& headers);
  void send_update(const RunPtr& run, const service::UpdateWorkflowExecutionRequest& request);
  void check_task(const Run& run) const;  // throws where its task fails

  // descriptions.cpp
  std::string waits_for(const Activity& activity) const;
  std::string waits_for(const RunPtr& run);  // "workflow 1 waits for …"
  std::string stack_trace(const RunPtr& run);

  const SimulatedOptions options_;
  const Logger logger_;
  VirtualClock clock_;
  std::list<Hosted> hosts_;
  std::map<std::string, RunPtr> runs_;                        // by run id
  std::map<std::string, RunPtr> latest_;                      // by workflow id
  std::deque<RunPtr> ready_;                                  // their tasks are to be done
  std::deque<std::pair<RunPtr, ActivityPtr>> to_start_;       // attempts
  std::map<std::string, std::shared_ptr<Attempt>> attempts_;  // those that run, by task token
  std::deque<std::string> closed_;                            // run ids, the oldest first
  std::uint64_t last_id_ = 0, last_host_ = 0;
  std::mutex ending_;
  bool ended_ = false;
  Loop loop_;  // last
};

// What the server says, as gRPC does.
[[noreturn]] void refuse(RpcCode code, const std::string& what);
[[noreturn]] void refuse(RpcCode code, const std::string& what,
                         const google::protobuf::Message& detail);

}  // namespace temporal::testing
