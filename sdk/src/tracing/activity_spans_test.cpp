#include <temporal/sdk/core/activity_task/activity_task.pb.h>

#include <future>

#include "tracing/recorded.h"
#include "worker/activity_tasks.h"

namespace temporal::detail {
namespace {

using namespace tracing;

constexpr ActivityType<int()> act{"act"};

struct Port final : ActivityPort {
  void complete(std::string_view) override { ended.set_value(); }
  void heartbeat(std::string_view) override {}
  std::promise<void> ended;
};

class ActivitySpans : public testing::Test {
 protected:
  SpanData run(const Registry& registry, bool called = true) {
    {
      Port port;
      ActivityTasks tasks({.registry = registry,
                           .task_queue = "queue",
                           .executor = executor_,
                           .timers = std::make_shared<TimerQueue>(),
                           .threads = 1,
                           .interceptors = {activity_interceptor(Tracer(recorded_))}},
                          port);
      coresdk::activity_task::ActivityTask task;
      task.set_task_token("t");
      auto& start = *task.mutable_start();
      start.set_activity_type("act");
      start.set_activity_id("7");
      start.mutable_workflow_execution()->set_workflow_id("w-1");
      start.mutable_workflow_execution()->set_run_id("run-1");
      auto& data = (*start.mutable_header_fields())["_tracer-data"];
      (*data.mutable_metadata())["encoding"] = "json/plain";
      data.set_data(std::string(called ? kCallersData : "{}"));
      tasks.handle(task.SerializeAsString());
      port.ended.get_future().wait();
    }
    auto spans = recorded_->take();
    EXPECT_EQ(spans.size(), 1U);
    return spans.at(0);
  }

  Registry registry;

 private:
  std::shared_ptr<ThreadExecutor> executor_ = std::make_shared<ThreadExecutor>();
  std::shared_ptr<Recorded> recorded_ = std::make_shared<Recorded>();
};

TEST_F(ActivitySpans, AnAttemptIsAChildOfItsCallAndSeesItsOwnSpan) {
  SpanContext seen;
  registry.activity(act, [&](activity::Context context) {
    seen = context_of(context);
    return 1;
  });
  const auto span = run(registry);
  EXPECT_EQ(span.name, "RunActivity:act");
  EXPECT_EQ(span.kind, SpanKind::server);
  EXPECT_EQ(span.parent, kCaller.span_id);
  EXPECT_EQ(span.context.trace_id, kCaller.trace_id);
  EXPECT_EQ(span.context, seen);
  EXPECT_EQ(attribute(span, "temporalWorkflowID"), "w-1");
  EXPECT_EQ(attribute(span, "temporalRunID"), "run-1");
  EXPECT_EQ(attribute(span, "temporalActivityID"), "7");
  EXPECT_FALSE(span.error);
}

TEST_F(ActivitySpans, WhatFailedSaysSoUnlessItWasExpected) {
  registry.activity(act, []() -> int { throw std::runtime_error("the disk is full"); });
  EXPECT_EQ(run(registry).error, "the disk is full");
  Registry benign;
  benign.activity(act, []() -> int {
    throw ApplicationFailure("not yet", {.category = ApplicationErrorCategory::benign});
  });
  EXPECT_FALSE(run(benign).error);
  Registry later;
  later.activity(act, [](activity::Context context) -> int { context.complete_later(); });
  EXPECT_FALSE(run(later).error);
}

TEST_F(ActivitySpans, WithoutATracedCallerATraceBegins) {
  registry.activity(act, [] { return 1; });
  EXPECT_EQ(run(registry, false).parent, SpanId());
}

}  // namespace
}  // namespace temporal::detail
