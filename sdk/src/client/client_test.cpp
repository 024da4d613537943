// What the client asks of the server, in which order, and what its answers become.
#include <temporal/api/errordetails/v1/message.pb.h>

#include "client/test_answers.h"

namespace temporal {
namespace {

using namespace std::chrono_literals;
namespace enums = temporal::api::enums::v1;

TEST_F(ClientTest, StartsWithEveryOption) {
  service::StartWorkflowExecutionResponse response;
  response.set_run_id("run-1");
  response.set_started(true);
  transport->answers = {with(response)};
  auto o = options();
  o.id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate;
  o.id_conflict_policy = WorkflowIdConflictPolicy::use_existing;
  o.request_id = "request-1";
  o.execution_timeout = 1h;
  o.run_timeout = 30min;
  o.task_timeout = 20s;
  o.retry_policy = RetryPolicy{.maximum_attempts = 3};
  o.cron_schedule = "* * * * *";
  o.start_delay = 1500ms;
  o.memo = {{"who", Value::of(std::string("me"))}};
  o.search_attributes = {KeywordKey{"Code"}.is("A1")};
  o.static_summary = "summary";
  o.static_details = "details";
  o.priority = {.priority_key = 2};
  o.versioning_override = VersioningOverride{};
  o.rpc = {.timeout = 2s, .metadata = {{"k", "v"}}};
  auto handle = client().start_workflow(Order::type, o, {.number = 7}).get();
  EXPECT_EQ(handle.id(), "order-1");
  EXPECT_EQ(handle.run_id(), "");
  EXPECT_EQ(handle.first_execution_run_id(), "run-1");

  EXPECT_EQ(transport->calls[0].method, "StartWorkflowExecution");
  EXPECT_EQ(transport->calls[0].options.metadata.at("k"), "v");
  auto r = transport->request<service::StartWorkflowExecutionRequest>(0);
  EXPECT_EQ(r.namespace_(), "default");
  EXPECT_EQ(r.identity(), "me");
  EXPECT_EQ(r.workflow_type().name(), "Order");
  EXPECT_EQ(r.input().payloads(0).data(), R"({"number":7})");
  EXPECT_EQ(r.workflow_id_reuse_policy(), enums::WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE);
  EXPECT_EQ(r.workflow_id_conflict_policy(), enums::WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING);
  EXPECT_EQ(r.request_id(), "request-1");
  EXPECT_EQ(r.workflow_execution_timeout().seconds(), 3600);
  EXPECT_EQ(r.workflow_run_timeout().seconds(), 1800);
  EXPECT_EQ(r.workflow_task_timeout().seconds(), 20);
  EXPECT_EQ(r.workflow_start_delay().nanos(), 500'000'000);
  EXPECT_EQ(r.retry_policy().maximum_attempts(), 3);
  EXPECT_EQ(r.cron_schedule(), "* * * * *");
  EXPECT_EQ(r.memo().fields().at("who").data(), R"("me")");
  EXPECT_EQ(r.search_attributes().indexed_fields().at("Code").data(), R"("A1")");
  EXPECT_EQ(r.user_metadata().summary().data(), R"("summary")");
  EXPECT_EQ(r.user_metadata().details().data(), R"("details")");
  EXPECT_EQ(r.priority().priority_key(), 2);
  EXPECT_TRUE(r.has_versioning_override());
}

TEST_F(ClientTest, LeavesUnsetOptionsToTheServer) {
  transport->answers = {with(service::StartWorkflowExecutionResponse())};
  client().start_workflow("ByName", options(), {Value::of(1), Value::of(true)}).get();
  auto r = transport->request<service::StartWorkflowExecutionRequest>(0);
  EXPECT_EQ(r.workflow_type().name(), "ByName");
  EXPECT_EQ(r.input().payloads_size(), 2);
  EXPECT_FALSE(r.has_workflow_execution_timeout() || r.has_workflow_run_timeout() ||
               r.has_workflow_task_timeout() || r.has_workflow_start_delay() ||
               r.has_retry_policy() || r.has_memo() || r.has_search_attributes() ||
               r.has_user_metadata() || r.has_header() || r.has_versioning_override() ||
               r.has_priority());
  EXPECT_EQ(r.request_id().size(), 36U);
}

TEST_F(ClientTest, ATakenIdIsAnErrorThatNamesTheRun) {
  temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure detail;
  detail.set_run_id("run-0");
  transport->answers = {failing(RpcCode::already_exists, &detail)};
  try {
    client().start_workflow(Order::type, options(), {}).get();
    FAIL() << "no error";
  } catch (const WorkflowAlreadyStartedError& error) {
    EXPECT_EQ(error.workflow_id(), "order-1");
    EXPECT_EQ(error.workflow_type(), "Order");
    EXPECT_EQ(error.run_id(), "run-0");
  }
}

TEST_F(ClientTest, OptionsThatCannotBeRightAreRefusedWithoutACall) {
  EXPECT_THROW(client().start_workflow(Order::type, {.task_queue = "q"}, {}).get(),
               std::invalid_argument);
  EXPECT_THROW(client().start_workflow(Order::type, {.id = "i"}, {}).get(), std::invalid_argument);
  EXPECT_THROW(
      client().start_update_with_start(Order::type, options(), call(Order::cancel, {}), {}).get(),
      std::invalid_argument);
  EXPECT_TRUE(transport->calls.empty());
}

TEST_F(ClientTest, SignalsWithStart) {
  service::SignalWithStartWorkflowExecutionResponse response;
  response.set_run_id("run-1");
  transport->answers = {with(response)};
  auto handle =
      client().signal_with_start(Order::type, options(), call(Order::note, "hello"), {}).get();
  EXPECT_EQ(handle.result_run_id(), "run-1");
  auto r = transport->request<service::SignalWithStartWorkflowExecutionRequest>(0);
  EXPECT_EQ(r.signal_name(), "note");
  EXPECT_EQ(r.signal_input().payloads(0).data(), R"("hello")");
  EXPECT_EQ(r.input().payloads(0).data(), R"({"number":0})");
}

// Its run may be a later one of the chain, which a cancel by that first run would not find.
TEST_F(ClientTest, OnlyAStartThatStartedNamesTheFirstRun) {
  service::StartWorkflowExecutionResponse found, fresh;
  found.set_run_id("run-2");
  fresh.set_run_id("run-3");
  fresh.set_started(true);
  service::SignalWithStartWorkflowExecutionResponse signaled;
  signaled.set_run_id("run-2");
  signaled.set_started(true);
  service::RequestCancelWorkflowExecutionResponse canceled;
  auto end = last_event(
      [](auto& event) { event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED); });
  transport->answers = {with(found),
                        with(canceled),
                        end,
                        with(signaled),
                        with(service::TerminateWorkflowExecutionResponse()),
                        with(fresh),
                        with(canceled)};
  auto used = client().start_workflow(Order::type, options(), {}).get();
  used.cancel().get();
  EXPECT_EQ(transport->request<service::RequestCancelWorkflowExecutionRequest>(1)
                .first_execution_run_id(),
            "");
  EXPECT_THROW(used.result().get(), WorkflowFailedError);
  EXPECT_EQ(transport->request<service::GetWorkflowExecutionHistoryRequest>(2).execution().run_id(),
            "run-2");
  client()
      .signal_with_start(Order::type, options(), call(Order::note, "hello"), {})
      .get()
      .terminate()
      .get();
  EXPECT_EQ(
      transport->request<service::TerminateWorkflowExecutionRequest>(4).first_execution_run_id(),
      "");
  client().start_workflow(Order::type, options(), {}).get().cancel().get();
  EXPECT_EQ(transport->request<service::RequestCancelWorkflowExecutionRequest>(6)
                .first_execution_run_id(),
            "run-3");
}

TEST_F(ClientTest, AnUpdateIsSentUntilItIsAccepted) {
  service::UpdateWorkflowExecutionResponse admitted, accepted;
  admitted.set_stage(enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED);
  accepted.set_stage(enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED);
  service::PollWorkflowExecutionUpdateResponse nothing, done;
  done.mutable_outcome()->mutable_success()->add_payloads()->set_data(R"({"text":"ok"})");
  (*done.mutable_outcome()
        ->mutable_success()
        ->mutable_payloads(0)
        ->mutable_metadata())["encoding"] = "json/plain";
  transport->answers = {with(admitted), failing(RpcCode::deadline_exceeded), with(accepted),
                        with(nothing), with(done)};
  auto handle = client().workflow_handle(Order::type, "order-1", "run-1");
  EXPECT_EQ(handle.execute_update(Order::cancel, {.number = 3}).get().text, "ok");
  auto first = transport->request<service::UpdateWorkflowExecutionRequest>(0);
  auto third = transport->request<service::UpdateWorkflowExecutionRequest>(2);
  EXPECT_EQ(first.request().meta().update_id(), third.request().meta().update_id());
  EXPECT_EQ(first.wait_policy().lifecycle_stage(),
            enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
  EXPECT_EQ(first.workflow_execution().run_id(), "run-1");
  auto poll = transport->request<service::PollWorkflowExecutionUpdateRequest>(3);
  EXPECT_EQ(poll.update_ref().update_id(), first.request().meta().update_id());
}

TEST_F(ClientTest, AKnownOutcomeNeedsNoCall) {
  service::UpdateWorkflowExecutionResponse done;
  done.set_stage(enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
  done.mutable_outcome()->mutable_failure()->set_message("not now");
  done.mutable_outcome()->mutable_failure()->mutable_application_failure_info()->set_type("Late");
  transport->answers = {with(done)};
  auto handle = client().workflow_handle(Order::type, "order-1");
  auto update =
      handle.start_update(Order::cancel, {.id = "u-1", .wait_for = UpdateStage::completed}, {})
          .get();
  EXPECT_EQ(update.id(), "u-1");
  EXPECT_TRUE(update.outcome_known());
  try {
    update.result().get();
    FAIL() << "no error";
  } catch (const UpdateFailedError& error) {
    EXPECT_EQ(error.failure().type(), "Late");
  }
}

TEST_F(ClientTest, AnUpdatesTimeoutIsATimeoutError) {
  transport->answers = {failing(RpcCode::deadline_exceeded)};
  auto handle = client().workflow_handle(Order::type, "order-1");
  EXPECT_THROW(handle.execute_update(Order::cancel, {.rpc = {.timeout = 5s}}, {}).get(),
               TimeoutError);
}

TEST_F(ClientTest, UpdateWithStartIsOneOperation) {
  service::ExecuteMultiOperationResponse response;
  response.add_responses()->mutable_start_workflow()->set_run_id("run-1");
  auto& updated = *response.add_responses()->mutable_update_workflow();
  updated.set_stage(enums::UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
  updated.mutable_update_ref()->mutable_workflow_execution()->set_run_id("run-1");
  updated.mutable_outcome()->mutable_failure()->set_message("refused");
  transport->answers = {with(response)};
  auto o = options();
  o.id_conflict_policy = WorkflowIdConflictPolicy::use_existing;
  EXPECT_THROW(
      client()
          .execute_update_with_start(Order::type, o, call(Order::cancel, {.number = 2}), {})
          .get(),
      UpdateFailedError);
  auto r = transport->request<service::ExecuteMultiOperationRequest>(0);
  EXPECT_EQ(r.operations(0).start_workflow().workflow_id(), "order-1");
  EXPECT_EQ(r.operations(1).update_workflow().request().input().args().payloads(0).data(),
            R"({"number":2})");
}

TEST_F(ClientTest, OfAFailedUpdateWithStartTheOneThatFailedIsTold) {
  temporal::api::errordetails::v1::MultiOperationExecutionFailure detail;
  temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure started;
  started.set_run_id("run-0");
  auto* first = detail.add_statuses();
  first->set_code(6);
  first->add_details()->PackFrom(started);
  auto* second = detail.add_statuses();
  second->set_code(10);
  second->add_details()->PackFrom(temporal::api::failure::v1::MultiOperationExecutionAborted());
  transport->answers = {failing(RpcCode::already_exists, &detail)};
  auto o = options();
  o.id_conflict_policy = WorkflowIdConflictPolicy::fail;
  EXPECT_THROW(client().start_update_with_start(Order::type, o, call(Order::cancel, {}), {}).get(),
               WorkflowAlreadyStartedError);
}

TEST_F(ClientTest, TheResultIsWaitedForAndFollowedOverRuns) {
  transport->answers = {
      with(service::GetWorkflowExecutionHistoryResponse()),  // nothing yet
      failing(RpcCode::deadline_exceeded),                   // nor now
      last_event([](auto& event) {
        event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW);
        event.mutable_workflow_execution_continued_as_new_event_attributes()
            ->set_new_execution_run_id("run-2");
      }),
      last_event([](auto& event) {
        event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED);
        auto& payload = *event.mutable_workflow_execution_completed_event_attributes()
                             ->mutable_result()
                             ->add_payloads();
        (*payload.mutable_metadata())["encoding"] = "json/plain";
        payload.set_data(R"({"text":"done"})");
      })};
  auto handle = client().workflow_handle(Order::type, "order-1", "run-1");
  EXPECT_EQ(handle.result().get().text, "done");
  auto r = transport->request<service::GetWorkflowExecutionHistoryRequest>(3);
  EXPECT_EQ(r.execution().run_id(), "run-2");
  EXPECT_TRUE(r.wait_new_event());
}

TEST_F(ClientTest, ARunThatIsNotToBeFollowedNamesTheNext) {
  transport->answers = {last_event([](auto& event) {
    event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW);
    event.mutable_workflow_execution_continued_as_new_event_attributes()->set_new_execution_run_id(
        "run-2");
  })};
  auto handle = client().workflow_handle(Order::type, "order-1");
  EXPECT_THROW(handle.result({.follow_runs = false}).get(), WorkflowContinuedAsNewError);
}

TEST_F(ClientTest, AWorkflowThatTimedOutFailsWithATimeoutFailure) {
  transport->answers = {last_event(
      [](auto& event) { event.set_event_type(enums::EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT); })};
  try {
    client().workflow_handle(Order::type, "order-1").result().get();
    FAIL() << "no error";
  } catch (const WorkflowFailedError& error) {
    EXPECT_THROW(throw_failure(error.failure()), TimeoutFailure);
  }
}

TEST_F(ClientTest, QueriesFailWithTheHandlersFailureAndRejectWithTheStatus) {
  temporal::api::errordetails::v1::QueryFailedFailure detail;
  detail.mutable_failure()->set_message("no such order");
  detail.mutable_failure()->mutable_application_failure_info()->set_type("Unknown");
  service::QueryWorkflowResponse rejected;
  rejected.mutable_query_rejected()->set_status(enums::WORKFLOW_EXECUTION_STATUS_TERMINATED);
  transport->answers = {failing(RpcCode::invalid_argument, &detail), with(rejected),
                        failing(RpcCode::not_found)};
  auto handle = client().workflow_handle(Order::type, "order-1");
  try {
    handle.query(Order::total).get();
    FAIL() << "no error";
  } catch (const QueryFailedError& error) {
    EXPECT_EQ(error.failure().type(), "Unknown");
  }
  try {
    handle.query(Order::total, {.reject_condition = QueryRejectCondition::not_open}).get();
    FAIL() << "no error";
  } catch (const QueryRejectedError& error) {
    EXPECT_EQ(error.status(), WorkflowStatus::terminated);
  }
  EXPECT_THROW(handle.query(Order::total).get(), RpcError);
  EXPECT_EQ(transport->request<service::QueryWorkflowRequest>(1).query_reject_condition(),
            enums::QUERY_REJECT_CONDITION_NOT_OPEN);
}

// Names itself in a header, and counts.
struct Mark final : ClientInterceptor {
  explicit Mark(std::string n) : name(std::move(n)) {}
  Async<StartedWorkflow> start_workflow(StartWorkflowInput input) override {
    auto& payload = input.headers["marks"];
    payload.data += name;
    co_return co_await next->start_workflow(std::move(input));
  }
  std::string name;
};

TEST_F(ClientTest, TheFirstInterceptorIsOutermost) {
  transport->answers = {with(service::StartWorkflowExecutionResponse()),
                        with(service::SignalWorkflowExecutionResponse())};
  auto c = client({std::make_shared<Mark>("a"), std::make_shared<Mark>("b")});
  auto handle = c.start_workflow(Order::type, options(), {}).get();
  auto r = transport->request<service::StartWorkflowExecutionRequest>(0);
  EXPECT_EQ(r.header().fields().at("marks").data(), "ab");
  handle.signal(Order::note, "through both, unseen").get();
}

TEST_F(ClientTest, ACallKeepsItsInterceptorsAlive) {
  transport->answers = {with(service::StartWorkflowExecutionResponse())};
  auto call = client({std::make_shared<Mark>("a")}).start_workflow(Order::type, options(), {});
  EXPECT_EQ(std::move(call).get().id(), "order-1");
}

// Puts "~" before the data; waits, and refuses what has a "!".
struct Tilde final : PayloadCodec {
  explicit Tilde(std::shared_ptr<Executor> e) : executor(std::move(e)) {}
  Async<std::vector<Payload>> encode(std::vector<Payload> payloads, SerializationContext) override {
    co_await hop();
    for (auto& payload : payloads) {
      if (payload.data.contains('!')) throw std::runtime_error("the codec refuses");
      payload.data = "~" + payload.data;
    }
    co_return payloads;
  }
  Async<std::vector<Payload>> decode(std::vector<Payload> payloads, SerializationContext) override {
    co_await hop();
    for (auto& payload : payloads)
      if (payload.data.starts_with('~')) payload.data.erase(0, 1);
    co_return payloads;
  }
  Async<void> hop() {
    return Async<void>(executor, [](std::stop_token, Callback<void> done) { done({}); });
  }
  std::shared_ptr<Executor> executor;
};

TEST_F(ClientTest, PayloadsGoThroughTheCodecBothWays) {
  service::QueryWorkflowResponse answer;
  auto& payload = *answer.mutable_query_result()->add_payloads();
  (*payload.mutable_metadata())["encoding"] = "json/plain";
  payload.set_data("~42");
  service::GetWorkflowExecutionHistoryResponse history;
  *history.mutable_history()
       ->add_events()
       ->mutable_workflow_execution_signaled_event_attributes()
       ->mutable_input()
       ->add_payloads() = payload;
  transport->answers = {with(service::StartWorkflowExecutionResponse()), with(answer),
                        with(history)};
  auto codec = std::make_shared<Tilde>(std::make_shared<ThreadExecutor>());
  ClientOptions with_codec{.data_converter = DataConverter({.codec = codec})};
  Client c(std::make_shared<detail::ClientCore>(std::move(with_codec), transport));
  auto o = options();
  o.search_attributes = {KeywordKey{"Code"}.is("A1")};
  auto handle = c.start_workflow(Order::type, o, {.number = 1}).get();
  auto r = transport->request<service::StartWorkflowExecutionRequest>(0);
  EXPECT_EQ(r.input().payloads(0).data(), R"(~{"number":1})");
  EXPECT_EQ(r.search_attributes().indexed_fields().at("Code").data(), R"("A1")");
  EXPECT_EQ(handle.query(Order::total).get(), 42);
  EXPECT_EQ(handle.fetch_history().get().bytes(), history.history().SerializeAsString());
  EXPECT_THROW(handle.signal(Order::note, "no!").get(), std::runtime_error);
  EXPECT_EQ(transport->calls.size(), 3U);
}

TEST_F(ClientTest, RawCallsPassThrough) {
  transport->answers = {[](const RpcRequest& r) { return r.request + "!"; }};
  EXPECT_EQ(client().call(RpcService::operators, "Anything", "bytes").get(), "bytes!");
  EXPECT_EQ(transport->calls[0].service, RpcService::operators);
}

TEST_F(ClientTest, AnAnswerThatIsNoneIsAnInternalError) {
  transport->answers = {[](const RpcRequest&) { return std::string("\xff\xff\xff"); }};
  try {
    client().count_workflows().get();
    FAIL() << "no error";
  } catch (const RpcError& error) {
    EXPECT_EQ(error.code(), RpcCode::internal);
  }
}

}  // namespace
}  // namespace temporal
