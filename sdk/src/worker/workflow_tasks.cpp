#include "worker/workflow_tasks.h"

#include <google/protobuf/arena.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "worker/codec.h"
#include "worker/listed.h"
#include "worker/thread_stack.h"
#include "workflow/instance.h"

namespace temporal::detail {

namespace {

// Room is made at the start: growing to 100,000 runs would make all threads wait for 30 ms.
constexpr std::size_t kMostReserved = 1'000'000;

using coresdk::workflow_activation::InitializeWorkflow;
using coresdk::workflow_activation::RemoveFromCache;
using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;

const InitializeWorkflow* initialization(const WorkflowActivation& activation) {
  for (const auto& job : activation.jobs())
    if (job.has_initialize_workflow()) return &job.initialize_workflow();
  return nullptr;
}

const RemoveFromCache* eviction(const WorkflowActivation& activation) {
  if (activation.jobs_size() == 0) return nullptr;
  const auto& last = activation.jobs(activation.jobs_size() - 1);
  return last.has_remove_from_cache() ? &last.remove_from_cache() : nullptr;
}

std::string lines(const std::vector<std::string>& stack) {
  std::string text;
  for (const auto& frame : stack) text += "\n  " + frame;
  return text.empty() ? "its thread does not take the signal" : text;
}

std::string quoted(const std::string& word) {  // for a shell
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

WorkflowActivationCompletion failed(const std::string& run_id, const std::string& message) {
  WorkflowActivationCompletion completion;
  completion.set_run_id(run_id);
  auto* failure = completion.mutable_failed()->mutable_failure();
  failure->set_message(message);
  failure->set_source("CppSDK");
  failure->mutable_application_failure_info()->set_type("WorkflowTaskFailed");
  return completion;
}

}  // namespace

// One task from Core until it is answered.
struct WorkflowTasks::Activation {
  google::protobuf::Arena arena;
  WorkflowActivation* message = google::protobuf::Arena::CreateMessage<WorkflowActivation>(&arena);
  std::atomic<bool> answered = false;  // by the thread that runs it, or by the watchdog
};

// What the worker keeps of a run. One thread at a time is inside; Core sees to that, but for a run
// that was reported as stuck: what Core sends next waits until its thread comes back.
struct WorkflowTasks::Run {
  std::unique_ptr<Instance> instance = {};
  std::optional<WorkflowCodec> codec = {};  // where the converter has one
  bool entered = false;
  bool stuck = false;
  std::deque<std::unique_ptr<Activation>> waiting = {};
};

WorkflowTasks::WorkflowTasks(WorkflowTasksOptions options, WorkflowPort& port)
    : options_(std::move(options)),
      port_(port),
      watchdog_(options_.deadlock_timeout),
      pool_("temporal-wf", options_.threads) {
  runs_.reserve(std::min(options_.most_cached, kMostReserved));
}

WorkflowTasks::~WorkflowTasks() = default;

std::size_t WorkflowTasks::cached() const {
  std::lock_guard lock(mutex_);
  return runs_.size();
}

void WorkflowTasks::handle(std::string bytes) {
  pool_.post([this, bytes = std::move(bytes)]() mutable {
    auto activation = std::make_unique<Activation>();
    if (!activation->message->ParseFromString(bytes)) {
      options_.logger.error("Core's workflow activation is not protobuf of this version");
      return;
    }
    bytes = {};
    process(std::move(activation));
  });
}

void WorkflowTasks::process(std::unique_ptr<Activation> activation) {
  auto run = enter(activation);
  while (run && activation) {
    answer(*run, *activation);
    activation = leave(*run);
  }
}

// Null, and the activation taken, while another thread is inside the run.
std::shared_ptr<WorkflowTasks::Run> WorkflowTasks::enter(std::unique_ptr<Activation>& activation) {
  std::lock_guard lock(mutex_);
  auto& run = runs_[activation->message->run_id()];
  if (!run) {
    run = std::make_shared<Run>();
    if (const auto& codec = options_.instance.converter.codec())
      run->codec.emplace(codec, options_.instance.name_space, options_.instance.task_queue);
  }
  if (run->entered) {
    run->waiting.push_back(std::move(activation));
    return nullptr;
  }
  run->entered = true;
  return run;
}

std::unique_ptr<WorkflowTasks::Activation> WorkflowTasks::leave(Run& run) {
  std::lock_guard lock(mutex_);
  if (std::exchange(run.stuck, false)) pool_.drop_thread();
  if (run.waiting.empty()) {
    run.entered = false;
    return nullptr;
  }
  auto next = std::move(run.waiting.front());
  run.waiting.pop_front();
  return next;
}

void WorkflowTasks::answer(Run& run, Activation& activation) {
  const auto& message = *activation.message;
  if (eviction(message)) return evict(message, run);
  WorkflowActivationCompletion completion;
  try {
    if (run.codec) run.codec->decode(*activation.message);
    {
      Watchdog::Watch watch(watchdog_, [this, &run, &activation, self = pthread_self()] {
        report_deadlock(run, activation, self);
      });
      completion = activate(message, run);
    }
    if (run.codec) run.codec->encode(completion);
  } catch (const std::exception& e) {  // of a codec, or an interceptor's factory
    completion = failed(message.run_id(), e.what());
  } catch (...) {
    completion = failed(message.run_id(), "an exception of a type that is not known");
  }
  if (!activation.answered.exchange(true)) respond(completion);
}

WorkflowActivationCompletion WorkflowTasks::activate(const WorkflowActivation& message, Run& run) {
  if (const auto* start = initialization(message); start && !run.instance) {
    auto definition = options_.registry.find_workflow(start->workflow_type());
    if (!definition)
      return failed(message.run_id(),
                    "workflow type \"" + start->workflow_type() +
                        "\" is not registered with this worker; registered are: " +
                        listed(options_.registry.workflow_names()));
    run.instance = std::make_unique<Instance>(std::move(definition), options_.instance);
  }
  if (!run.instance)
    return failed(message.run_id(), "run " + message.run_id() + " is not in this worker's cache");
  auto completion = run.instance->activate(message);
  if (options_.observer) options_.observer->commands_made(completion, run.instance->places());
  if (completion.failed().force_cause() ==
      api::enums::v1::WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR)
    report_nondeterminism(run, completion.failed().failure().message());
  return completion;
}

void WorkflowTasks::respond(const WorkflowActivationCompletion& completion) {
  if (completion.has_failed()) {
    const auto& message = completion.failed().failure().message();
    options_.logger.error("workflow task failed",
                          {{"run_id", completion.run_id()}, {"reason", message}});
    if (options_.observer) options_.observer->task_failed(completion.run_id(), message);
  }
  port_.complete_activation(completion.SerializeAsString());
}

void WorkflowTasks::evict(const WorkflowActivation& message, Run& run) {
  const auto& job = *eviction(message);
  if (job.reason() == RemoveFromCache::NONDETERMINISM) report_nondeterminism(run, job.message());
  run.instance = nullptr;  // destructors of the user's run
  {
    std::lock_guard lock(mutex_);
    runs_.erase(message.run_id());
  }
  if (options_.observer) options_.observer->evicted(message.run_id(), job.reason(), job.message());
  WorkflowActivationCompletion completion;
  completion.set_run_id(message.run_id());
  completion.mutable_successful();
  respond(completion);
}

// Without the history nothing can be laid beside the commands: says how to replay it. An observer,
// the replayer, has it.
void WorkflowTasks::report_nondeterminism(const Run& run, const std::string& message) const {
  if (!run.instance || options_.observer) return;
  const auto& info = run.instance->info();
  options_.logger.error(
      "workflow code does not make the commands that its history has",
      {{"workflow_type", info.workflow_type},
       {"workflow_id", info.workflow_id},
       {"run_id", info.run_id},
       {"reason", message},
       {"place", run.instance->last_place()},
       {"replay", "temporal workflow show --output json --namespace " + quoted(info.name_space) +
                      " --workflow-id " + quoted(info.workflow_id) + " --run-id " +
                      quoted(info.run_id) + " > history.json"},
       {"then", "temporal::Replayer on history.json shows both, line by line"}});
}

// On the watchdog's thread, while a thread of the pool is stuck in the run.
void WorkflowTasks::report_deadlock(Run& run, Activation& activation, pthread_t stuck) {
  if (activation.answered.exchange(true)) return;
  const auto stack =
      options_.stack_signal ? stack_of(stuck, options_.stack_signal) : std::vector<std::string>();
  {
    std::lock_guard lock(mutex_);
    run.stuck = true;
  }
  pool_.add_thread();
  const auto& run_id = activation.message->run_id();
  if (options_.stack_signal)
    options_.logger.error("[TMPRL1101] a workflow blocks its thread",
                          {{"run_id", run_id}, {"stack", lines(stack)}});
  respond(failed(run_id, "[TMPRL1101] workflow with run id " + run_id +
                             " deadlocked: its code ran for " +
                             std::to_string(options_.deadlock_timeout.count()) +
                             " ms without awaiting. Does it block, or loop? What may take long "
                             "belongs in an activity"));
}

}  // namespace temporal::detail
