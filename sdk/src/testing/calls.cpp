// What a client asks of workflows: start, signal, query, update, result, cancel, terminate.
#include <google/rpc/status.pb.h>
#include <temporal/api/errordetails/v1/message.pb.h>

#include <utility>

#include "data/proto.h"
#include "testing/requests.h"
#include "testing/simulator.h"

namespace temporal::testing {

namespace {

namespace details = temporal::api::errordetails::v1;
using Answer = Transport::Answer;
using temporal::detail::from_proto;

constexpr auto kAccepted = enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED;
constexpr auto kCompleted = enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED;

}  // namespace

Ask Simulator::ask(const RpcRequest& request) {
  std::optional<Ask> ask;
  auto on = [&]<class R>(Ask (Simulator::*handler)(R)) {
    if (!ask)
      ask = when<R>(request, [&](R message) { return (this->*handler)(std::move(message)); });
  };
  if (request.service == RpcService::workflow) {
    on(&Simulator::start_workflow);
    on(&Simulator::signal_with_start);
    on(&Simulator::multi_operation);
    on(&Simulator::signal_workflow);
    on(&Simulator::query);
    on(&Simulator::update);
    on(&Simulator::poll_update);
    on(&Simulator::history);
    on(&Simulator::describe);
    on(&Simulator::list);
    on(&Simulator::count);
    on(&Simulator::cancel);
    on(&Simulator::terminate_workflow);
    if (!ask) ask = ask_of_activity(request);
  }
  if (ask) return std::move(*ask);
  refuse(RpcCode::unimplemented,
         "the simulator has no " + request.method +
             "; Environment::time_skipping() and existing() have, as they are real servers");
}

RunPtr Simulator::required(const std::string& workflow_id, const std::string& run_id) const {
  auto run = find(workflow_id, run_id);
  if (!run)
    refuse(RpcCode::not_found,
           "there is no workflow " + workflow_id + (run_id.empty() ? "" : ", run " + run_id));
  return run;
}

RunPtr Simulator::required_open(const std::string& workflow_id, const std::string& run_id) const {
  auto run = required(workflow_id, run_id);
  if (!run->open())
    refuse(RpcCode::not_found, "workflow execution already completed: " + sentence(*run));
  return run;
}

void Simulator::check_first_run(const Run& run, const std::string& first_run_id) const {
  if (!first_run_id.empty() && run.first_run_id != first_run_id)
    refuse(RpcCode::not_found, "the chain of " + sentence(run) + " began with another run");
}

void Simulator::check_task(const Run& run) const {
  if (!run.task_failure.empty())
    refuse(RpcCode::failed_precondition,
           "the task of " + sentence(run) +
               " fails, and would be tried again for ever: " + run.task_failure);
}

Simulator::Started Simulator::start_or_use(service::StartWorkflowExecutionRequest request) {
  using enum temporal::api::enums::v1::WorkflowIdConflictPolicy;
  const auto delay = from_proto(request.workflow_start_delay());
  auto there = current(request.workflow_id());
  if (!there) return {start(std::move(request), nullptr, {}, delay)};
  if (!request.request_id().empty() && there->start.request_id() == request.request_id() &&
      there->continued_run_id.empty())
    return {std::move(there)};
  auto taken = [&](const char* why) {
    details::WorkflowExecutionAlreadyStartedFailure detail;
    detail.set_start_request_id(there->start.request_id());
    detail.set_run_id(there->run_id);
    refuse(RpcCode::already_exists, why + (": " + sentence(*there)), detail);
  };
  const auto conflict = request.workflow_id_conflict_policy();
  if (there->open()) {
    if (conflict == WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING) return {std::move(there), false};
    if (conflict != WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING)
      taken("a workflow of that id runs");
    terminate(there, "terminated by the start of another", "simulator");
  } else if (keeps_its_id(*there, request.workflow_id_reuse_policy())) {
    taken("a workflow of that id has run");
  }
  return {start(std::move(request), nullptr, {}, delay)};
}

Ask Simulator::start_workflow(service::StartWorkflowExecutionRequest request) {
  auto started = start_or_use(std::move(request));
  service::StartWorkflowExecutionResponse response;
  response.set_run_id(started.run->run_id);
  response.set_first_execution_run_id(started.run->first_run_id);
  response.set_started(started.now);
  response.set_status(started.run->status);
  return answered(response);
}

Ask Simulator::signal_with_start(service::SignalWithStartWorkflowExecutionRequest request) {
  Started started{.run = current(request.workflow_id()), .now = false};
  const bool ends_it = request.workflow_id_conflict_policy() ==
                       enums::WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING;
  if (!started.run || !started.run->open() || ends_it) {
    service::StartWorkflowExecutionRequest r;
    r.set_workflow_id(request.workflow_id());
    *r.mutable_workflow_type() = request.workflow_type();
    *r.mutable_task_queue() = request.task_queue();
    *r.mutable_input() = request.input();
    *r.mutable_workflow_execution_timeout() = request.workflow_execution_timeout();
    *r.mutable_workflow_run_timeout() = request.workflow_run_timeout();
    *r.mutable_workflow_task_timeout() = request.workflow_task_timeout();
    *r.mutable_workflow_start_delay() = request.workflow_start_delay();
    r.set_identity(request.identity());
    r.set_request_id(request.request_id());
    r.set_workflow_id_reuse_policy(request.workflow_id_reuse_policy());
    r.set_workflow_id_conflict_policy(request.workflow_id_conflict_policy());
    if (request.has_retry_policy()) *r.mutable_retry_policy() = request.retry_policy();
    r.set_cron_schedule(request.cron_schedule());
    *r.mutable_memo() = request.memo();
    *r.mutable_search_attributes() = request.search_attributes();
    *r.mutable_header() = request.header();
    *r.mutable_user_metadata() = request.user_metadata();
    if (request.has_priority()) *r.mutable_priority() = request.priority();
    started = start_or_use(std::move(r));
  }
  activation::SignalWorkflow signaled;
  signaled.set_signal_name(request.signal_name());
  *signaled.mutable_input() = request.signal_input().payloads();
  signaled.set_identity(request.identity());
  *signaled.mutable_headers() = request.header().fields();
  signal(started.run, std::move(signaled));
  service::SignalWithStartWorkflowExecutionResponse response;
  response.set_run_id(started.run->run_id);
  response.set_started(started.now);
  return answered(response);
}

Ask Simulator::signal_workflow(service::SignalWorkflowExecutionRequest request) {
  const auto& of = request.workflow_execution();
  auto run = required_open(of.workflow_id(), of.run_id());
  if (run->signal_ids.insert(request.request_id()).second || request.request_id().empty()) {
    activation::SignalWorkflow signaled;
    signaled.set_signal_name(request.signal_name());
    *signaled.mutable_input() = request.input().payloads();
    signaled.set_identity(request.identity());
    *signaled.mutable_headers() = request.header().fields();
    signal(run, std::move(signaled));
  }
  return answered(service::SignalWorkflowExecutionResponse());
}

Ask Simulator::query(service::QueryWorkflowRequest request) {
  auto run = required(request.execution().workflow_id(), request.execution().run_id());
  const auto condition = request.query_reject_condition();
  const bool clean = run->open() || run->status == enums::WORKFLOW_EXECUTION_STATUS_COMPLETED ||
                     run->status == enums::WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW;
  if ((condition == enums::QUERY_REJECT_CONDITION_NOT_OPEN && !run->open()) ||
      (condition == enums::QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY && !clean)) {
    service::QueryWorkflowResponse response;
    response.mutable_query_rejected()->set_status(run->status);
    return answered(response);
  }
  auto now = [this, run, request]() -> std::optional<Answer> {
    auto result =
        answer_query(run, request.query().query_type(), request.query().query_args().payloads(),
                     request.query().header().fields());
    if (!result) return {};
    if (result->has_failed()) {
      details::QueryFailedFailure detail;
      *detail.mutable_failure() = result->failed();
      refuse(RpcCode::invalid_argument, result->failed().message(), detail);
    }
    service::QueryWorkflowResponse response;
    auto& payloads = *response.mutable_query_result();
    if (result->succeeded().has_response())
      *payloads.add_payloads() = result->succeeded().response();
    return response.SerializeAsString();
  };
  return {.answer = now, .waits = true, .waits_for = [this, run] { return waits_for(run); }};
}

// Nothing: its first task is still to come.
std::optional<commands::QueryResult> Simulator::answer_query(
    const RunPtr& run, const std::string& type, const temporal::detail::PayloadList& args,
    const temporal::detail::PayloadMap& headers) {
  check_task(*run);
  if (!run->instance && !run->open())
    refuse(RpcCode::failed_precondition,
           sentence(*run) +
               " has ended, and answers no longer: it is not among the newest that "
               "have, or its code never ran");
  if (!run->instance) return {};
  activation::WorkflowActivation message;
  auto& query = *message.add_jobs()->mutable_query_workflow();
  query.set_query_id("query");
  query.set_query_type(type);
  *query.mutable_arguments() = args;
  *query.mutable_headers() = headers;
  auto completion = run_instance(*run, std::move(message));
  if (completion)
    for (auto& command : *completion->mutable_successful()->mutable_commands())
      if (command.has_respond_to_query()) return std::move(*command.mutable_respond_to_query());
  check_task(*run);
  refuse(RpcCode::internal, "the workflow did not answer the query");
}

void Simulator::send_update(const RunPtr& run,
                            const service::UpdateWorkflowExecutionRequest& request) {
  check_task(*run);
  const auto& id = request.request().meta().update_id();
  if (!run->updates.try_emplace(id, Update{.request = request.request()}).second) return;
  Job job;
  auto& update = *job.mutable_do_update();
  update.set_id(id);
  update.set_protocol_instance_id(id);
  update.set_name(request.request().input().name());
  *update.mutable_input() = request.request().input().args().payloads();
  *update.mutable_headers() = request.request().input().header().fields();
  *update.mutable_meta() = request.request().meta();
  update.set_run_validator(true);
  add_job(run, std::move(job));
}

// Nothing as long as it has not come so far.
std::optional<service::UpdateWorkflowExecutionResponse> Simulator::update_response(
    const Run& run, const std::string& id,
    enums::UpdateWorkflowExecutionLifecycleStage stage) const {
  check_task(run);
  const auto& update = run.updates.at(id);
  if (!update.outcome && !run.open())
    refuse(RpcCode::not_found, "workflow execution already completed: " + sentence(run));
  if (!update.outcome && !(update.accepted && stage < kCompleted)) return {};
  service::UpdateWorkflowExecutionResponse response;
  auto& ref = *response.mutable_update_ref();
  ref.mutable_workflow_execution()->set_workflow_id(run.id());
  ref.mutable_workflow_execution()->set_run_id(run.run_id);
  ref.set_update_id(id);
  if (update.outcome) *response.mutable_outcome() = *update.outcome;
  response.set_stage(update.outcome ? kCompleted : kAccepted);
  return response;
}

Ask Simulator::update(service::UpdateWorkflowExecutionRequest request) {
  const auto& of = request.workflow_execution();
  const auto& id = request.request().meta().update_id();
  auto run = required(of.workflow_id(), of.run_id());
  if (!run->updates.contains(id)) run = required_open(of.workflow_id(), of.run_id());
  check_first_run(*run, request.first_execution_run_id());
  send_update(run, request);
  const auto stage = request.wait_policy().lifecycle_stage();
  return {.answer = [this, run, id, stage]() -> std::optional<Answer> {
            auto response = update_response(*run, id, stage);
            return response ? std::optional<Answer>(response->SerializeAsString()) : std::nullopt;
          },
          .waits = true,
          .waits_for = [this, run] { return waits_for(run); }};
}

Ask Simulator::poll_update(service::PollWorkflowExecutionUpdateRequest request) {
  const auto& ref = request.update_ref();
  auto run = required(ref.workflow_execution().workflow_id(), ref.workflow_execution().run_id());
  if (!run->updates.contains(ref.update_id()))
    refuse(RpcCode::not_found, sentence(*run) + " has no update " + ref.update_id());
  const auto stage = request.wait_policy().lifecycle_stage();
  return {.answer = [this, run, id = ref.update_id(), stage]() -> std::optional<Answer> {
            auto state = update_response(*run, id, stage);
            if (!state) return {};
            service::PollWorkflowExecutionUpdateResponse response;
            *response.mutable_outcome() = state->outcome();
            response.set_stage(state->stage());
            *response.mutable_update_ref() = state->update_ref();
            return response.SerializeAsString();
          },
          .waits = true,
          .waits_for = [this, run] { return waits_for(run); }};
}

Ask Simulator::multi_operation(service::ExecuteMultiOperationRequest request) {
  if (request.operations_size() != 2 || !request.operations(0).has_start_workflow() ||
      !request.operations(1).has_update_workflow())
    refuse(RpcCode::invalid_argument, "the operations are no start and update");
  const auto& update = request.operations(1).update_workflow();
  const auto& id = update.request().meta().update_id();
  auto there = current(request.operations(0).start_workflow().workflow_id());
  Started started{.run = there, .now = false};
  if (!there || !there->updates.contains(id)) try {
      started = start_or_use(request.operations(0).start_workflow());
    } catch (const RpcError& error) {
      google::rpc::Status status;
      if (!status.ParseFromString(error.details())) throw;
      details::MultiOperationExecutionFailure both;
      auto& first = *both.add_statuses();
      first.set_code(static_cast<int>(error.code()));
      first.set_message(error.what());
      *first.mutable_details() = status.details();
      both.add_statuses()->add_details()->PackFrom(
          temporal::api::failure::v1::MultiOperationExecutionAborted());
      refuse(error.code(), error.what(), both);
    }
  send_update(started.run, update);
  const auto stage = update.wait_policy().lifecycle_stage();
  return {.answer = [this, started, id, stage]() -> std::optional<Answer> {
            auto state = update_response(*started.run, id, stage);
            if (!state) return {};
            service::ExecuteMultiOperationResponse response;
            auto& start = *response.add_responses()->mutable_start_workflow();
            start.set_run_id(started.run->run_id);
            start.set_started(started.now);
            *response.add_responses()->mutable_update_workflow() = std::move(*state);
            return response.SerializeAsString();
          },
          .waits = true,
          .waits_for = [this, run = started.run] { return waits_for(run); }};
}

// The close event, which is what result() waits for.
Ask Simulator::history(service::GetWorkflowExecutionHistoryRequest request) {
  if (request.history_event_filter_type() != enums::HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)
    refuse(RpcCode::unimplemented,
           "the simulator keeps no histories; Environment::time_skipping() and existing() do");
  auto run = required(request.execution().workflow_id(), request.execution().run_id());
  return {.answer = [this, run, wait = request.wait_new_event()]() -> std::optional<Answer> {
            if (run->open()) check_task(*run);
            service::GetWorkflowExecutionHistoryResponse response;
            if (!run->open())
              *response.mutable_history()->add_events() = run->close_event;
            else if (wait)
              return {};
            return response.SerializeAsString();
          },
          .waits = request.wait_new_event(),
          .waits_for = [this, run] { return waits_for(run); }};
}

Ask Simulator::cancel(service::RequestCancelWorkflowExecutionRequest request) {
  const auto& of = request.workflow_execution();
  auto run = required_open(of.workflow_id(), of.run_id());
  check_first_run(*run, request.first_execution_run_id());
  request_cancel(run, request.reason());
  return answered(service::RequestCancelWorkflowExecutionResponse());
}

Ask Simulator::terminate_workflow(service::TerminateWorkflowExecutionRequest request) {
  const auto& of = request.workflow_execution();
  auto run = required_open(of.workflow_id(), of.run_id());
  check_first_run(*run, request.first_execution_run_id());
  terminate(run, request.reason(), request.identity(), &request.details());
  return answered(service::TerminateWorkflowExecutionResponse());
}

}  // namespace temporal::testing
