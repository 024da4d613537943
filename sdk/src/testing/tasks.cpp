// Workflow tasks: jobs go into the workflow instance, and what its commands say is done.
#include <algorithm>
#include <utility>

#include "data/proto.h"
#include "testing/simulator.h"
#include "worker/listed.h"
#include "workflow/ends_run.h"

namespace temporal::testing {

namespace {

using Command = commands::WorkflowCommand;
using coresdk::workflow_completion::WorkflowActivationCompletion;
using std::chrono::milliseconds;
using temporal::detail::ends_run, temporal::detail::listed;
using temporal::detail::from_proto, temporal::detail::to_proto;

constexpr std::uint32_t kEventsOfATask = 3;
// Above so many events the server suggests to continue as new.
constexpr std::uint32_t kManyEvents = 4096;

// A null removes.
bool is_nothing(const temporal::api::common::v1::Payload& payload) {
  auto encoding = payload.metadata().find("encoding");
  return encoding == payload.metadata().end() || encoding->second == "binary/null" ||
         payload.data() == "null" || payload.data() == "[]";
}

void merge(const temporal::detail::PayloadMap& changes, temporal::detail::PayloadMap& into) {
  for (const auto& [key, payload] : changes) {
    if (is_nothing(payload))
      into.erase(key);
    else
      into[key] = payload;
  }
}

}  // namespace

Job Simulator::initialize(const Run& run) const {
  Job job;
  auto& i = *job.mutable_initialize_workflow();
  const auto& s = run.start;
  i.set_workflow_type(run.type());
  i.set_workflow_id(run.id());
  *i.mutable_arguments() = s.input().payloads();
  i.set_randomness_seed(run.seed);
  *i.mutable_headers() = s.header().fields();
  i.set_identity(s.identity());
  if (run.parent)
    if (auto parent = run.parent->run.lock()) {
      i.mutable_parent_workflow_info()->set_namespace_(s.namespace_());
      i.mutable_parent_workflow_info()->set_workflow_id(parent->id());
      i.mutable_parent_workflow_info()->set_run_id(parent->run_id);
    }
  if (run.root) *i.mutable_root_workflow() = *run.root;
  *i.mutable_workflow_execution_timeout() = s.workflow_execution_timeout();
  *i.mutable_workflow_run_timeout() = s.workflow_run_timeout();
  *i.mutable_workflow_task_timeout() = s.workflow_task_timeout();
  i.set_continued_from_execution_run_id(run.continued_run_id);
  i.set_continued_initiator(run.initiator);
  if (run.continued_failure) *i.mutable_continued_failure() = *run.continued_failure;
  i.set_first_execution_run_id(run.first_run_id);
  i.set_original_execution_run_id(run.run_id);
  if (s.has_retry_policy()) *i.mutable_retry_policy() = s.retry_policy();
  i.set_attempt(run.attempt);
  if (run.expires) *i.mutable_workflow_execution_expiration_time() = to_proto(*run.expires);
  *i.mutable_memo() = s.memo();
  *i.mutable_search_attributes() = s.search_attributes();
  *i.mutable_start_time() = to_proto(run.started);
  if (s.has_priority()) *i.mutable_priority() = s.priority();
  return job;
}

// False: nobody serves its queue, or its type is not registered.
bool Simulator::make_instance(const RunPtr& run) {
  run->no_worker = {};
  const auto* host = host_of_workflows(run->task_queue());
  if (!host) {
    run->no_worker = "a worker with workflows on task queue \"" + run->task_queue() + "\"";
    return false;
  }
  auto definition = host->registry.find_workflow(run->type());
  if (!definition) {
    run->task_failure =
        "workflow type \"" + run->type() +
        "\" is not registered; registered are: " + listed(host->registry.workflow_names());
    return false;
  }
  const auto& client = options_.client;
  try {
    run->instance = std::make_unique<Instance>(
        std::move(definition),
        InstanceOptions{.name_space = client.name_space,
                        .task_queue = run->task_queue(),
                        .converter = client.data_converter,
                        .log_sink = client.runtime->log_sink(),
                        .meter = client.runtime->meter(),
                        .failure_types = host->failure_types,
                        .patch_activation_callback = host->patch_activation_callback,
                        .interceptors = host->workflow_interceptors});
  } catch (const std::exception& e) {  // of an interceptor's factory
    run->task_failure = e.what();
    return false;
  }
  if (const auto& codec = client.data_converter.codec())
    run->codec.emplace(codec, client.name_space, run->task_queue());
  return true;
}

// Nothing: the task fails, and the run says why.
std::optional<WorkflowActivationCompletion> Simulator::run_instance(
    Run& run, activation::WorkflowActivation message) {
  message.set_run_id(run.run_id);
  *message.mutable_timestamp() = to_proto(clock_.now());
  message.set_history_length(run.events);
  message.set_continue_as_new_suggested(run.events > kManyEvents);
  try {
    if (run.codec) run.codec->decode(message);
    auto completion = run.instance->activate(message);
    if (run.codec) run.codec->encode(completion);
    if (!completion.has_failed()) return completion;
    run.task_failure = completion.failed().failure().message();
  } catch (const std::exception& e) {  // of a codec
    run.task_failure = e.what();
  }
  logger_.error("workflow task failed", {{"workflow_id", run.id()}, {"reason", run.task_failure}});
  run.instance = nullptr;
  return {};
}

bool Simulator::activate(const RunPtr& run, std::vector<Job> jobs) {
  if (!run->task_failure.empty()) return false;
  const bool first = !run->instance;
  if (first && !make_instance(run)) {
    run->jobs = std::move(jobs);
    return false;
  }
  activation::WorkflowActivation message;
  run->events += kEventsOfATask;
  if (first) *message.add_jobs() = initialize(*run);
  for (auto& job : jobs) *message.add_jobs() = std::move(job);
  auto completion = run_instance(*run, std::move(message));
  if (!completion) return false;
  const auto& made = completion->successful().commands();
  for (const auto& command : made)
    if (!ends_run(command) && run->open()) apply(run, command);
  auto end = std::ranges::find_if(made, ends_run);
  if (end != made.end() && run->open()) apply_end(run, *end);
  return true;
}

void Simulator::apply(const RunPtr& run, const Command& command) {
  ++run->events;
  switch (command.variant_case()) {
    case Command::kStartTimer:
      return start_timer(run, command.start_timer());
    case Command::kCancelTimer:
      if (auto timer = run->timers.extract(command.cancel_timer().seq()))
        clock_.cancel(timer.mapped());
      return;
    case Command::kScheduleActivity:
      return schedule(run, command.schedule_activity(), false);
    case Command::kScheduleLocalActivity:
      return schedule(run, command.schedule_local_activity(), true);
    case Command::kRequestCancelActivity:
      return request_cancel(run, command.request_cancel_activity().seq());
    case Command::kRequestCancelLocalActivity:
      return request_cancel(run, command.request_cancel_local_activity().seq());
    case Command::kUpdateResponse:
      return answer_update(*run, command.update_response());
    case Command::kStartChildWorkflowExecution:
      return start_child(run, command.start_child_workflow_execution());
    case Command::kCancelChildWorkflowExecution:
      return cancel_child(run, command.cancel_child_workflow_execution());
    case Command::kSignalExternalWorkflowExecution:
      return signal_other(run, command.signal_external_workflow_execution());
    case Command::kRequestCancelExternalWorkflowExecution:
      return cancel_other(run, command.request_cancel_external_workflow_execution());
    case Command::kUpsertWorkflowSearchAttributes:
      return merge(command.upsert_workflow_search_attributes().search_attributes().indexed_fields(),
                   *run->start.mutable_search_attributes()->mutable_indexed_fields());
    case Command::kModifyWorkflowProperties:
      return merge(command.modify_workflow_properties().upserted_memo().fields(),
                   *run->start.mutable_memo()->mutable_fields());
    case Command::kSetPatchMarker:        // every patch is there
    case Command::kCancelSignalWorkflow:  // signals are sent at once
    case Command::kRespondToQuery:        // who asked has it
      return;
    default:
      run->task_failure = "the simulator has no " +
                          Command::descriptor()->FindFieldByNumber(command.variant_case())->name() +
                          "; Environment::time_skipping() and existing() have";
      run->instance = nullptr;
  }
}

void Simulator::start_timer(const RunPtr& run, const commands::StartTimer& command) {
  const auto seq = command.seq();
  run->timers[seq] = clock_.after(from_proto(command.start_to_fire_timeout()), [this, run, seq] {
    run->timers.erase(seq);
    Job job;
    job.mutable_fire_timer()->set_seq(seq);
    add_job(run, std::move(job));
  });
}

void Simulator::answer_update(Run& run, const commands::UpdateResponse& response) {
  auto found = run.updates.find(response.protocol_instance_id());
  if (found == run.updates.end()) return;
  auto& update = found->second;
  if (response.has_accepted()) {
    update.accepted = true;
  } else if (response.has_rejected()) {
    *update.outcome.emplace().mutable_failure() = response.rejected();
  } else {
    auto& payloads = *update.outcome.emplace().mutable_success();
    if (response.has_completed()) *payloads.add_payloads() = response.completed();
  }
}

void Simulator::apply_end(const RunPtr& run, const Command& command) {
  HistoryEvent event;
  if (command.has_complete_workflow_execution()) {
    const auto& done = command.complete_workflow_execution();
    auto& attributes = *event.mutable_workflow_execution_completed_event_attributes();
    if (done.has_result()) *attributes.mutable_result()->add_payloads() = done.result();
    return close(run, enums::WORKFLOW_EXECUTION_STATUS_COMPLETED, std::move(event));
  }
  if (command.has_cancel_workflow_execution()) {
    *event.mutable_workflow_execution_canceled_event_attributes()->mutable_details() =
        command.cancel_workflow_execution().details();
    return close(run, enums::WORKFLOW_EXECUTION_STATUS_CANCELED, std::move(event));
  }
  if (command.has_fail_workflow_execution())
    return fail(run, command.fail_workflow_execution().failure());
  continue_as_new(run, command.continue_as_new_workflow_execution());
}

void Simulator::fail(const RunPtr& run, const ProtoFailure& failure) {
  HistoryEvent event;
  auto& attributes = *event.mutable_workflow_execution_failed_event_attributes();
  *attributes.mutable_failure() = failure;
  enums::RetryState state = enums::RETRY_STATE_UNSPECIFIED;
  retry(run, failure, event, state);
  attributes.set_retry_state(state);
  close(run, enums::WORKFLOW_EXECUTION_STATUS_FAILED, std::move(event));
}

void Simulator::continue_as_new(const RunPtr& run,
                                const commands::ContinueAsNewWorkflowExecution& command) {
  auto next = run->start;
  next.mutable_workflow_type()->set_name(command.workflow_type());
  if (!command.task_queue().empty()) next.mutable_task_queue()->set_name(command.task_queue());
  *next.mutable_input()->mutable_payloads() = command.arguments();
  if (command.has_workflow_run_timeout())
    *next.mutable_workflow_run_timeout() = command.workflow_run_timeout();
  if (command.has_workflow_task_timeout())
    *next.mutable_workflow_task_timeout() = command.workflow_task_timeout();
  *next.mutable_memo()->mutable_fields() = command.memo();
  *next.mutable_header()->mutable_fields() = command.headers();
  if (command.has_search_attributes())
    *next.mutable_search_attributes() = command.search_attributes();
  if (command.has_retry_policy()) *next.mutable_retry_policy() = command.retry_policy();
  auto after = start(std::move(next), run.get(), std::exchange(run->parent, {}),
                     from_proto(command.backoff_start_interval()));
  after->initiator = enums::CONTINUE_AS_NEW_INITIATOR_WORKFLOW;
  HistoryEvent event;
  event.mutable_workflow_execution_continued_as_new_event_attributes()->set_new_execution_run_id(
      after->run_id);
  close(run, enums::WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW, std::move(event));
}

}  // namespace temporal::testing
