// Interceptors of a client: classes whose virtual functions see, change or replace its calls. The
// defaults forward, so override only what you need:
//
//   struct Trace final : temporal::ClientInterceptor {
//     temporal::Async<temporal::StartedWorkflow> start_workflow(
//         temporal::StartWorkflowInput input) override {
//       input.headers["trace"] = …;
//       co_return co_await next->start_workflow(std::move(input));
//     }
//   };
//   Client::connect({.interceptors = {std::make_shared<Trace>()}});
//
// The first listed is outermost. One object serves one client; `next` is set by it and outlives
// every call. Threads: any, many at once.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "temporal/async.h"
#include "temporal/client_calls.h"
#include "temporal/history.h"
#include "temporal/schedule.h"
#include "temporal/workflow_description.h"

namespace temporal {

struct StartWorkflowInput {
  std::string workflow_type = {};
  WorkflowOptions options = {};
  Values args = {};
  Headers headers = {};
  std::optional<SignalCall> signal = {};  // set: signal-with-start
};
struct StartedWorkflow {
  std::string workflow_id = {};
  std::string run_id = {};
  bool started =
      true;  // false: one of that id ran already, and id_conflict_policy allows to use it
};

// A workflow by its id, and a run of it; without a run id, the latest.
struct SignalWorkflowInput {
  WorkflowExecutionId workflow = {};
  std::string name = {};
  SignalOptions options = {};
  Values args = {};
  Headers headers = {};
};
struct QueryWorkflowInput {
  WorkflowExecutionId workflow = {};
  std::string name = {};
  QueryOptions options = {};
  Values args = {};
  Headers headers = {};
};
struct StartUpdateInput {
  WorkflowExecutionId workflow = {};
  std::string name = {};
  UpdateOptions options = {};
  Values args = {};
  Headers headers = {};
};
struct UpdateWithStartInput {
  StartWorkflowInput start = {};
  StartUpdateInput update = {};  // its workflow is the one of `start`
};
// Where an update is. Its outcome is a value or a failure; neither where it is not known yet.
struct UpdateState {
  WorkflowExecutionId workflow = {};
  std::string update_id = {};
  std::optional<Value> result = {};
  std::optional<Failure> failure = {};
};
struct UpdateResultInput {
  WorkflowExecutionId workflow = {};
  std::string update_id = {};
  RpcOptions rpc = {};
};
struct WorkflowResultInput {
  WorkflowExecutionId workflow = {};
  ResultOptions options = {};
};
struct DescribeWorkflowInput {
  WorkflowExecutionId workflow = {};
  RpcOptions rpc = {};
};
struct CancelWorkflowInput {
  WorkflowExecutionId workflow = {};
  std::string first_execution_run_id = {};
  CancelOptions options = {};
};
struct TerminateWorkflowInput {
  WorkflowExecutionId workflow = {};
  std::string first_execution_run_id = {};
  TerminateOptions options = {};
};
struct FetchHistoryInput {
  WorkflowExecutionId workflow = {};
  HistoryOptions options = {};
};

// An activity that somebody else completes: by its task token, or by workflow and activity id.
struct AsyncActivityId {
  std::string task_token = {};  // bytes; set: the rest is not needed
  WorkflowExecutionId workflow = {};
  std::string activity_id = {};
};
struct CompleteActivityInput {
  AsyncActivityId activity = {};
  Value result = {};
  RpcOptions rpc = {};
};
struct FailActivityInput {
  AsyncActivityId activity = {};
  Failure failure;
  Values last_heartbeat_details = {};
  RpcOptions rpc = {};
};
struct CancelActivityInput {
  AsyncActivityId activity = {};
  Values details = {};
  RpcOptions rpc = {};
};
struct HeartbeatActivityInput {
  AsyncActivityId activity = {};
  Values details = {};
  RpcOptions rpc = {};
};
struct HeartbeatActivityResult {  // what is asked of the activity
  bool cancel_requested = false;
  bool paused = false;
  bool reset = false;
};

class ClientInterceptor {
 public:
  ClientInterceptor() = default;
  ClientInterceptor(const ClientInterceptor&) = delete;
  ClientInterceptor& operator=(const ClientInterceptor&) = delete;
  virtual ~ClientInterceptor();

  virtual Async<StartedWorkflow> start_workflow(StartWorkflowInput input);
  virtual Async<UpdateState> start_update_with_start(UpdateWithStartInput input);
  virtual Async<void> signal_workflow(SignalWorkflowInput input);
  virtual Async<Value> query_workflow(QueryWorkflowInput input);
  virtual Async<UpdateState> start_update(StartUpdateInput input);
  virtual Async<UpdateState> update_result(UpdateResultInput input);  // waits for the outcome
  virtual Async<Value> workflow_result(WorkflowResultInput input);
  virtual Async<WorkflowDescription> describe_workflow(DescribeWorkflowInput input);
  virtual Async<void> cancel_workflow(CancelWorkflowInput input);
  virtual Async<void> terminate_workflow(TerminateWorkflowInput input);
  virtual Async<HistoryPage> fetch_history_page(FetchHistoryInput input);
  virtual Async<ListPage> list_workflows(ListOptions options);
  virtual Async<WorkflowCount> count_workflows(CountOptions options);
  virtual Async<void> create_schedule(CreateScheduleInput input);
  virtual Async<ScheduleDescription> describe_schedule(DescribeScheduleInput input);
  virtual Async<void> patch_schedule(PatchScheduleInput input);  // trigger, backfill, (un)pause
  virtual Async<void> update_schedule(UpdateScheduleInput input);
  virtual Async<void> delete_schedule(DeleteScheduleInput input);
  virtual Async<SchedulePage> list_schedules(ScheduleListOptions options);
  virtual Async<void> complete_activity(CompleteActivityInput input);
  virtual Async<void> fail_activity(FailActivityInput input);
  virtual Async<void> cancel_activity(CancelActivityInput input);
  virtual Async<HeartbeatActivityResult> heartbeat_activity(HeartbeatActivityInput input);

  ClientInterceptor* next = nullptr;
};

namespace detail {

// The chain of a client: its interceptors, then the calls themselves.
class ClientCore;
ClientInterceptor& outermost(const std::shared_ptr<ClientCore>& core);

// The chain lives as long as a call that goes through it.
template <class T>
Async<T> keeping(std::shared_ptr<ClientCore>, Async<T> call) {
  if constexpr (std::is_void_v<T>)
    co_await std::move(call);
  else
    co_return co_await std::move(call);
}
template <class R>
Async<R> decoded(std::shared_ptr<ClientCore>, Async<Value> value) {
  if constexpr (std::is_void_v<R>)
    co_await std::move(value);
  else
    co_return (co_await std::move(value)).template as<R>();
}

}  // namespace detail
}  // namespace temporal
