#include "order/audits.h"

#include <temporal/api.h>

#include "contract/task_queues.h"

namespace ordering::order {

using temporal::Async;
using temporal::RpcCode;

namespace {

std::string audits_query(std::string_view statuses) {
  return "WorkflowType = '" + std::string(AuditWorkflow::type.name) + "' AND ExecutionStatus IN (" +
         std::string(statuses) + ")";
}

std::string deletion(std::string_view name_space, const temporal::WorkflowExecution& run) {
  temporal::api::workflowservice::v1::DeleteWorkflowExecutionRequest request;
  request.set_namespace_(std::string(name_space));
  request.mutable_workflow_execution()->set_workflow_id(run.workflow_id);
  request.mutable_workflow_execution()->set_run_id(run.run_id);
  return request.SerializeAsString();
}

}  // namespace

Async<std::string> Audits::running() const {
  auto page = co_await client_.list_workflows(
      {.query = audits_query("'Running'"), .page_size = 1, .rpc = {.timeout = kCallTime}});
  if (!page.workflows.empty()) co_return page.workflows.front().workflow_id;
  auto started = co_await client_.start_workflow(
      AuditWorkflow::type,
      {.id = std::string(kAuditId),
       .task_queue = std::string(kOrderTaskQueue),
       .id_conflict_policy = temporal::WorkflowIdConflictPolicy::use_existing,
       .execution_timeout = kLongest,
       .rpc = {.timeout = kCallTime}},
      AuditProgress{});
  co_return started.id();
}

Async<std::optional<AuditResult>> Audits::run(std::chrono::seconds wait,
                                              std::stop_token stop) const {
  auto audit = client_.workflow_handle(AuditWorkflow::type, co_await running());
  try {
    co_return co_await audit.result({.rpc = {.timeout = wait, .stop = stop}});
  } catch (const temporal::WorkflowFailedError& e) {
    throw AuditFailed(e.what());
  } catch (const temporal::RpcError& e) {
    if (e.code() != RpcCode::deadline_exceeded && e.code() != RpcCode::canceled) throw;
  }
  auto found = co_await last("");
  if (!found) co_return std::nullopt;
  co_return std::move(found->result);
}

Async<std::optional<LastAudit>> Audits::last(std::string known_run_id) const {
  // SQL visibility, and Elasticsearch too, lists what closed last first.
  auto page = co_await client_.list_workflows(
      {.query = audits_query("'Completed'"), .page_size = 1, .rpc = {.timeout = kCallTime}});
  if (page.workflows.empty() || page.workflows.front().run_id == known_run_id)
    co_return std::nullopt;
  const auto& run = page.workflows.front();
  auto audit = client_.workflow_handle(AuditWorkflow::type, run.workflow_id, run.run_id);
  auto result = co_await audit.result({.rpc = {.timeout = kCallTime}});
  co_return LastAudit{.run_id = run.run_id,
                      .ended_at = run.close_time.value_or(run.start_time),
                      .result = std::move(result)};
}

Async<void> Audits::forget_old() const {
  co_await forget_old("'Completed'");
  co_await forget_old("'ContinuedAsNew', 'Failed', 'Canceled', 'Terminated', 'TimedOut'");
}

Async<void> Audits::forget_old(std::string statuses) const {
  const temporal::RpcOptions rpc{.timeout = kCallTime};
  auto page = co_await client_.list_workflows(
      {.query = audits_query(statuses), .page_size = kKept + kForgottenAtOnce, .rpc = rpc});
  for (std::size_t i = kKept; i < page.workflows.size(); ++i) {
    try {
      co_await client_.call(temporal::RpcService::workflow, "DeleteWorkflowExecution",
                            deletion(client_.name_space(), page.workflows[i]), rpc);
    } catch (const temporal::RpcError& e) {  // another order service was first
      if (e.code() != RpcCode::not_found) throw;
    }
  }
}

Async<void> Audits::schedule() const {
  temporal::Schedule schedule{
      .action = temporal::scheduled(AuditWorkflow::type,
                                    {.id = std::string(kAuditId),
                                     .task_queue = std::string(kOrderTaskQueue),
                                     .execution_timeout = kLongest},
                                    AuditProgress{}),
      .spec = {.intervals = {{.every = kEvery}}},
      .policies = {.overlap = temporal::ScheduleOverlapPolicy::skip, .catchup_window = kCatchUp}};
  try {
    co_await client_.create_schedule(std::string(kAuditId), std::move(schedule),
                                     {.rpc = {.timeout = kCallTime}});
  } catch (const temporal::RpcError& e) {
    if (e.code() != RpcCode::already_exists) throw;
  }
}

}  // namespace ordering::order
