// ClientCore: the innermost of a client's chain, which turns its calls into those of the server.
#pragma once
#include <memory>
#include <string>

#include "client/core_transport.h"
#include "client/transport.h"
#include "temporal/client.h"

namespace temporal::detail {

class ClientCore final : public ClientInterceptor, public std::enable_shared_from_this<ClientCore> {
 public:
  // A client of Core. Throws std::invalid_argument for options that cannot be right.
  static std::shared_ptr<ClientCore> make(ClientOptions options);
  // With an identity and a runtime, where they have none.
  static ClientOptions completed(ClientOptions options);
  // A client of any transport.
  ClientCore(ClientOptions options, std::shared_ptr<Transport> transport);

  const ClientOptions& options() const { return options_; }
  const DataConverter& converter() const { return options_.data_converter; }
  const std::string& name_space() const { return options_.name_space; }
  const std::string& identity() const { return options_.identity; }
  const Runtime& runtime() const { return *options_.runtime; }
  ClientInterceptor& outermost() const { return *first_; }
  // Throws std::logic_error where the transport is another.
  CoreTransport& core_transport() const;

  Async<std::string> call(RpcRequest request) const;

  Async<StartedWorkflow> start_workflow(StartWorkflowInput input) override;
  Async<UpdateState> start_update_with_start(UpdateWithStartInput input) override;
  Async<void> signal_workflow(SignalWorkflowInput input) override;
  Async<Value> query_workflow(QueryWorkflowInput input) override;
  Async<UpdateState> start_update(StartUpdateInput input) override;
  Async<UpdateState> update_result(UpdateResultInput input) override;
  Async<Value> workflow_result(WorkflowResultInput input) override;
  Async<WorkflowDescription> describe_workflow(DescribeWorkflowInput input) override;
  Async<void> cancel_workflow(CancelWorkflowInput input) override;
  Async<void> terminate_workflow(TerminateWorkflowInput input) override;
  Async<HistoryPage> fetch_history_page(FetchHistoryInput input) override;
  Async<ListPage> list_workflows(ListOptions options) override;
  Async<WorkflowCount> count_workflows(CountOptions options) override;
  Async<void> create_schedule(CreateScheduleInput input) override;
  Async<ScheduleDescription> describe_schedule(DescribeScheduleInput input) override;
  Async<void> patch_schedule(PatchScheduleInput input) override;
  Async<void> update_schedule(UpdateScheduleInput input) override;
  Async<void> delete_schedule(DeleteScheduleInput input) override;
  Async<SchedulePage> list_schedules(ScheduleListOptions options) override;
  Async<void> complete_activity(CompleteActivityInput input) override;
  Async<void> fail_activity(FailActivityInput input) override;
  Async<void> cancel_activity(CancelActivityInput input) override;
  Async<HeartbeatActivityResult> heartbeat_activity(HeartbeatActivityInput input) override;

 private:
  ClientOptions options_;
  std::shared_ptr<Transport> transport_;
  ClientInterceptor* first_ = this;
};

}  // namespace temporal::detail
