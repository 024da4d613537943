// The examples of temporal/workflow_sync.h, workflow_side_effect.h, workflow_signal_with_start.h, scope.h
// and workflow_random.h, run on the instance alone.
#include <gtest/gtest.h>
#include <temporal/workflow_side_effect.h>
#include <temporal/workflow_signal_with_start.h>
#include <temporal/workflow_sync.h>

#include <string>
#include <utility>
#include <vector>

#include "workflow/test_play.h"

namespace {

using namespace std::chrono_literals;
namespace workflow = temporal::workflow;
using temporal::testing::init, temporal::testing::ok, temporal::testing::Job;
using temporal::testing::Play, temporal::testing::Probe;
using workflow::Task;

struct Payment {
  std::string order = {};
};
struct Event {
  std::string what = {};
};
inline constexpr temporal::ActivityType<std::string(Payment)> charge{"charge"};
inline constexpr temporal::ActivityType<void(Event)> use{"use"};

struct Till {
  static constexpr temporal::WorkflowType<void()> type{"Till"};
  static constexpr temporal::UpdateType<std::string(Payment)> pay{"pay"};
  static constexpr temporal::SignalType<void(Event)> event{"event"};
  static constexpr temporal::SignalType<void()> close{"close"};
  static auto definition() {
    return temporal::workflow_definition(type, &Till::run)
        .update(pay, &Till::on_pay)
        .signal(event, &Till::on_event)
        .signal(close, &Till::on_close);
  }
  Task<std::string> on_pay(Payment p) {  // many may come at a time
    auto lock = co_await one_at_a_time_.lock();
    co_return co_await workflow::execute_activity(charge, {.start_to_close_timeout = 10s}, p);
  }
  void on_event(Event e) { events_.try_send(std::move(e)); }
  void on_close() { events_.close(); }
  Task<> run() {
    while (auto event = co_await events_.receive())
      co_await workflow::execute_activity(use, {.start_to_close_timeout = 10s}, *event);
  }
  workflow::Mutex one_at_a_time_;
  workflow::Channel<Event> events_;
};

TEST(Sync, UpdatesOneAtATimeAndSignalsThroughAChannel) {
  Play p(Till::definition());
  EXPECT_EQ(p(init(), temporal::testing::updated("a", "pay", {R"({"order":"1"})"}),
              temporal::testing::updated("b", "pay", {R"({"order":"2"})"})),
            R"(UpdateAccepted:a ScheduleActivity1({"order":"1"}) UpdateAccepted:b)");
  EXPECT_EQ(p(ok(1, "paid")), R"(UpdateCompleted:a("paid") ScheduleActivity2({"order":"2"}))");
  EXPECT_EQ(p(temporal::testing::signaled("event", {R"({"what":"x"})"}),
              temporal::testing::signaled("close", {})),
            R"(ScheduleActivity3({"what":"x"}))");
  EXPECT_EQ(p(ok(3, "")), "Complete()");
}

Task<std::string> forms(Probe*) {
  auto token = co_await workflow::side_effect([] { return std::string("token"); });
  auto limit = co_await workflow::mutable_side_effect("limit", [] { return 7; });
  auto delay = std::chrono::seconds(workflow::random("com.acme.jitter").uniform(1, 1));
  auto parcel = workflow::event_group("parcel 2 of 3");
  co_await workflow::in_scope(parcel, [](std::chrono::seconds d) -> Task<> {
    co_await workflow::sleep(d, {.summary = "jitter"});
  }(delay));
  auto till = co_await workflow::signal_with_start(Till::type, {.id = "till-7"},
                                                   temporal::call(Till::event, {.what = token}));
  co_await till.signal(Till::close);
  co_return std::to_string(limit);
}

TEST(Forms, OfSideEffectsStreamsGroupsAndSignalsWithStart) {
  Play p(&forms);
  EXPECT_EQ(p(init()), R"(ScheduleLocalActivity1("token"))");
  EXPECT_EQ(p(ok(1, "token")), "ScheduleLocalActivity2(7)");
  auto seven = ok(2, "");
  seven.mutable_resolve_activity()
      ->mutable_result()
      ->mutable_completed()
      ->mutable_result()
      ->set_data("7");
  auto c = p.feed({seven});
  EXPECT_EQ(c.successful().commands(0).event_group_markers(0).label().label().data(),
            R"("parcel 2 of 3")");
  c = p.feed({temporal::testing::fired(1)});
  EXPECT_EQ(c.successful().commands(0).schedule_nexus_operation().endpoint(), "__temporal_system");
}

}  // namespace
