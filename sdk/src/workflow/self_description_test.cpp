// What a run tells of itself: the reserved queries, and the warning of handlers that it abandons.
#include <temporal/api/sdk/v1/enhanced_stack_trace.pb.h>
#include <temporal/api/sdk/v1/workflow_metadata.pb.h>

#include "temporal/api.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

template <class Message>
Message asked(Play& p, const std::string& query) {
  auto c = p.feed({queried("q", query)});
  const auto& answer = c.successful().commands(0).respond_to_query();
  EXPECT_TRUE(answer.has_succeeded()) << answer.failed().message();
  const auto& payload = answer.succeeded().response();
  EXPECT_EQ(payload.metadata().at("encoding"), "json/protobuf");
  Message m;
  api::from_json(payload.data(), m);
  return m;
}
std::string stack_trace(Play& p) {
  auto c = p.feed({queried("q", "__stack_trace")});
  const auto& json = c.successful().commands(0).respond_to_query().succeeded().response();
  return DataConverter()
      .to_value({.metadata = {{"encoding", "json/plain"}}, .data = json.data()})
      .as<std::string>();
}

// --- Metadata

inline constexpr SignalType<void(std::string)> later{"later"};

struct Described {
  static auto definition() {
    return workflow_definition(probe_type, &Described::run)
        .signal(note, &Described::on_note, {.description = "Adds a note."})
        .update(add, &Described::on_add, {.description = "Adds."})
        .update(UpdateType<int(int)>{"checked"}, &Described::on_add, &Described::check_add,
                {.description = "Adds what is right."})
        .query(total, &Described::on_total, {.description = "The sum."})
        .dynamic_query(&Described::on_any, {.description = "Anything else."});
  }
  Task<std::string> run(std::string) {
    workflow::set_current_details("**waiting**");
    co_await workflow::sleep(1s);
    workflow::set_signal_handler(later, [](std::string) {}, {.description = "Comes later."});
    workflow::set_signal_handler(note, nullptr);
    workflow::set_current_details(workflow::current_details() + ", still");
    co_await workflow::sleep(1s);
    co_return "";
  }
  void on_note(std::string) {}
  int on_add(int n) { return n; }
  void check_add(int) const {}
  int on_total() const { return 0; }
  int on_any(std::string, RawArgs) const {
    workflow::set_current_details("from a query");
    return 0;
  }
};

std::string listed(const auto& definitions) {
  std::string t;
  for (const auto& d : definitions) t += d.name() + "=" + d.description() + ";";
  return t;
}

TEST(Metadata, NamesTheHandlersAndTheCurrentDetails) {
  Play p(Described::definition());
  p(init());
  auto m = asked<api::sdk::v1::WorkflowMetadata>(p, "__temporal_workflow_metadata");
  EXPECT_EQ(m.definition().type(), "probe");
  EXPECT_EQ(listed(m.definition().signal_definitions()), "note=Adds a note.;");
  EXPECT_EQ(listed(m.definition().update_definitions()), "add=Adds.;checked=Adds what is right.;");
  EXPECT_EQ(listed(m.definition().query_definitions()), "total=The sum.;=Anything else.;");
  EXPECT_EQ(m.current_details(), "**waiting**");
  p(fired(1));
  m = asked<api::sdk::v1::WorkflowMetadata>(p, "__temporal_workflow_metadata");
  EXPECT_EQ(listed(m.definition().signal_definitions()), "later=Comes later.;");
  EXPECT_EQ(m.current_details(), "**waiting**, still");
}
TEST(Metadata, CurrentDetailsAreNotChangedByAQuery) {
  Play p(Described::definition());
  p(init());
  EXPECT_TRUE(p(queried("q", "any")).starts_with("QueryFailed:q(workflow::set_current_details"));
}
TEST(Metadata, AQueryOfTemporalsThatIsNotKnownFails) {
  Play p(Described::definition());
  p(init());
  EXPECT_EQ(p(queried("q", "__temporal_what")),
            "QueryFailed:q(this SDK does not know Temporal's query __temporal_what)");
}

// --- Stack traces. Lines are counted from the first of these functions.

constexpr unsigned kFirst = __LINE__;
Task<> waits_deeper() {
  co_await workflow::sleep(1h);
}
Task<std::string> waits(Probe* self) {
  auto beside = workflow::spawn(waits_deeper());
  co_await workflow::wait_until([self] { return self->open; });
  co_await waits_deeper();
  co_return "";
}

std::string here(unsigned line, const std::string& column) {
  return std::string(__FILE__) + ":" + std::to_string(kFirst + line) + ":" + column + ")\n";
}

TEST(StackTrace, ShowsWhereEachCoroutineWaits) {
  Play p(&waits);
  p(init());
  const auto run = stack_trace(p);
  EXPECT_EQ(run.find("    at "), 0U) << run;
  EXPECT_NE(run.find("waits(Probe *) (" + here(6, "3")), std::string::npos) << run;
  EXPECT_NE(run.find("waits_deeper() (" + here(2, "3")), std::string::npos) << run;
  EXPECT_EQ(run.find("workflow_definition.h"), std::string::npos) << run;
  p(noted("open"));
  const auto deeper = stack_trace(p);  // innermost first
  EXPECT_NE(deeper.find(here(2, "3") + "    at "), std::string::npos) << deeper;
  EXPECT_NE(deeper.find("waits(Probe *) (" + here(7, "3")), std::string::npos) << deeper;
}
TEST(StackTrace, TheEnhancedOneMarksTheSdksOwn) {
  Play p(&waits);
  p(init(), added("u", 6));
  auto trace = asked<api::sdk::v1::EnhancedStackTrace>(p, "__enhanced_stack_trace");
  EXPECT_EQ(trace.sdk().name(), "temporal-cpp");
  ASSERT_EQ(trace.stacks_size(), 3);  // the update's, run's, what run has spawned
  const auto& update = trace.stacks(0).locations();
  EXPECT_NE(update[0].function_name().find("on_add"), std::string::npos);
  EXPECT_FALSE(update[0].internal_code());
  EXPECT_TRUE(update[update.size() - 1].internal_code());
  EXPECT_EQ(trace.stacks(1).locations(0).line(), static_cast<int>(kFirst + 6));
  EXPECT_EQ(trace.stacks(2).locations(0).line(), static_cast<int>(kFirst + 2));
}
TEST(StackTrace, IsEmptyOnceTheRunHasEnded) {
  Play p([](Probe*) -> Task<std::string> { co_return "x"; });
  p(init());
  EXPECT_EQ(stack_trace(p), "");
}

// --- Handlers that a run abandons

struct Sink final : LogSink {
  std::vector<std::string> lines;
  void write(const LogRecord& r) override {
    for (const auto& f : r.fields)
      if (f.key == "unfinished") lines.push_back(r.message.substr(0, 70) + ": " + f.value);
  }
};
constexpr const char* kUpdates =
    "[TMPRL1102] Workflow finished while update handlers are still running.: ";
constexpr const char* kSignals =
    "[TMPRL1102] Workflow finished while signal handlers are still running.: ";

struct Leaving {
  static constexpr UpdateType<int(int)> loud{"loud"}, quiet{"quiet"};
  static constexpr SignalType<void()> knock{"knock"}, whisper{"whisper"};
  static auto definition() {
    constexpr auto kAbandon = workflow::HandlerUnfinishedPolicy::abandon;
    return workflow_definition(probe_type, &Leaving::run)
        .update(loud, &Leaving::on_update)
        .update(quiet, &Leaving::on_update, {.unfinished_policy = kAbandon})
        .signal(knock, &Leaving::on_signal)
        .signal(whisper, &Leaving::on_signal, {.unfinished_policy = kAbandon});
  }
  Task<std::string> run(std::string how) {
    co_await workflow::sleep(1s);
    if (how == "fail") throw ApplicationFailure("failed");
    if (how == "again") workflow::continue_as_new(probe_type, {}, "");
    co_return "";
  }
  Task<int> on_update(int n) {
    co_await workflow::sleep(std::chrono::seconds(n));
    co_return n;
  }
  Task<> on_signal() { co_await workflow::sleep(1h); }
};

std::vector<std::string> warned(std::vector<Job> begun, const std::string& how = "",
                                bool replaying = false) {
  auto sink = std::make_shared<Sink>();
  Play p(Leaving::definition(), {.log_sink = sink});
  begun.insert(begun.begin(), init("\"" + how + "\""));
  p.feed(begun);
  const auto timers = static_cast<unsigned>(begun.size());  // one of each handler, then run's
  p.instance.activate(activation({fired(timers)}, replaying));
  return sink->lines;
}

TEST(UnfinishedHandlers, AreNamedWhenTheRunEnds) {
  EXPECT_EQ(warned({updated("u", "loud", {"5"}), signaled("knock", {}), updated("v", "loud", {"6"}),
                    updated("w", "quiet", {"7"}), signaled("whisper", {})}),
            (std::vector<std::string>{kUpdates + std::string("loud (u), loud (v)"),
                                      kSignals + std::string("knock")}));
}
TEST(UnfinishedHandlers, HoweverItEnds) {
  const std::vector<std::string> knock = {kSignals + std::string("knock")};
  EXPECT_EQ(warned({signaled("knock", {})}, "fail"), knock);
  EXPECT_EQ(warned({signaled("knock", {})}, "again"), knock);
}
TEST(UnfinishedHandlers, AreNotNamedInAReplayNorWhereTheyMayBeAbandoned) {
  EXPECT_EQ(warned({signaled("knock", {})}, "", true), std::vector<std::string>());
  EXPECT_EQ(warned({signaled("whisper", {}), updated("w", "quiet", {"7"})}),
            std::vector<std::string>());
}

}  // namespace
}  // namespace temporal::testing
