// Traces through the real server: what is in histories is what the other SDKs write and read.
#include <temporal/api.h>
#include <temporal/tracing.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;

struct Greet {
  static constexpr WorkflowType<std::string(std::string)> type{"Greet"};
};
constexpr ActivityType<std::string(std::string)> say{"say"};

class GreetWorkflow {
 public:
  static auto definition() { return workflow_definition(Greet::type, &GreetWorkflow::run); }
  Task<std::string> run(std::string name) {
    co_return co_await workflow::execute_activity(say, {.start_to_close_timeout = 10s}, name);
  }
};

class Kept final : public tracing::SpanExporter {
 public:
  void export_span(tracing::SpanData span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  tracing::SpanData span(const std::string& name) {
    eventually([&] { return find(name).has_value(); }, name);
    return *find(name);
  }

 private:
  std::optional<tracing::SpanData> find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    for (const auto& span : spans_)
      if (span.name == name) return span;
    return std::nullopt;
  }
  std::mutex mutex_;
  std::vector<tracing::SpanData> spans_;
};

class Tracing : public ServerTest {
 protected:
  void work_traced() {
    Registry registry;
    registry.activity(say, [](std::string name) { return "hello " + name; });
    work_on<GreetWorkflow>(std::move(registry),
                           {.workflow_interceptors = {tracing::workflow_interceptor(tracer)},
                            .activity_interceptors = {tracing::activity_interceptor(tracer)}});
  }
  // The header's bytes in each event that has one, in their order.
  std::vector<std::string> tracer_data(const WorkflowHandle<std::string>& handle) {
    std::vector<std::string> found;
    api::history::v1::History history;
    EXPECT_TRUE(history.ParseFromString(handle.fetch_history().get().bytes()));
    for (const auto& event : history.events()) {
      const auto& header = event.has_workflow_execution_started_event_attributes()
                               ? event.workflow_execution_started_event_attributes().header()
                               : event.activity_task_scheduled_event_attributes().header();
      const auto data = header.fields().find("_tracer-data");
      if (data == header.fields().end()) continue;
      EXPECT_EQ(data->second.metadata().at("encoding"), "json/plain");
      found.push_back(data->second.data());
    }
    return found;
  }
  static std::string traceparent(const tracing::SpanData& span) {
    return R"({"traceparent":"00-)" + tracing::to_hex(span.context.trace_id) + "-" +
           tracing::to_hex(span.context.span_id) + R"(-01"})";
  }

  std::shared_ptr<Kept> kept = std::make_shared<Kept>();
  tracing::Tracer tracer{kept};
};

TEST_F(Tracing, OursIsReadAsTheOtherSdksWould) {
  work_traced();
  const auto traced = Client::connect({.target = Server::shared().address(),
                                       .interceptors = {tracing::client_interceptor(tracer)}})
                          .get();
  const auto handle =
      traced.start_workflow(Greet::type, {.id = queue, .task_queue = queue}, "you").get();
  EXPECT_EQ(result(handle), "hello you");
  const auto started = kept->span("StartWorkflow:Greet");
  const auto called = kept->span("StartActivity:say");
  EXPECT_THAT(tracer_data(handle), testing::ElementsAre(traceparent(started), traceparent(called)));
  const auto run = kept->span("RunWorkflow:Greet");
  const auto said = kept->span("RunActivity:say");
  EXPECT_EQ(run.parent, started.context.span_id);
  EXPECT_EQ(called.parent, run.context.span_id);
  EXPECT_EQ(said.parent, called.context.span_id);
  EXPECT_EQ(said.context.trace_id, started.context.trace_id);
}

TEST_F(Tracing, TheirsIsReadByUs) {
  work_traced();
  const Payload theirs{
      .metadata = {{"encoding", "json/plain"}},
      .data = R"({"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",)"
              R"("tracestate":"k=v"})"};
  const auto handle =
      client
          .start_workflow(Greet::type,
                          {.id = queue, .task_queue = queue, .headers = {{"_tracer-data", theirs}}},
                          "you")
          .get();
  EXPECT_EQ(result(handle), "hello you");
  const auto run = kept->span("RunWorkflow:Greet");
  EXPECT_EQ(tracing::to_hex(run.context.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(tracing::to_hex(run.parent), "00f067aa0ba902b7");
  const auto said = kept->span("RunActivity:say");
  EXPECT_EQ(said.context.trace_id, run.context.trace_id);
  EXPECT_EQ(said.context.trace_state, "k=v");
  EXPECT_THAT(tracer_data(handle), testing::Contains(theirs.data));
}

}  // namespace
}  // namespace temporal::tests
