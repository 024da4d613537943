// Spans of workflows, by hand-made activations.
#include "tracing/recorded.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

using namespace tracing;

void call_with(google::protobuf::Map<std::string, temporal::api::common::v1::Payload>& headers) {
  auto& data = headers["_tracer-data"];
  (*data.mutable_metadata())["encoding"] = "json/plain";
  data.set_data(std::string(kCallersData));
}
Job started() {
  auto job = init();
  call_with(*job.mutable_initialize_workflow()->mutable_headers());
  return job;
}

SpanContext of_command(const WorkflowActivationCompletion& c, int i = 0) {
  const auto& data = c.successful().commands(i).schedule_activity().headers().at("_tracer-data");
  return read_from(
      {{"_tracer-data", {.metadata = {{"encoding", "json/plain"}}, .data = data.data()}}});
}

struct WorkflowSpans : ::testing::Test {
  std::shared_ptr<Recorded> recorded = std::make_shared<Recorded>();
  InstanceOptions options() { return {.interceptors = {workflow_interceptor(Tracer(recorded))}}; }
};

TEST_F(WorkflowSpans, ARunIsAChildOfItsStartAndTheParentOfItsCalls) {
  Play p(&Probe::one_call, options());
  const auto sent = of_command(p.feed({started()}));
  auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);  // the run goes on
  EXPECT_EQ(spans[0].name, "StartActivity:echo");
  EXPECT_EQ(spans[0].kind, SpanKind::client);
  EXPECT_EQ(spans[0].context, sent);
  EXPECT_EQ(sent.trace_id, kCaller.trace_id);
  EXPECT_EQ(sent.baggage, kCaller.baggage);
  const auto run = spans[0].parent;

  EXPECT_EQ(p(ok(1, "y")), R"(Complete("y"))");
  spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "RunWorkflow:probe");
  EXPECT_EQ(spans[0].kind, SpanKind::server);
  EXPECT_EQ(spans[0].context.span_id, run);
  EXPECT_EQ(spans[0].parent, kCaller.span_id);
  EXPECT_EQ(attribute(spans[0], "temporalWorkflowID"), "probe-1");
  EXPECT_EQ(attribute(spans[0], "temporalRunID"), "run-1");
  EXPECT_EQ(spans[0].start, Time(std::chrono::seconds(1'700'000'000)));
  EXPECT_FALSE(spans[0].error);
}

TEST_F(WorkflowSpans, AReplayIsSilentAndMakesTheSameIds) {
  SpanContext first;
  {
    Play p(&Probe::one_call, options());
    first = of_command(p.feed({started()}));
  }  // evicted
  EXPECT_EQ(recorded->take().size(), 1U);
  Play p(&Probe::one_call, options());
  EXPECT_EQ(of_command(p.instance.activate(activation({started()}, true))), first);
  EXPECT_TRUE(recorded->take().empty());
  p(ok(1, "y"));
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "RunWorkflow:probe");
}

TEST_F(WorkflowSpans, AWholeReplayIsSilent) {
  Play p(&Probe::one_call, options());
  p.replay(started());
  p.replay(ok(1, "y"));
  EXPECT_TRUE(recorded->take().empty());
}

TEST_F(WorkflowSpans, AFailedRunSaysWhyAndAFailedTaskIsNoEnd) {
  Play p(&Probe::one_call, options());
  p(started());
  recorded->take();
  p(bad(1, "no disk"));
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].error, "activity failed");

  Play bug(
      [](Probe*) -> Task<std::string> {
        throw std::runtime_error("a bug");
        co_return "";
      },
      options());
  EXPECT_EQ(bug(started()), "task failed: a bug");
  EXPECT_TRUE(recorded->take().empty());
}

TEST_F(WorkflowSpans, AHandlerIsOfTheRunWithALinkToItsSender) {
  Play p(
      [](Probe* self) -> Task<std::string> {
        co_await workflow::wait_until([self] { return self->notes.size() == 1; });
        co_return "";
      },
      options());
  p(started());
  auto update = added("u1", 1);
  call_with(*update.mutable_do_update()->mutable_headers());
  p(update);
  auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "ValidateUpdate:add");
  EXPECT_EQ(spans[1].name, "HandleUpdate:add");
  EXPECT_EQ(attribute(spans[1], "temporalUpdateID"), "u1");
  ASSERT_EQ(spans[1].links.size(), 1U);
  EXPECT_EQ(spans[1].links[0], kCaller);
  const auto run = spans[1].parent;
  p(noted("x"));
  spans = recorded->take();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "HandleSignal:note");
  EXPECT_EQ(spans[0].parent, run);
  EXPECT_TRUE(spans[0].links.empty());
  EXPECT_EQ(spans[1].context.span_id, run);
}

struct Caller {  // whose update calls an activity
  Task<std::string> run(std::string) {
    co_await workflow::wait_until([] { return false; });
    co_return "";
  }
  Task<int> on_add(int n) {
    spans.push_back(tracing::current());
    co_await call("from the handler");
    co_return n;
  }
  static inline std::vector<SpanContext> spans;
};

TEST_F(WorkflowSpans, WhatAHandlerCallsIsItsChild) {
  Caller::spans.clear();
  Play p(workflow_definition(probe_type, &Caller::run).update(add, &Caller::on_add), options());
  p(started());
  p(added("u1", 1));
  const auto spans = recorded->take();
  ASSERT_EQ(spans.back().name, "StartActivity:echo");
  ASSERT_EQ(Caller::spans.size(), 1U);
  EXPECT_EQ(spans.back().parent, Caller::spans[0].span_id);
  EXPECT_EQ(Caller::spans[0].trace_id, kCaller.trace_id);
}

TEST_F(WorkflowSpans, AQueryIsOfWhoeverAsks) {
  Play p(&Probe::one_call, options());
  p(started());
  recorded->take();
  auto query = queried("q1", "total");
  p(query);
  EXPECT_TRUE(recorded->take().empty());
  call_with(*query.mutable_query_workflow()->mutable_headers());
  p(query);
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "HandleQuery:total");
  EXPECT_EQ(spans[0].parent, kCaller.span_id);
}

TEST_F(WorkflowSpans, WithoutATracedStartATraceBegins) {
  Play p(&Probe::one_call, options());
  const auto sent = of_command(p.feed({init()}));
  EXPECT_TRUE(sent.valid() && sent.sampled);
  Play other(&Probe::one_call, options());
  EXPECT_EQ(of_command(other.feed({init()})), sent);
}

TEST_F(WorkflowSpans, WhatMakesNoCommandMakesNoSpan) {
  Play p(
      [](Probe*) -> Task<std::string> {
        workflow::Scope scope;
        scope.cancel("no longer");
        co_await workflow::in_scope(
            scope, [](std::string s) -> Task<> { co_await call(std::move(s)).settled(); }("x"));
        co_return "";
      },
      options());
  EXPECT_EQ(p(started()), R"(Complete(""))");
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "RunWorkflow:probe");
}

TEST_F(WorkflowSpans, TheOtherCallsHaveTheOtherSdksNames) {
  Play p(
      [](Probe*) -> Task<std::string> {
        auto local = workflow::execute_local_activity(echo, {.start_to_close_timeout = 1s}, "x");
        auto child = workflow::start_child_workflow(probe_type, {.id = "child"}, "x");
        co_await workflow::sleep(1s);
        co_return "";
      },
      options());
  p(started());
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "StartActivity:echo");
  EXPECT_EQ(spans[1].name, "StartChildWorkflow:probe");
}

}  // namespace
}  // namespace temporal::testing
