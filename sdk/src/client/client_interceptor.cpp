#include "temporal/client_interceptor.h"

namespace temporal {

ClientInterceptor::~ClientInterceptor() = default;

Async<StartedWorkflow> ClientInterceptor::start_workflow(StartWorkflowInput input) {
  return next->start_workflow(std::move(input));
}
Async<UpdateState> ClientInterceptor::start_update_with_start(UpdateWithStartInput input) {
  return next->start_update_with_start(std::move(input));
}
Async<void> ClientInterceptor::signal_workflow(SignalWorkflowInput input) {
  return next->signal_workflow(std::move(input));
}
Async<Value> ClientInterceptor::query_workflow(QueryWorkflowInput input) {
  return next->query_workflow(std::move(input));
}
Async<UpdateState> ClientInterceptor::start_update(StartUpdateInput input) {
  return next->start_update(std::move(input));
}
Async<UpdateState> ClientInterceptor::update_result(UpdateResultInput input) {
  return next->update_result(std::move(input));
}
Async<Value> ClientInterceptor::workflow_result(WorkflowResultInput input) {
  return next->workflow_result(std::move(input));
}
Async<WorkflowDescription> ClientInterceptor::describe_workflow(DescribeWorkflowInput input) {
  return next->describe_workflow(std::move(input));
}
Async<void> ClientInterceptor::cancel_workflow(CancelWorkflowInput input) {
  return next->cancel_workflow(std::move(input));
}
Async<void> ClientInterceptor::terminate_workflow(TerminateWorkflowInput input) {
  return next->terminate_workflow(std::move(input));
}
Async<HistoryPage> ClientInterceptor::fetch_history_page(FetchHistoryInput input) {
  return next->fetch_history_page(std::move(input));
}
Async<ListPage> ClientInterceptor::list_workflows(ListOptions options) {
  return next->list_workflows(std::move(options));
}
Async<WorkflowCount> ClientInterceptor::count_workflows(CountOptions options) {
  return next->count_workflows(std::move(options));
}
Async<void> ClientInterceptor::create_schedule(CreateScheduleInput input) {
  return next->create_schedule(std::move(input));
}
Async<ScheduleDescription> ClientInterceptor::describe_schedule(DescribeScheduleInput input) {
  return next->describe_schedule(std::move(input));
}
Async<void> ClientInterceptor::patch_schedule(PatchScheduleInput input) {
  return next->patch_schedule(std::move(input));
}
Async<void> ClientInterceptor::update_schedule(UpdateScheduleInput input) {
  return next->update_schedule(std::move(input));
}
Async<void> ClientInterceptor::delete_schedule(DeleteScheduleInput input) {
  return next->delete_schedule(std::move(input));
}
Async<SchedulePage> ClientInterceptor::list_schedules(ScheduleListOptions options) {
  return next->list_schedules(std::move(options));
}
Async<void> ClientInterceptor::complete_activity(CompleteActivityInput input) {
  return next->complete_activity(std::move(input));
}
Async<void> ClientInterceptor::fail_activity(FailActivityInput input) {
  return next->fail_activity(std::move(input));
}
Async<void> ClientInterceptor::cancel_activity(CancelActivityInput input) {
  return next->cancel_activity(std::move(input));
}
Async<HeartbeatActivityResult> ClientInterceptor::heartbeat_activity(HeartbeatActivityInput input) {
  return next->heartbeat_activity(std::move(input));
}

}  // namespace temporal
