#include "workflow/instance.h"

#include <algorithm>
#include <array>

#include "workflow/run.h"

namespace temporal {
namespace detail {

namespace {

using Job = activation::WorkflowActivationJob;
constexpr int kRanks = 8;
constexpr int kQueryRank = 6;

// Core's order of jobs (temporal/sdk/core/workflow_activation/workflow_activation.proto), which it
// gives them in already; a hand-made activation may not.
int rank(const Job& job) {
  switch (job.variant_case()) {
    case Job::kInitializeWorkflow:
      return 0;
    case Job::kNotifyHasPatch:
      return 1;
    case Job::kUpdateRandomSeed:
      return 2;
    case Job::kSignalWorkflow:
    case Job::kDoUpdate:
      return 3;
    case Job::kResolveActivity:
      return job.resolve_activity().is_local() ? 5 : 4;
    case Job::kQueryWorkflow:
      return kQueryRank;
    case Job::kRemoveFromCache:
      return 7;
    default:
      return 4;
  }
}

template <class F>
void for_each_in_order(const activation::WorkflowActivation& a, F f) {
  const auto& jobs = a.jobs();
  auto less = [](const Job& x, const Job& y) { return rank(x) < rank(y); };
  if (std::ranges::is_sorted(jobs, less)) {
    for (const auto& job : jobs) f(job);
    return;
  }
  for (int r = 0; r < kRanks; ++r)
    for (const auto& job : jobs)
      if (rank(job) == r) f(job);
}

}  // namespace

Run::Run(std::shared_ptr<const WorkflowDefinition> d, InstanceOptions o)
    : definition(std::move(d)), options(std::move(o)) {
  cancel_request->kept = true;
  for (const auto& make : options.interceptors) interceptors.push_back(make());
  for (auto i = interceptors.rbegin(); i != interceptors.rend(); ++i) {
    if (i->inbound) inbound = (i->inbound->next = inbound, i->inbound.get());
    if (i->outbound) outbound = (i->outbound->next = outbound, i->outbound.get());
  }
  if (options.log_sink) log_sink = std::make_shared<ReplaySafeSink>(options.log_sink);
}

void Run::check_not_read_only(const char* what) const {
  if (read_only)
    throw std::logic_error(std::string(what) +
                           ": a query, validator or condition makes no command");
}

void Run::activate(const activation::WorkflowActivation& a) {
  replaying = a.is_replaying();
  if (log_sink) log_sink->silent = replaying;
  if (meter) meter->silent = replaying;
  time = from_proto(a.timestamp());
  set_task_info(a);

  const bool first = !main;
  bool mutates = false;
  for_each_in_order(a, [&](const Job& job) {
    apply(job);
    mutates |= rank(job) < kQueryRank;
  });
  if (!main) throw Nondeterminism("this run is not in the worker, and the task does not start it");
  if (first) {
    object = definition->create(main_args);  // its constructor may ask for the patches notified of
    ready.push_back({.start = [this] { start_main(); }});  // after the handlers
  }
  if (mutates) drain();
  if (task_failure) return;
  reject_buffered_updates();
  for_each_in_order(a, [&](const Job& job) {
    if (!job.has_query_workflow()) return;
    Allowed unwatched;  // what it answers is in no history
    answer(job.query_workflow());
  });
  finish();
}

// Marks only what has happened; nothing of the user's runs yet.
void Run::apply(const Job& job) {
  switch (job.variant_case()) {
    case Job::kInitializeWorkflow:
      return initialize(job.initialize_workflow());
    case Job::kNotifyHasPatch:
      notified_patches.insert(job.notify_has_patch().patch_id());
      return;
    case Job::kUpdateRandomSeed:
      return reseed(job.update_random_seed().randomness_seed());
    case Job::kSignalWorkflow:
      return take_signal(job.signal_workflow());
    case Job::kDoUpdate:
      return take_update(job.do_update());
    case Job::kCancelWorkflow:
      cancel_request->settle(Value::local(job.cancel_workflow().reason()));
      if (definition->options.cancel_requests == workflow::cancel_root)
        root->cancel(job.cancel_workflow().reason());
      return;
    case Job::kFireTimer:
      return fire(job.fire_timer().seq());
    case Job::kResolveActivity:
      return resolve(job.resolve_activity());
    case Job::kResolveChildWorkflowExecutionStart:
      return resolve(job.resolve_child_workflow_execution_start());
    case Job::kResolveChildWorkflowExecution:
      return resolve(job.resolve_child_workflow_execution());
    case Job::kResolveSignalExternalWorkflow:
      return resolve(job.resolve_signal_external_workflow());
    case Job::kResolveRequestCancelExternalWorkflow:
      return resolve(job.resolve_request_cancel_external_workflow());
    case Job::kResolveNexusOperationStart:
      return resolve(job.resolve_nexus_operation_start());
    case Job::kResolveNexusOperation:
      return resolve(job.resolve_nexus_operation());
    case Job::kQueryWorkflow:  // after everything else
    case Job::kRemoveFromCache:
      return;
    case Job::VARIANT_NOT_SET:
      throw std::logic_error(
          "a job of the activation says nothing: is this SDK older than its Core?");
  }
}

void Run::initialize(const activation::InitializeWorkflow& job) {
  set_info(job);
  randomness_seed = job.randomness_seed();
  memo = from_proto(job.memo().fields(), options.converter, context);
  search_attributes = from_proto(job.search_attributes());
  main_args = values(job.arguments());
  main = std::make_shared<FutureState>();
}

void Run::start_main() {
  definition->run.decode(main_args);
  start(inbound->execute({.headers = info.headers, .args = std::move(main_args)}), main);
}

// Destructors run, newest frame first, since a spawned Task may point into the frame that spawned it.
// Nothing else of the user's does: no command, no exception, no resumption.
void Run::evict() {
  dead = true;
  ready.clear();
  destroy_finished();
  while (newest) destroy(*newest);
  pending_activities.clear();
  backing_off.clear();
  pending_timers.clear();
  pending_children.clear();
  pending_signals.clear();
  pending_cancels.clear();
  pending_child_cancels.clear();
  handlers = &definition->handlers;
  own_handlers.reset();
  pending_signals_with_start.clear();
  main_args.clear();
  main.reset();
  object.reset();
}

}  // namespace detail

Instance::Instance(std::shared_ptr<const WorkflowDefinition> definition, InstanceOptions options)
    : run_(std::make_unique<detail::Run>(std::move(definition), std::move(options))) {}
Instance::Instance(WorkflowDefinition definition, InstanceOptions options)
    : Instance(std::make_shared<const WorkflowDefinition>(std::move(definition)),
               std::move(options)) {}
Instance::Instance(Instance&&) noexcept = default;
Instance& Instance::operator=(Instance&& other) noexcept {
  std::swap(run_, other.run_);
  return *this;
}
Instance::~Instance() {
  if (!run_) return;
  detail::Enter enter(*run_);
  run_->evict();
  run_.reset();
}

coresdk::workflow_completion::WorkflowActivationCompletion Instance::activate(
    const coresdk::workflow_activation::WorkflowActivation& activation) {
  coresdk::workflow_completion::WorkflowActivationCompletion completion;
  completion.set_run_id(activation.run_id());
  auto& run = *run_;
  detail::Enter enter(run);
  run.made = completion.mutable_successful();
  run.made_after.clear();
  run.awaited.clear();
  if (activation.jobs_size() == 1 && activation.jobs(0).has_remove_from_cache()) {
    run.evict();
    return completion;
  }
  try {
    if (run.dead || run.task_failure)
      throw std::logic_error("this run was evicted, or its task failed: a new Instance goes on");
    run.activate(activation);
  } catch (...) {  // of a condition, a constructor, run's arguments or its result
    if (!run.task_failure) run.task_failure = std::current_exception();
  }
  if (run.task_failure) {
    run.ready.clear();  // what is in these points into the activation
    run.buffered_updates.clear();
    run.fail_task(*completion.mutable_failed());
  } else {
    run.made->set_versioning_behavior(
        detail::to_proto(run.definition->options.versioning_behavior));
    if (run.options.keep_places) run.keep_places();
  }
  run.made = nullptr;
  return completion;
}

const std::vector<std::string>& Instance::places() const {
  return run_->places;
}
std::string Instance::last_place() const {
  return detail::place(run_->last_at);
}
const workflow::Info& Instance::info() const {
  return run_->info;
}

}  // namespace temporal
