// Histories made by hand, replayed by Core: where the code has changed, the report shows how.
#include "worker/command_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/sdk/core/workflow_commands/workflow_commands.pb.h>

#include <string>
#include <vector>

#include "temporal/replayer.h"
#include "temporal/workflow.h"

namespace temporal::detail {
namespace {

using api::enums::v1::EventType;
using api::history::v1::HistoryEvent;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using namespace std::chrono_literals;
using workflow::Task;

constexpr ActivityType<void()> charge{"charge"}, refund{"refund"}, reserve{"reserve"};
workflow::Future<void> call(const ActivityType<void()>& type) {
  return workflow::execute_activity(type, {.start_to_close_timeout = 10s});
}

// Each body is another build of the same workflow.
struct Order {
  static inline Task<> (*body)() = nullptr;
  static constexpr WorkflowType<void()> type{"Order"};
  static auto definition() { return workflow_definition(type, &Order::run); }
  Task<> run() { co_await body(); }
};
constexpr int kRunLine = __LINE__ - 2;

class Written {
 public:
  Written() {
    auto& started = *add(EventType::EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
                         .mutable_workflow_execution_started_event_attributes();
    started.mutable_workflow_type()->set_name("Order");
    started.set_original_execution_run_id("3c3a3a1c-7a4f-4d2b-9a43-0a3e3b6f7a01");
    started.set_workflow_id("order-1");
    started.mutable_task_queue()->set_name("orders");
    task();
  }
  void task() {
    add(EventType::EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
        .mutable_workflow_task_scheduled_event_attributes();
    const auto scheduled = last();
    add(EventType::EVENT_TYPE_WORKFLOW_TASK_STARTED)
        .mutable_workflow_task_started_event_attributes()
        ->set_scheduled_event_id(scheduled);
    const auto started = last();
    auto& completed = *add(EventType::EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
                           .mutable_workflow_task_completed_event_attributes();
    completed.set_scheduled_event_id(scheduled);
    completed.set_started_event_id(started);
    completed.mutable_sdk_metadata()->add_core_used_flags(1);  // activity types are compared
  }
  void activity(const std::string& type, const std::string& id) {
    auto& a = *add(EventType::EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
                   .mutable_activity_task_scheduled_event_attributes();
    a.set_activity_id(id);
    a.mutable_activity_type()->set_name(type);
    const auto scheduled = last();
    add(EventType::EVENT_TYPE_ACTIVITY_TASK_STARTED)
        .mutable_activity_task_started_event_attributes()
        ->set_scheduled_event_id(scheduled);
    const auto started = last();
    auto& done = *add(EventType::EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
                      .mutable_activity_task_completed_event_attributes();
    done.set_scheduled_event_id(scheduled);
    done.set_started_event_id(started);
    task();
  }
  void timer(const std::string& id) {
    auto& t = *add(EventType::EVENT_TYPE_TIMER_STARTED).mutable_timer_started_event_attributes();
    t.set_timer_id(id);
    const auto started = last();
    auto& fired = *add(EventType::EVENT_TYPE_TIMER_FIRED).mutable_timer_fired_event_attributes();
    fired.set_timer_id(id);
    fired.set_started_event_id(started);
    task();
  }
  void marker(const std::string& name, const std::string& key, const std::string& json) {
    auto& m =
        *add(EventType::EVENT_TYPE_MARKER_RECORDED).mutable_marker_recorded_event_attributes();
    m.set_marker_name(name);
    m.set_workflow_task_completed_event_id(last() - 1);
    auto& payload = *(*m.mutable_details())[key].add_payloads();
    (*payload.mutable_metadata())["encoding"] = "json/plain";
    payload.set_data(json);
  }
  void completed() {
    add(EventType::EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
        .mutable_workflow_execution_completed_event_attributes();
  }
  ReplayResult replayed() const {
    Registry registry;
    registry.workflow<Order>();
    return Replayer({.registry = registry})
        .replay(History::from_bytes("order-1", history_.SerializeAsString()));
  }
  const api::history::v1::History& history() const { return history_; }

 private:
  HistoryEvent& add(EventType type) {
    auto& e = *history_.add_events();
    e.set_event_id(history_.events_size());
    e.set_event_type(type);
    e.mutable_event_time()->set_seconds(1'700'000'000 + history_.events_size());
    return e;
  }
  std::int64_t last() const { return history_.events_size(); }
  api::history::v1::History history_;
};

Written as_written() {
  Written w;
  w.activity("charge", "1");
  w.timer("1");
  w.activity("reserve", "2");
  w.completed();
  return w;
}

// The report of another build on that history, each line without its margin; the line that differs.
std::string differs(Task<> (*body)(), const Written& history = as_written()) {
  Order::body = body;
  auto result = history.replayed();
  EXPECT_TRUE(result.nondeterministic) << result.failure;
  auto at = result.report.find("> ");
  if (at == std::string::npos) return "no line differs:\n" + result.report;
  return result.report.substr(at + 2, result.report.find('\n', at) - at - 2);
}
std::string line(int number) {
  return "at .*command_report_test.cpp:" + std::to_string(number);
}

TEST(CommandReport, TheSameCodeHasNone) {
  Order::body = []() -> Task<> {
    co_await call(charge);
    co_await workflow::sleep(1s);
    co_await call(reserve);
  };
  auto result = as_written().replayed();
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.report, "");
}

// In a macro's argument every line would be the macro's.
TEST(CommandReport, AnActivitysTypeChanged) {
  const int here = __LINE__ + 2;
  auto body = []() -> Task<> {
    co_await call(refund);  // here
  };
  EXPECT_THAT(
      differs(body),
      MatchesRegex("5 +ActivityTaskScheduled charge +ActivityTaskScheduled refund +" + line(here)));
}

TEST(CommandReport, ATimerThatTheHistoryHasNot) {
  const int here = __LINE__ + 2;
  auto body = []() -> Task<> {
    co_await workflow::sleep(1s);  // here
    co_await call(charge);
  };
  EXPECT_THAT(differs(body),
              MatchesRegex("5 +ActivityTaskScheduled charge +TimerStarted timer 1 +" + line(here)));
}

TEST(CommandReport, ATimerLeftOut) {
  const int here = __LINE__ + 3;
  auto body = []() -> Task<> {
    co_await call(charge);
    co_await call(reserve);  // here
  };
  EXPECT_THAT(
      differs(body),
      MatchesRegex("11 +TimerStarted timer 1 +ActivityTaskScheduled reserve +" + line(here)));
}

TEST(CommandReport, AnotherOrder) {
  auto body = []() -> Task<> {
    auto reserved = call(reserve);
    auto charged = call(charge);
    co_await charged;  // nobody has come to wait for the other yet
    co_await reserved;
  };
  EXPECT_THAT(differs(body),
              MatchesRegex("5 +ActivityTaskScheduled charge +ActivityTaskScheduled reserve +after "
                           "the co_await at .*:" +
                           std::to_string(kRunLine)));
}

TEST(CommandReport, ItEndsTooEarly) {
  const int here = __LINE__ + 3;
  auto body = []() -> Task<> {
    co_await call(charge);
    co_await workflow::sleep(1s);  // here
  };
  EXPECT_THAT(
      differs(body),
      MatchesRegex("16 +ActivityTaskScheduled reserve +WorkflowExecutionCompleted +after the "
                   "co_await " +
                   line(here)));
}

TEST(CommandReport, NothingIsMade) {
  auto body = []() -> Task<> {
    co_await call(charge);
    co_await workflow::wait_until([] { return false; });
  };
  EXPECT_THAT(differs(body), MatchesRegex("11 +TimerStarted timer 1 +nothing"));
}

TEST(CommandReport, WhatComesBeforeAndAfterIsThere) {
  Order::body = []() -> Task<> {
    co_await call(charge);
    co_await call(reserve);
  };
  auto report = as_written().replayed().report;
  EXPECT_THAT(report, HasSubstr("  event  the history has                the code made"));
  EXPECT_THAT(report,
              HasSubstr("\n  5      ActivityTaskScheduled charge   ActivityTaskScheduled ch"));
  EXPECT_THAT(report, HasSubstr("\n  16     ActivityTaskScheduled reserve\n"));
  EXPECT_THAT(report, HasSubstr("\n  22     WorkflowExecutionCompleted\n"));
}

TEST(CommandReport, APatchTakenOutTooEarly) {
  Written w;
  w.marker("core_patch", "patch-data", R"({"id":"reserve-first","deprecated":false})");
  w.activity("charge", "1");
  w.completed();
  const int here = __LINE__ + 2;
  auto body = []() -> Task<> {
    co_await call(charge);  // here
  };
  EXPECT_THAT(differs(body, w),
              MatchesRegex("5 +MarkerRecorded patch reserve-first +ActivityTaskScheduled charge +" +
                           line(here)));
}

TEST(CommandReport, ALocalActivitysTypeChanged) {
  Written w;
  w.marker("core_local_activity", "data",
           R"({"seq":1,"attempt":1,"activity_id":"1","activity_type":"charge",)"
           R"("complete_time":null,"backoff":null,"original_schedule_time":null})");
  w.completed();
  const int here = __LINE__ + 2;
  auto body = []() -> Task<> {
    co_await workflow::execute_local_activity(refund, {.start_to_close_timeout = 10s});  // here
  };
  EXPECT_THAT(differs(body, w),
              MatchesRegex("5 +MarkerRecorded charge 1 +MarkerRecorded refund 1 +" + line(here)));
}

// --- Without Core: what is left out of both sides

coresdk::workflow_completion::Success made(std::initializer_list<const char*> commands) {
  coresdk::workflow_completion::Success made;
  for (std::string c : commands) {
    auto& command = *made.add_commands();
    if (c == "complete") command.mutable_complete_workflow_execution();
    if (c == "timer") command.mutable_start_timer()->set_seq(1);
    if (c == "no timer") command.mutable_cancel_timer()->set_seq(1);
    if (c == "old patch") {
      command.mutable_set_patch_marker()->set_patch_id("old");
      command.mutable_set_patch_marker()->set_deprecated(true);
    }
    if (c == "charge") {
      command.mutable_schedule_activity()->set_activity_type("charge");
      command.mutable_schedule_activity()->set_activity_id("1");
    }
  }
  return made;
}
std::string report(std::initializer_list<const char*> commands) {
  Written w;
  w.activity("charge", "1");
  w.completed();
  MadeCommands all;
  all.add(made(commands), {});
  return command_report(w.history(), all);
}

TEST(CommandReport, ATimerCancelledInItsTaskIsNoCommand) {
  EXPECT_THAT(report({"timer", "charge", "no timer", "complete"}), ::testing::Not(HasSubstr("> ")));
  EXPECT_THAT(report({"timer", "charge", "complete"}), HasSubstr("> "));
}
TEST(CommandReport, TheEndComesLast) {
  EXPECT_THAT(report({"complete", "charge"}), ::testing::Not(HasSubstr("> ")));
}
TEST(CommandReport, ADeprecatedPatchMayHaveNoMarker) {
  EXPECT_THAT(report({"old patch", "charge", "complete"}), ::testing::Not(HasSubstr("> ")));
}
TEST(CommandReport, WhatTheHistoryHasNotIsShown) {
  EXPECT_THAT(report({"charge", "complete", "timer"}), HasSubstr("> "));
}

}  // namespace
}  // namespace temporal::detail
