// One workflow run as a pure function: Completion activate(Activation). Toy forms of Core's
// messages.
#pragma once
#include <deque>
#include <list>

#include "temporal/workflow.h"

namespace temporal {

struct InitializeWorkflow {
  std::vector<Payload> args;
};
struct SignalWorkflow {
  std::string name;
  std::vector<Payload> args;
};
struct DoUpdate {
  std::string id, name;
  std::vector<Payload> args;
  bool run_validator = true;
};
struct CancelWorkflow {
  std::string reason;
};
struct FireTimer {
  unsigned seq;
};
struct ResolveActivity {
  unsigned seq;
  std::variant<Payload, Failure> result;
};
struct QueryWorkflow {
  std::string id, name;
  std::vector<Payload> args;
};
struct RemoveFromCache {};
using Job = std::variant<InitializeWorkflow, SignalWorkflow, DoUpdate, CancelWorkflow, FireTimer,
                         ResolveActivity, QueryWorkflow, RemoveFromCache>;
struct Activation {
  std::vector<Job> jobs;
  bool is_replaying = false;
};

struct Command {  // kind is Core's word
  std::string kind;
  unsigned seq = 0;
  std::string name = {}, text = {};
  workflow::ActivityOptions options = {};
  Headers headers = {};
  bool operator==(const Command& o) const {
    return kind == o.kind && seq == o.seq && name == o.name && text == o.text &&
           headers == o.headers;
  }
};
struct Completion {
  std::vector<Command> commands;
  std::exception_ptr task_failure = {};
};

namespace detail {

struct Run : workflow::OutboundInterceptor {
  WorkflowDefinition definition;
  OutboundInterceptor* outbound = this;
  std::shared_ptr<ScopeState> root = std::make_shared<ScopeState>();
  std::shared_ptr<void> object;
  State main, canceled = std::make_shared<FutureState>();
  PromiseBase* running = nullptr;
  bool dead = false, read_only = false, ended = false;
  unsigned activities = 0, timers = 0;
  std::map<unsigned, State> pending_activities;
  std::map<unsigned, std::function<void()>> pending_timers;
  std::vector<std::weak_ptr<FutureState>> conditions;
  std::deque<std::function<void()>> ready;
  std::list<std::coroutine_handle<>> frames;  // of run, handlers and spawned tasks, oldest first
  std::vector<std::coroutine_handle<>> finished;
  Completion completion;

  workflow::Future<Value> execute_activity(workflow::ActivityInput in) override;
  unsigned start_timer(Millis, std::function<void()> fired);
  bool cancel_timer(unsigned seq);
  std::shared_ptr<ScopeState> scope_for_command(const char* what);
  void apply(Job& job);
  void start_handler(const std::map<std::string, WorkflowDefinition::Bind>&,
                     const std::string& name, Values, DoUpdate*);
  void start(workflow::Task<Value> task, State state);
  void drain();
  bool resume_one_condition();
  void answer(const QueryWorkflow&);
  void finish();
  void evict();
};

}  // namespace detail

class Instance {
 public:
  explicit Instance(WorkflowDefinition,
                    std::vector<std::unique_ptr<workflow::OutboundInterceptor>> = {});
  ~Instance();
  Completion activate(Activation);

 private:
  void run_activation(std::vector<Job>& jobs, bool first, bool mutates);
  std::vector<std::unique_ptr<workflow::OutboundInterceptor>> interceptors_;
  detail::Run run_;
};

}  // namespace temporal
