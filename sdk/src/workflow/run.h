// The state of one run. Each concept's functions are in a file of its own: coroutines.cpp (the queue
// and the frames), scope.cpp, activities.cpp, timers.cpp, other_workflows.cpp, handlers.cpp,
// attributes.cpp, ending.cpp; instance.cpp applies the jobs.
#pragma once
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "data/proto.h"
#include "temporal/workflow.h"
#include "workflow/instance.h"
#include "workflow/meter.h"

namespace temporal::detail {

namespace activation = coresdk::workflow_activation;
namespace commands = coresdk::workflow_commands;
using namespace std::chrono_literals;

// Signals that wait for set_signal_handler; more are dropped, with a line in the log. The server's own
// limit of signals to one run is the same by default (limit.numSignals…: 10,000).
inline constexpr std::size_t kMaxBufferedSignals = 10'000;

// The activation does not fit what the workflow's code did before it.
struct Nondeterminism : std::runtime_error {
  explicit Nondeterminism(const std::string& what)
      : std::runtime_error("[TMPRL1100] " + what +
                           ": the workflow's code does not do what it did when its history was "
                           "written. See patched() in temporal/workflow.h.") {}
};

// What leaves run by workflow::continue_as_new.
struct ContinueAsNew {
  workflow::ContinueAsNewInput in;
};

struct ConditionState final : FutureState {
  std::move_only_function<bool()> predicate = {};
  std::uint32_t timer = 0;  // 0: without timeout
  void release() override { predicate = nullptr; }
};

struct Ready {  // either goes on
  std::coroutine_handle<> frame = {};
  std::move_only_function<void()> start = {};
};
struct Timer {  // one of the two
  State sleep = {};
  std::weak_ptr<FutureState> condition = {};
};
struct Activity {
  State state = {};
  SerializationContext context = {};
  // Of a local activity: the command, to be made again after a backoff.
  std::unique_ptr<commands::WorkflowCommand> again = {};
};
Failure of_local_activity(const Activity& local, Failure cause);

struct Child {
  State started = {};
  State result = {};
  SerializationContext context = {};
  std::string id = {};
  std::string type = {};
  bool waits_for_request = false;  // wait_cancellation_requested
};

struct RunningHandler {
  std::string name = {};
  std::optional<std::string> update_id = {};  // unset: a signal's
  workflow::HandlerUnfinishedPolicy policy = {};
};

class Inbound final : public workflow::InboundInterceptor {  // the innermost
 public:
  explicit Inbound(Run& run) : run_(run) {}
  workflow::Task<Value> execute(workflow::ExecuteInput in) override;
  workflow::Task<Value> handle_signal(workflow::HandlerInput in) override;
  void validate_update(const workflow::HandlerInput& in) override;
  workflow::Task<Value> handle_update(workflow::HandlerInput in) override;
  Value handle_query(workflow::HandlerInput in) override;

 private:
  Run& run_;
};

class Outbound final : public workflow::OutboundInterceptor {  // the innermost
 public:
  explicit Outbound(Run& run) : run_(run) {}
  workflow::Future<Value> execute_activity(workflow::ActivityInput in) override;
  workflow::Future<Value> execute_local_activity(workflow::LocalActivityInput in) override;
  workflow::Future<void> start_timer(workflow::TimerInput in) override;
  workflow::ChildWorkflow start_child_workflow(workflow::ChildWorkflowInput in) override;
  workflow::Future<void> signal(workflow::SignalInput in) override;
  workflow::Future<void> cancel_external(workflow::CancelExternalInput in) override;
  workflow::Future<std::string> signal_with_start(workflow::SignalWithStartInput in) override;
  workflow::ContinueAsNewInput continue_as_new(workflow::ContinueAsNewInput in) override;

 private:
  Run& run_;
};

// The sink of workflow::logger(), which may outlive the run.
class ReplaySafeSink final : public LogSink {
 public:
  explicit ReplaySafeSink(std::shared_ptr<LogSink> sink) : sink_(std::move(sink)) {}
  void write(const LogRecord& record) override {
    if (!silent) sink_->write(record);
  }
  LogLevel least() const override { return sink_->least(); }
  bool silent = false;

 private:
  std::shared_ptr<LogSink> sink_;
};

struct Run {
  Run(std::shared_ptr<const WorkflowDefinition> d, InstanceOptions o);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  std::shared_ptr<const WorkflowDefinition> definition;
  InstanceOptions options;
  Inbound innermost_inbound{*this};
  Outbound innermost_outbound{*this};
  std::vector<workflow::Interceptors> interceptors;
  workflow::InboundInterceptor* inbound = &innermost_inbound;
  workflow::OutboundInterceptor* outbound = &innermost_outbound;

  // The activation being processed.
  coresdk::workflow_completion::Success* made = nullptr;
  std::exception_ptr task_failure = {};
  std::chrono::system_clock::time_point time = {};
  bool replaying = false;
  bool read_only = false;
  bool dead = false;   // evicted: nothing of the user's runs but destructors
  bool ended = false;  // the last command is made
  int allowed = 0;     // how many sections is it in that may call anything; determinism.cpp

  // instance.cpp
  void activate(const activation::WorkflowActivation& a);
  void apply(const activation::WorkflowActivationJob& job);
  void initialize(const activation::InitializeWorkflow& job);
  void start_main();
  void evict();
  commands::WorkflowCommand& command();  // in the event groups of the current scope
  void check_not_read_only(const char* what) const;

  // determinism.cpp: where the code was
  std::source_location last_at = {};
  std::vector<std::source_location> made_after;  // of each command, where places are kept
  std::vector<std::pair<CommandId, std::source_location>> awaited;
  std::vector<std::string> places;
  void keep_places();

  // coroutines.cpp: who runs, who is next, and the frames nobody awaits.
  std::deque<Ready> ready;
  PromiseBase* running = nullptr;
  PromiseBase* oldest = nullptr;
  PromiseBase* newest = nullptr;
  std::vector<PromiseBase*> finished;
  void drain();
  void link(PromiseBase& promise);
  void destroy(PromiseBase& promise);
  void destroy_finished();
  void start(workflow::Task<Value> task, const State& state,
             std::shared_ptr<const workflow::UpdateInfo> update = {});
  std::optional<Failure> as_failure(const std::exception_ptr& error) const;

  // scope.cpp
  std::shared_ptr<ScopeState> root = std::make_shared<ScopeState>();
  State cancel_request = std::make_shared<FutureState>();
  std::shared_ptr<ScopeState> scope_for_command(const char* what) const;
  bool refused(const std::shared_ptr<ScopeState>& scope, const State& state) const;
  std::shared_ptr<const tracing::SpanContext> span;  // of what is in no handler's scope
  void cancel_command(FutureState& state, const std::string& reason);
  const ScopeState& current_scope() const { return running ? *running->scope : *root; }
  std::shared_ptr<const workflow::UpdateInfo> validated;  // whose validator runs
  const workflow::UpdateInfo* current_update() const;
  std::uint32_t event_groups = 0;
  void add_event_groups(commands::WorkflowCommand& command, const ScopeState& scope) const;

  // activities.cpp: one counter, as both kinds are resolved by ResolveActivity.
  std::uint32_t activities = 0;
  std::map<std::uint32_t, Activity> pending_activities;
  std::map<std::uint32_t, Activity> backing_off;  // local ones, by the seq of their timer
  void schedule_local_activity(Activity local);
  void resolve(const activation::ResolveActivity& job);
  void back_off(Activity local, const coresdk::activity_result::DoBackoff& how);

  // timers.cpp
  std::uint32_t timers = 0;
  std::map<std::uint32_t, Timer> pending_timers;
  std::vector<std::weak_ptr<ConditionState>> conditions;
  std::uint32_t start_timer(std::chrono::milliseconds duration, const std::string& summary);
  void cancel_timer(std::uint32_t seq);
  void fire(std::uint32_t seq);
  State wait_until(std::move_only_function<bool()> predicate,
                   std::optional<std::chrono::milliseconds> timeout, const std::string& summary);
  bool resume_one_condition();

  // other_workflows.cpp
  std::uint32_t children = 0, signals_sent = 0, cancels_sent = 0;
  std::map<std::uint32_t, Child> pending_children;
  std::map<std::uint32_t, State> pending_signals;
  std::map<std::uint32_t, State> pending_cancels;
  struct ChildCancel {
    std::uint32_t child = 0;
    std::string reason = {};
  };
  std::map<std::uint32_t, ChildCancel> pending_child_cancels;  // by the seq of the request
  void resolve(const activation::ResolveChildWorkflowExecutionStart& job);
  void resolve(const activation::ResolveChildWorkflowExecution& job);
  void cancel_child(std::uint32_t seq, const std::string& reason);
  void child_was_asked(std::uint32_t seq, const std::string& reason);
  Failure child_failure(const Child& child, std::string message, RetryState retry_state,
                        Failure cause) const;
  void resolve(const activation::ResolveSignalExternalWorkflow& job);
  void resolve(const activation::ResolveRequestCancelExternalWorkflow& job);

  // signal_with_start.cpp
  std::uint32_t nexus_operations = 0;
  std::map<std::uint32_t, State> pending_signals_with_start;
  void resolve(const activation::ResolveNexusOperationStart& job);
  void resolve(const activation::ResolveNexusOperation& job);

  // side_effects.cpp
  std::map<std::string, Value, std::less<>> mutable_side_effects;

  // handlers.cpp
  std::shared_ptr<void> object;
  const WorkflowDefinition::Handlers* handlers = &definition->handlers;
  std::unique_ptr<WorkflowDefinition::Handlers> own_handlers;  // once the run has bound one
  std::deque<activation::SignalWorkflow> buffered_signals;
  std::vector<const activation::DoUpdate*> buffered_updates;  // of this activation
  std::list<const RunningHandler*> running_handlers;
  void warn_of_unfinished_handlers() const;
  void take_signal(const activation::SignalWorkflow& job);
  void take_update(const activation::DoUpdate& job);
  void buffer(const activation::SignalWorkflow& job);
  void release_buffered();
  void reject_buffered_updates();
  void reject(const activation::DoUpdate& job, const Failure& why);
  void start_signal(const activation::SignalWorkflow& job);
  void start_update(const activation::DoUpdate& job);
  void answer(const activation::QueryWorkflow& job);

  // self_description.cpp: what it tells those who ask by Temporal's own queries.
  std::string current_details;
  Value of_itself(std::string_view query) const;

  // attributes.cpp
  workflow::Info info;
  std::uint64_t randomness_seed = 0;
  std::unique_ptr<workflow::Random> random;  // made when it is first asked for: it is 2.5 KB
  workflow::Random& made_random();
  std::map<std::string, workflow::Random, std::less<>> random_streams;
  void reseed(std::uint64_t seed);
  std::map<std::string, Value> memo;
  std::optional<Value> last_completion_result;
  std::optional<Failure> last_failure;
  SearchAttributes search_attributes;
  std::set<std::string, std::less<>> notified_patches;
  std::map<std::string, bool, std::less<>> patches;
  std::shared_ptr<ReplaySafeSink> log_sink;  // null where the options have none
  std::shared_ptr<ReplaySafeMeter> meter;    // made when it is first asked for
  bool patch(std::string_view id, bool deprecated);
  Logger logger() const;
  MetricMeter& metric_meter();

  // ending.cpp
  State main;  // set once the run has been initialised
  Values main_args;
  void finish();
  void end(const Failure& failure);
  void end(const std::exception_ptr& thrown);
  void continue_as_new(const workflow::ContinueAsNewInput& in);
  void fail_task(coresdk::workflow_completion::Failure& out) const;

  // payloads.cpp: in the workflow's own context, unless another is given.
  SerializationContext context;
  SerializationContext context_of(const commands::WorkflowCommand& command) const;
  Value value(const common::Payload& p) const;
  Values values(const PayloadList& p) const;
  Failure failure(const api::failure::v1::Failure& f) const;
  void encode(const Value& v, common::Payload* out) const;
  void encode(const Values& v, PayloadList* out) const;
  void encode(const Failure& f, api::failure::v1::Failure* out) const;
  // In the command's context.
  void set_summary(commands::WorkflowCommand& command, const std::string& summary,
                   const std::string& details = {}) const;
  void set_info(const activation::InitializeWorkflow& job);
  void set_task_info(const activation::WorkflowActivation& a);
};

coresdk::common::VersioningIntent to_core(workflow::VersioningIntent intent);

Run& current_run();  // out of line, so that it is never cached across a suspension
bool workflow_is_running();

// determinism.cpp: "after the co_await at order.cpp:12".
std::string place(const std::source_location& last_at);

// Says which run the SDK's functions are to work on, for as long as it lives.
class Enter {
 public:
  explicit Enter(Run& run);
  ~Enter();
  Enter(const Enter&) = delete;
  Enter& operator=(const Enter&) = delete;

 private:
  Run* before_;
};

class ReadOnly {
 public:
  explicit ReadOnly(Run& run) : run_(run), before_(std::exchange(run.read_only, true)) {}
  ~ReadOnly() { run_.read_only = before_; }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

 private:
  Run& run_;
  bool before_;
};

}  // namespace temporal::detail
