// For tests: histories made by hand.
//
//   Told told;
//   told.complete(told.schedule("chargePayment"));
//   EXPECT_EQ(told.view().stage, Stage::payment);
#pragma once
#include <temporal/api.h>

#include <string>
#include <string_view>
#include <vector>

#include "contract/activities.h"
#include "contract/order_workflow.h"
#include "order/order_view.h"

namespace ordering::order {

using namespace std::chrono_literals;
using temporal::PendingActivityState;
using temporal::WorkflowStatus;

inline const OrderId kId = OrderId::parse("order-1").value();

// A history written a line at a time; each event is one second after the one before.
class Told {
 public:
  Told() {
    described_.run_id = "run-1";
    described_.memo[std::string(kAmountMemo)] = temporal::Value::of(Money::from_minor(25050));
    end(WorkflowStatus::running);
    add();
  }
  std::int64_t schedule(std::string_view activity) {
    auto& e = add();
    auto& a = *e.mutable_activity_task_scheduled_event_attributes();
    a.mutable_activity_type()->set_name(std::string(activity));
    a.set_activity_id(std::to_string(e.event_id()));
    return e.event_id();
  }
  void start(std::int64_t scheduled, int attempt = 1) {
    auto& a = *add().mutable_activity_task_started_event_attributes();
    a.set_scheduled_event_id(scheduled);
    a.set_attempt(attempt);
  }
  void complete(std::int64_t scheduled, std::string json = "{}") {
    start(scheduled);
    auto& a = *add().mutable_activity_task_completed_event_attributes();
    a.set_scheduled_event_id(scheduled);
    a.mutable_result()->add_payloads()->set_data(json);
  }
  void fail(std::int64_t scheduled, const std::string& type) {
    start(scheduled);
    auto& a = *add().mutable_activity_task_failed_event_attributes();
    a.set_scheduled_event_id(scheduled);
    a.mutable_failure()->mutable_application_failure_info()->set_type(type);
  }
  void time_out(std::int64_t scheduled) {
    add().mutable_activity_task_timed_out_event_attributes()->set_scheduled_event_id(scheduled);
  }
  std::int64_t schedule_with_deadline(std::string_view activity) {
    auto id = schedule(activity);
    auto& scheduled = *history_.mutable_events(static_cast<int>(id) - 1);
    scheduled.mutable_activity_task_scheduled_event_attributes()
        ->mutable_schedule_to_close_timeout()
        ->set_seconds(600);
    return id;
  }
  void request_cancel(std::int64_t scheduled) {
    add().mutable_activity_task_cancel_requested_event_attributes()->set_scheduled_event_id(
        scheduled);
  }
  void accept_update(std::string_view name, std::string json) {
    auto& input = *add()
                       .mutable_workflow_execution_update_accepted_event_attributes()
                       ->mutable_accepted_request()
                       ->mutable_input();
    input.set_name(std::string(name));
    input.mutable_args()->add_payloads()->set_data(std::move(json));
  }
  void request_cancel_of_the_run() {
    add().mutable_workflow_execution_cancel_requested_event_attributes();
  }
  void complete_repair(std::string_view result) {
    end(WorkflowStatus::completed);
    auto& a = *add().mutable_workflow_execution_completed_event_attributes();
    a.mutable_result()->add_payloads()->set_data(R"({"orderId":"order-1","result":")" +
                                                 std::string(result) + "\"}");
  }
  void pend(std::int64_t scheduled, PendingActivityState state, int attempt,
            const std::string& last_failure = "") {
    described_.pending_activities.push_back(
        {.activity_id = std::to_string(scheduled), .state = state, .attempt = attempt});
    if (!last_failure.empty())
      described_.pending_activities.back().last_failure =
          temporal::ApplicationFailure("it failed", {.type = last_failure}).failure();
  }
  void fail_order(const std::string& code, std::string_view sentence = "") {
    end(WorkflowStatus::failed);
    auto& a = *add().mutable_workflow_execution_failed_event_attributes();
    a.mutable_failure()->mutable_application_failure_info()->set_type(code);
    a.mutable_failure()->set_message(std::string(sentence));
  }
  void end(WorkflowStatus status) { described_.status = status; }
  OrderView view(Time now = Time(30s)) const { return view_order(kId, history_, described_, now); }
  OrderView view_with(const Told& repair, Time now = Time(30s)) const {
    return view_order(kId, history_, described_, now,
                      RunTold{.history = repair.history_, .described = repair.described_});
  }

 private:
  temporal::api::history::v1::HistoryEvent& add() {
    auto& e = *history_.add_events();
    e.set_event_id(history_.events_size());
    e.mutable_event_time()->set_seconds(history_.events_size());
    return e;
  }
  temporal::api::history::v1::History history_;
  temporal::WorkflowDescription described_;
};

inline constexpr auto kWaiting = PendingActivityState::scheduled;
inline constexpr auto kStarted = PendingActivityState::started;
inline constexpr std::string_view kUndone = R"({"orderId":"order-1","result":"UNDONE"})";
inline constexpr std::string_view kNothing = R"({"orderId":"order-1","result":"NOTHING"})";

inline std::vector<StepState> states(const std::vector<StepView>& steps) {
  std::vector<StepState> out;
  for (const auto& step : steps) out.push_back(step.state);
  return out;
}

}  // namespace ordering::order
