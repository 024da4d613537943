// Interceptors of workflows: classes that see, and may change, what goes into a run and what it asks
// for. Virtual functions forward by default, so one overrides only what it is for:
//
//   struct Tag final : workflow::OutboundInterceptor {
//     workflow::Future<Value> execute_activity(workflow::ActivityInput in) override {
//       in.headers["tenant"] = tenant;
//       return next->execute_activity(std::move(in));
//     }
//   };
//   worker_options.workflow_interceptors = {[] {
//     return workflow::Interceptors{.outbound = std::make_unique<Tag>()};
//   }};
//
// They run inside the workflow: what holds for workflow code (no clock, no I/O, no thread) holds here.
// A factory is called once for each run; the first listed is outermost; `next` is set before the first
// call and outlives the last. A call that makes a command returns a Future, never a Task, because the
// command is recorded at the call; who wants its result returns workflow::spawn(a Task of its own).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "temporal/definition.h"
#include "temporal/scope.h"
#include "temporal/workflow_options.h"

namespace temporal {

namespace workflow {

struct ActivityInput {
  std::string name = {};
  ActivityOptions options = {};
  Headers headers = {};
  Values args = {};
};
struct LocalActivityInput {
  std::string name = {};
  LocalActivityOptions options = {};
  Headers headers = {};
  Values args = {};
};
struct TimerInput {
  milliseconds duration = {};
  TimerOptions options = {};
};
struct ChildWorkflowInput {
  std::string name = {};
  ChildWorkflowOptions options = {};
  Headers headers = {};
  Values args = {};
};
// Of a child, when only its id is known and it is this run's; of any workflow otherwise.
struct SignalInput {
  std::string name = {};
  std::string workflow_id = {};
  std::string run_id = {};  // unset: the latest
  bool child = false;
  Headers headers = {};
  Values args = {};
};
struct CancelExternalInput {
  std::string workflow_id = {};
  std::string run_id = {};  // unset: the latest
  std::string reason = {};
};
struct SignalWithStartInput {
  std::string workflow_type = {};
  SignalWithStartOptions options = {};
  Headers headers = {};  // of the start and of the signal: the server has one for both
  Values args = {};
  std::string signal_name = {};
  Values signal_args = {};
};
struct ContinueAsNewInput {
  std::string name = {};
  ContinueAsNewOptions options = {};
  Headers headers = {};
  Values args = {};
};

// A child that was asked for: `started` gives the id of its first run.
struct ChildWorkflow {
  std::string id = {};
  Future<std::string> started;
  Future<Value> result;
};

class OutboundInterceptor {
 public:
  OutboundInterceptor() = default;
  OutboundInterceptor(const OutboundInterceptor&) = delete;
  OutboundInterceptor& operator=(const OutboundInterceptor&) = delete;
  virtual ~OutboundInterceptor();
  virtual Future<Value> execute_activity(ActivityInput in);
  virtual Future<Value> execute_local_activity(LocalActivityInput in);
  virtual Future<void> start_timer(TimerInput in);
  virtual ChildWorkflow start_child_workflow(ChildWorkflowInput in);
  virtual Future<void> signal(SignalInput in);
  virtual Future<void> cancel_external(CancelExternalInput in);
  virtual Future<std::string> signal_with_start(SignalWithStartInput in);  // gives the run's id
  virtual ContinueAsNewInput continue_as_new(ContinueAsNewInput in);  // gives what is to be used
  OutboundInterceptor* next = nullptr;
};

struct ExecuteInput {
  Headers headers = {};
  Values args = {};
};
struct HandlerInput {  // of a signal, a query or an update
  std::string name = {};
  std::string id = {};  // of the update or query
  Headers headers = {};
  Values args = {};
};

class InboundInterceptor {
 public:
  InboundInterceptor() = default;
  InboundInterceptor(const InboundInterceptor&) = delete;
  InboundInterceptor& operator=(const InboundInterceptor&) = delete;
  virtual ~InboundInterceptor();
  virtual Task<Value> execute(ExecuteInput in);
  virtual Task<Value> handle_signal(HandlerInput in);    // gives an empty Value
  virtual void validate_update(const HandlerInput& in);  // throws to reject; makes no command
  virtual Task<Value> handle_update(HandlerInput in);
  virtual Value handle_query(HandlerInput in);  // makes no command
  InboundInterceptor* next = nullptr;
};

struct Interceptors {  // of one run; either may be null
  std::unique_ptr<InboundInterceptor> inbound = {};
  std::unique_ptr<OutboundInterceptor> outbound = {};
};
using InterceptorFactory = std::function<Interceptors()>;

}  // namespace workflow
}  // namespace temporal
