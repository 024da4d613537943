// Children, and signals and cancel requests to other workflows.
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

namespace child = coresdk::child_workflow;

Job started(unsigned seq, const std::string& run_id) {
  Job j;
  j.mutable_resolve_child_workflow_execution_start()->set_seq(seq);
  j.mutable_resolve_child_workflow_execution_start()->mutable_succeeded()->set_run_id(run_id);
  return j;
}
Job not_started(unsigned seq, child::StartChildWorkflowExecutionFailedCause cause) {
  Job j;
  auto& s = *j.mutable_resolve_child_workflow_execution_start();
  s.set_seq(seq);
  s.mutable_failed()->set_cause(cause);
  return j;
}
Job ended(unsigned seq, const std::string& json) {
  Job j;
  auto& r = *j.mutable_resolve_child_workflow_execution();
  r.set_seq(seq);
  auto& p = *r.mutable_result()->mutable_completed()->mutable_result();
  (*p.mutable_metadata())["encoding"] = "json/plain";
  p.set_data(json);
  return j;
}
Job ended_canceled(unsigned seq) {
  Job j;
  auto& r = *j.mutable_resolve_child_workflow_execution();
  r.set_seq(seq);
  auto& f = *r.mutable_result()->mutable_cancelled()->mutable_failure();
  f.set_message("child canceled");
  f.mutable_child_workflow_execution_failure_info()->set_namespace_("default");
  f.mutable_cause()->set_message("by request");
  f.mutable_cause()->mutable_canceled_failure_info();
  return j;
}
Job sent(unsigned seq, const std::string& failure = "") {
  Job j;
  j.mutable_resolve_signal_external_workflow()->set_seq(seq);
  if (!failure.empty()) {
    auto& f = *j.mutable_resolve_signal_external_workflow()->mutable_failure();
    f.set_message(failure);
    f.mutable_application_failure_info()->set_type("SignalExternalWorkflowExecutionFailed");
  }
  return j;
}

inline constexpr KeywordKey kCode{"Code"};
inline constexpr WorkflowType<std::string(std::string)> audited{"audited"};

Task<std::string> with_a_child(Probe*) {
  auto handle = co_await workflow::start_child_workflow(
      probe_type,
      {.id = "c",
       .task_queue = "children",
       .id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate,
       .parent_close_policy = ParentClosePolicy::abandon,
       .cancellation_type = workflow::ChildWorkflowCancellationType::try_cancel,
       .execution_timeout = 3h,
       .run_timeout = 2h,
       .task_timeout = 20s,
       .retry_policy = RetryPolicy{.maximum_attempts = 3},
       .cron_schedule = "@daily",
       .memo = {{"who", Value::of(std::string("me"))}},
       .search_attributes = {{kCode.is("A1")}},
       .priority = {.priority_key = 4},
       .static_summary = "a child",
       .static_details = "of its parent"},
      "in");
  co_await handle.signal(note, "hello");
  co_return handle.id() + handle.first_execution_run_id() + co_await handle.result() +
      co_await handle.result();
}

TEST(Children, StartSignalAndResult) {
  Play p(&with_a_child);
  auto c = p.feed({init()}).successful().commands(0);
  const auto& s = c.start_child_workflow_execution();
  EXPECT_EQ(s.namespace_(), "default");
  EXPECT_EQ(s.workflow_id(), "c");
  EXPECT_EQ(s.workflow_type(), "probe");
  EXPECT_EQ(s.task_queue(), "children");
  EXPECT_EQ(s.workflow_id_reuse_policy(),
            api::enums::v1::WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE);
  EXPECT_EQ(s.parent_close_policy(), child::PARENT_CLOSE_POLICY_ABANDON);
  EXPECT_EQ(s.cancellation_type(), child::TRY_CANCEL);
  EXPECT_EQ(s.workflow_execution_timeout().seconds(), 3 * 3600);
  EXPECT_EQ(s.workflow_run_timeout().seconds(), 2 * 3600);
  EXPECT_EQ(s.workflow_task_timeout().seconds(), 20);
  EXPECT_EQ(s.retry_policy().maximum_attempts(), 3);
  EXPECT_EQ(s.cron_schedule(), "@daily");
  EXPECT_EQ(s.memo().at("who").data(), R"("me")");
  EXPECT_EQ(s.search_attributes().indexed_fields().at("Code").data(), R"("A1")");
  EXPECT_EQ(s.priority().priority_key(), 4);
  EXPECT_EQ(c.user_metadata().summary().data(), R"("a child")");
  EXPECT_EQ(c.user_metadata().details().data(), R"("of its parent")");

  EXPECT_EQ(p(started(1, "-r-")), R"(Signal1("hello"))");
  EXPECT_EQ(p(ended(1, R"("!")")), "");
  EXPECT_EQ(p(sent(1)), R"(Complete("c-r-!!"))");
}

template <workflow::ChildWorkflowCancellationType type, ParentClosePolicy policy>
Task<std::string> with_policies(Probe*) {
  co_return co_await workflow::execute_child_workflow(
      probe_type,
      {.id = "c",
       .parent_close_policy = policy,
       .cancellation_type = type,
       .versioning_override = VersioningOverride{.kind = VersioningOverride::Kind::pinned,
                                                 .version = {"shop", "1.1"}}},
      "in");
}
TEST(Children, EveryCancellationTypeAndParentClosePolicyReachesCore) {
  using Type = workflow::ChildWorkflowCancellationType;
  auto command = [](Probe::Body body) {
    return Play(body).feed({init()}).successful().commands(0).start_child_workflow_execution();
  };
  auto c = command(&with_policies<Type::abandon, ParentClosePolicy::terminate>);
  EXPECT_EQ(c.cancellation_type(), child::ABANDON);
  EXPECT_EQ(c.parent_close_policy(), child::PARENT_CLOSE_POLICY_TERMINATE);
  EXPECT_EQ(c.versioning_override().pinned().version().deployment_name(), "shop");
  EXPECT_EQ(c.versioning_override().pinned().version().build_id(), "1.1");
  c = command(&with_policies<Type::try_cancel, ParentClosePolicy::abandon>);
  EXPECT_EQ(c.cancellation_type(), child::TRY_CANCEL);
  EXPECT_EQ(c.parent_close_policy(), child::PARENT_CLOSE_POLICY_ABANDON);
  c = command(&with_policies<Type::wait_cancellation_completed, ParentClosePolicy::request_cancel>);
  EXPECT_EQ(c.cancellation_type(), child::WAIT_CANCELLATION_COMPLETED);
  EXPECT_EQ(c.parent_close_policy(), child::PARENT_CLOSE_POLICY_REQUEST_CANCEL);
  c = command(&with_policies<Type::wait_cancellation_requested, ParentClosePolicy::unspecified>);
  EXPECT_EQ(c.cancellation_type(), child::WAIT_CANCELLATION_REQUESTED);
  EXPECT_EQ(c.parent_close_policy(), child::PARENT_CLOSE_POLICY_UNSPECIFIED);
}

Task<std::string> execute(Probe*) {
  co_return co_await workflow::execute_child_workflow(probe_type, {}, "in");
}

TEST(Children, AnUnnamedOneGetsTheSameUuidInAReplay) {
  Play first(&execute), again(&execute);
  auto id =
      first.feed({init()}).successful().commands(0).start_child_workflow_execution().workflow_id();
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(
      again.feed({init()}).successful().commands(0).start_child_workflow_execution().workflow_id(),
      id);
}

TEST(Children, ThatWereNotStartedSayWhy) {
  Play p([](Probe*) -> Task<std::string> {
    auto c = workflow::start_child_workflow(probe_type, {.id = "c"}, "in");
    std::string why;
    try {
      co_await c;
    } catch (const ChildWorkflowFailure& e) {
      why = e.workflow_id() + " " + e.failure().root().type();
    }
    co_return why;
  });
  p(init());
  EXPECT_EQ(
      p(not_started(1, child::START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS)),
      R"(Complete("c WorkflowAlreadyStarted"))");
}

TEST(Children, ACancelBeforeAndAfterTheStart) {
  Play before(&execute);
  before(init());
  EXPECT_EQ(before(cancel("stop")), "CancelChild1(stop)");
  Job j;
  auto& s = *j.mutable_resolve_child_workflow_execution_start();
  s.set_seq(1);
  s.mutable_cancelled()->mutable_failure()->mutable_child_workflow_execution_failure_info();
  s.mutable_cancelled()->mutable_failure()->mutable_cause()->mutable_canceled_failure_info();
  EXPECT_EQ(before(j), "Cancel()");

  Play after(&execute);
  after(init());
  after(started(1, "r"));
  EXPECT_EQ(after(cancel("stop")), "CancelChild1(stop)");
  EXPECT_EQ(after(ended_canceled(1)), "Cancel()");
}

TEST(Children, ACancelBeforeTheStartIsKnownSettlesBoth) {
  Play p([](Probe*) -> Task<std::string> {
    co_await workflow::start_child_workflow(
        probe_type,
        {.id = "c", .cancellation_type = workflow::ChildWorkflowCancellationType::try_cancel},
        "in");
    co_return "";
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), "CancelChild1(stop)");
  EXPECT_EQ(p(ended_canceled(1)), "Cancel()");  // no job of the start comes before it
}

Task<std::string> with_request(Probe*) {
  co_return co_await workflow::execute_child_workflow(
      probe_type,
      {.id = "c",
       .cancellation_type = workflow::ChildWorkflowCancellationType::wait_cancellation_requested},
      "in");
}
Job asked(unsigned seq, bool failed = false) {
  Job j;
  j.mutable_resolve_request_cancel_external_workflow()->set_seq(seq);
  if (failed)
    j.mutable_resolve_request_cancel_external_workflow()
        ->mutable_failure()
        ->mutable_application_failure_info();
  return j;
}
TEST(Children, ARequestThatIsWaitedForSettlesTheChild) {
  Play p(&with_request);
  p(init());
  p(started(1, "r"));
  auto c = p.feed({cancel("stop")}).successful().commands(0);
  const auto& request = c.request_cancel_external_workflow_execution();
  EXPECT_EQ(request.workflow_execution().workflow_id() + request.workflow_execution().run_id(),
            "cr");
  EXPECT_EQ(request.reason(), "stop");
  EXPECT_EQ(p(asked(1)), "Cancel()");
  EXPECT_EQ(p(ended_canceled(1)), "");  // later, to nobody

  Play ended_first(&with_request);
  ended_first(init());
  ended_first(started(1, "r"));
  ended_first(cancel("stop"));
  EXPECT_EQ(ended_first(ended(1, R"("!")"), asked(1)), R"(Complete("!"))");

  Play too_late(&with_request);
  too_late(init());
  too_late(started(1, "r"));
  too_late(cancel("stop"));
  EXPECT_EQ(too_late(asked(1, true)), "");
  EXPECT_EQ(too_late(ended(1, R"("!")")), R"(Complete("!"))");

  Play before(&with_request);
  before(init());
  EXPECT_EQ(before(cancel("stop")), "CancelChild1(stop)");
}

TEST(ExternalWorkflows, SignalAndCancel) {
  Play p([](Probe*) -> Task<std::string> {
    auto other = workflow::external_workflow("order-7", "r7");
    auto signal = other.signal(note, "hi");
    auto request = other.cancel("enough");
    co_await workflow::all(signal, request);
    auto unknown = co_await workflow::external_workflow("none").signal(note, "hi").settled();
    co_return unknown.error().message();
  });
  auto c = p.feed({init()});
  EXPECT_EQ(text(c), R"(Signal1("hi") CancelExternal1(enough))");
  const auto& target =
      c.successful().commands(0).signal_external_workflow_execution().workflow_execution();
  EXPECT_EQ(target.workflow_id() + target.run_id() + target.namespace_(), "order-7r7default");
  Job requested;
  requested.mutable_resolve_request_cancel_external_workflow()->set_seq(1);
  EXPECT_EQ(p(sent(1), requested), R"(Signal2("hi"))");
  EXPECT_EQ(p(sent(2, "not found")), R"(Complete("not found"))");
}

TEST(ExternalWorkflows, ASignalNotYetSentIsCancelled) {
  Play p([](Probe*) -> Task<std::string> {
    co_await workflow::external_workflow("order-7").signal(note, "hi");
    co_return "";
  });
  p(init());
  EXPECT_EQ(p(cancel("stop")), "CancelSignal1");
}

// Writes for whom a payload is where another encoding's would be, and notes for whom it reads one.
struct Addressed final : PayloadConverter {
  static std::string name(const SerializationContext& c) {
    return c.workflow_id + "/" + c.workflow_type + "/" + c.activity_type + "/" +
           c.activity_task_queue + (c.is_local_activity ? " local" : "");
  }
  std::optional<Payload> to_payload(const ObjectView&,
                                    const SerializationContext& c) const override {
    return Payload{.metadata = {{"encoding", "json/plain"}}, .data = "<" + name(c) + ">"};
  }
  void from_payload(const Payload&, ObjectSlot& slot,
                    const SerializationContext& c) const override {
    seen.push_back(name(c));
    slot.put(std::string());
  }
};
TEST(Contexts, AreTheReceivers) {
  Play p(
      [](Probe*) -> Task<std::string> {
        auto near = workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, "");
        auto far =
            workflow::execute_activity(echo, {.task_queue = "Q", .start_to_close_timeout = 1s}, "");
        auto child = workflow::execute_child_workflow(audited, {.id = "c", .task_queue = "K"}, "");
        auto signal = workflow::external_workflow("o").signal(note, "");
        co_await workflow::all(near, far, child, signal);
        workflow::continue_as_new(audited, {}, "");
      },
      {.converter = DataConverter({.payload_converter = std::make_shared<Addressed>()})});
  EXPECT_EQ(p(init()),
            "ScheduleLocalActivity1(<probe-1/probe/echo/probes local>) "
            "ScheduleActivity2(<probe-1/probe/echo/Q>) StartChild1(<c/audited//>) Signal1(<o///>)");
  seen.clear();
  EXPECT_EQ(p(ok(1, ""), ok(2, ""), started(1, "r"), ended(1, ""), sent(1)),
            "ContinueAsNew(<probe-1/audited//>)");
  EXPECT_EQ(seen, (std::vector<std::string>{"probe-1/probe/echo/probes local",
                                            "probe-1/probe/echo/Q", "c/audited//"}));
}

}  // namespace
}  // namespace temporal::testing
