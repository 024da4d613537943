// Signals that start their workflow: what of them reaches the server, and how they resolve.
#include "temporal/workflow_signal_with_start.h"
#include "workflow/system_nexus.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

inline constexpr KeywordKey kCode{"Code"};

Task<std::string> signals(Probe*) {
  auto handle = co_await workflow::signal_with_start(
      probe_type,
      {.id = "cart-7",
       .id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate,
       .id_conflict_policy = WorkflowIdConflictPolicy::use_existing,
       .execution_timeout = 3h,
       .run_timeout = 2h,
       .task_timeout = 20s,
       .retry_policy = RetryPolicy{.maximum_attempts = 3},
       .start_delay = 5s,
       .memo = {{"who", Value::of(std::string("me"))}},
       .search_attributes = {{kCode.is("A1")}},
       .static_summary = "a cart",
       .static_details = "of tea",
       .priority = {.priority_key = 4},
       .versioning_override = VersioningOverride{}},
      temporal::call(note, "hello"), "in");
  co_await handle.signal(note, "again");
  co_return handle.id();
}

Job nexus_started(unsigned seq) {
  Job j;
  j.mutable_resolve_nexus_operation_start()->set_seq(seq);
  j.mutable_resolve_nexus_operation_start()->set_started_sync(true);
  return j;
}
Job nexus_completed(unsigned seq, bool json) {
  api::workflowservice::v1::SignalWithStartWorkflowExecutionResponse response;
  response.set_run_id("r-7");
  Job j;
  j.mutable_resolve_nexus_operation()->set_seq(seq);
  auto& payload = *j.mutable_resolve_nexus_operation()->mutable_result()->mutable_completed();
  (*payload.mutable_metadata())["encoding"] = json ? "json/protobuf" : "binary/protobuf";
  payload.set_data(json ? R"({"runId":"r-7"})" : response.SerializeAsString());
  return j;
}
void set_canceled(api::failure::v1::Failure* f) {
  f->set_message("nexus operation completed unsuccessfully");
  f->mutable_nexus_operation_execution_failure_info();
  f->mutable_cause()->set_message("stop");
  f->mutable_cause()->mutable_canceled_failure_info();
}

TEST(SignalWithStart, EveryOptionReachesTheServer) {
  Play p(&signals);
  auto c = p.feed({init()}).successful().commands(0);
  const auto& operation = c.schedule_nexus_operation();
  EXPECT_EQ(operation.endpoint(), "__temporal_system");
  EXPECT_TRUE(operation.nexus_header().empty());
  auto r = *detail::signal_with_start_in(c);
  EXPECT_EQ(r.namespace_() + r.request_id(), "");  // both are the server's
  EXPECT_EQ(r.workflow_id(), "cart-7");
  EXPECT_EQ(r.workflow_type().name(), "probe");
  EXPECT_EQ(r.task_queue().name(), "probes");  // the caller's own
  EXPECT_EQ(r.input().payloads(0).data(), R"("in")");
  EXPECT_EQ(r.signal_name(), "note");
  EXPECT_EQ(r.signal_input().payloads(0).data(), R"("hello")");
  EXPECT_EQ(r.workflow_id_reuse_policy(),
            api::enums::v1::WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE);
  EXPECT_EQ(r.workflow_id_conflict_policy(),
            api::enums::v1::WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING);
  EXPECT_EQ(r.workflow_execution_timeout().seconds(), 3 * 3600);
  EXPECT_EQ(r.workflow_run_timeout().seconds(), 2 * 3600);
  EXPECT_EQ(r.workflow_task_timeout().seconds(), 20);
  EXPECT_EQ(r.workflow_start_delay().seconds(), 5);
  EXPECT_EQ(r.retry_policy().maximum_attempts(), 3);
  EXPECT_EQ(r.memo().fields().at("who").data(), R"("me")");
  EXPECT_EQ(r.search_attributes().indexed_fields().at("Code").data(), R"("A1")");
  EXPECT_EQ(r.user_metadata().summary().data(), R"("a cart")");
  EXPECT_EQ(r.user_metadata().details().data(), R"("of tea")");
  EXPECT_EQ(r.priority().priority_key(), 4);
  EXPECT_TRUE(r.has_versioning_override());
}

TEST(SignalWithStart, GivesTheHandleOfTheRunThatGotTheSignal) {
  for (bool json : {false, true}) {
    Play p(&signals);
    p(init());
    auto c = p.feed({nexus_started(1), nexus_completed(1, json)}).successful().commands(0);
    EXPECT_EQ(c.signal_external_workflow_execution().workflow_execution().run_id(), "r-7");
    EXPECT_EQ(c.signal_external_workflow_execution().workflow_execution().workflow_id(), "cart-7");
  }
}

Task<std::string> and_why(Probe*) {
  auto f =
      workflow::signal_with_start(probe_type, {.id = "x"}, temporal::call(note, "hello"), "in");
  auto r = co_await f.settled();
  co_return r ? "signaled" : r.error().root().message();
}
TEST(SignalWithStart, AFailureIsThatOfANexusOperation) {
  Play refused(&and_why), failed(&and_why), canceled(&and_why);
  Job start, end;
  auto& why = *start.mutable_resolve_nexus_operation_start()->mutable_failed();
  start.mutable_resolve_nexus_operation_start()->set_seq(1);
  why.mutable_nexus_operation_execution_failure_info();
  why.mutable_cause()->set_message("already started");
  why.mutable_cause()->mutable_application_failure_info();
  refused(init());
  EXPECT_EQ(refused(start), R"(Complete("already started"))");
  end.mutable_resolve_nexus_operation()->set_seq(1);
  *end.mutable_resolve_nexus_operation()->mutable_result()->mutable_failed() = why;
  failed(init());
  EXPECT_EQ(failed(nexus_started(1), end), R"(Complete("already started"))");
  set_canceled(end.mutable_resolve_nexus_operation()->mutable_result()->mutable_cancelled());
  canceled(init());
  auto c = canceled.feed({cancel("stop")}).successful().commands(0);
  EXPECT_EQ(c.request_cancel_nexus_operation().seq(), 1U);
  EXPECT_EQ(canceled(end), R"(Complete("stop"))");
}

TEST(SignalWithStart, AMistakeIsNamedAtTheCall) {
  Play p([](Probe*) -> Task<std::string> {
    auto f = workflow::signal_with_start(probe_type, {}, temporal::call(note, "hello"), "in");
    co_return co_await f.settled() ? "" : "";
  });
  EXPECT_EQ(p(init()), "task failed: workflow::signal_with_start: options.id is empty");
}

}  // namespace
}  // namespace temporal::testing
