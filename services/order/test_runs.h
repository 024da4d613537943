// For tests: a FakeTemporal of histories, whose answers come a turn later, as a server's do.
//
//   auto runs = std::make_shared<Runs>(io.get_executor());
//   runs->put({.workflow_id = "order-workflow-order-1", .run_id = "run-1", .events = {accepted(1, at)}});
//   auto client = runs->client();
#pragma once
#include <temporal/api.h>
#include <temporal/client.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"
#include "contract/timestamp.h"
#include "order/fake_temporal.h"
#include "order/order_events.h"

namespace ordering::order {

using temporal::api::history::v1::HistoryEvent;

inline HistoryEvent event_at(std::int64_t id, Time at) {
  const auto moment = at.time_since_epoch().count();
  HistoryEvent stored;
  stored.set_event_id(id);
  stored.mutable_event_time()->set_seconds(moment / 1000);
  stored.mutable_event_time()->set_nanos(static_cast<std::int32_t>(moment % 1000) * 1'000'000);
  return stored;
}
template <auto attributes>
HistoryEvent event_of(std::int64_t id, Time at) {
  auto stored = event_at(id, at);
  (stored.*attributes)();
  return stored;
}
inline constexpr auto accepted =
    &event_of<&HistoryEvent::mutable_workflow_execution_started_event_attributes>;
inline constexpr auto cancel_requested =
    &event_of<&HistoryEvent::mutable_workflow_execution_cancel_requested_event_attributes>;
inline constexpr auto terminated =
    &event_of<&HistoryEvent::mutable_workflow_execution_terminated_event_attributes>;
inline constexpr auto completed =
    &event_of<&HistoryEvent::mutable_workflow_execution_completed_event_attributes>;
inline HistoryEvent reset(std::int64_t id, Time at) {
  auto stored = event_at(id, at);
  stored.mutable_workflow_task_failed_event_attributes()->set_cause(
      temporal::api::enums::v1::WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW);
  return stored;
}

class Runs final : public FakeTemporal {
 public:
  struct Run {
    std::string workflow_id;
    std::string run_id;
    std::vector<HistoryEvent> events = {};
    temporal::WorkflowStatus status = temporal::WorkflowStatus::running;
  };

  explicit Runs(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void put(Run run) {
    auto& kept = runs_.emplace_back(std::move(run));
    by_id_.emplace(kept.run_id, &kept);
  }
  Run& run(const std::string& run_id) { return *by_id_.at(run_id); }

  // Called before the history of a run is read; what it throws is the answer.
  std::function<void(const Run&)> reads = [](const Run&) {};

  temporal::Async<temporal::ListPage> list_workflows(temporal::ListOptions options) override {
    co_await turn();
    tell();
    co_return co_await FakeTemporal::list_workflows(std::move(options));
  }
  temporal::Async<temporal::WorkflowCount> count_workflows(
      temporal::CountOptions options) override {
    co_await turn();
    tell();
    co_return co_await FakeTemporal::count_workflows(std::move(options));
  }
  temporal::Async<temporal::WorkflowDescription> describe_workflow(
      temporal::DescribeWorkflowInput input) override {
    co_await turn();
    tell();
    co_return co_await FakeTemporal::describe_workflow(std::move(input));
  }
  temporal::Async<temporal::HistoryPage> fetch_history_page(
      temporal::FetchHistoryInput input) override {
    co_await turn();
    const auto& found = run(input.workflow.run_id);
    reads(found);
    temporal::api::history::v1::History history;
    for (const auto& event : found.events) *history.add_events() = event;
    histories[found.run_id] = history.SerializeAsString();
    co_return co_await FakeTemporal::fetch_history_page(std::move(input));
  }

 private:
  // As calls do, it lets others go on meanwhile.
  temporal::Async<void> turn() {
    return {nullptr, [this](std::stop_token, temporal::Callback<void> done) {
              boost::asio::post(executor_, [done = std::move(done)]() mutable { done({}); });
            }};
  }
  // The runs as they are now.
  void tell() {
    runs.clear();
    std::ranges::transform(runs_, std::back_inserter(runs), described);
  }
  static Time time_of(const HistoryEvent& event) {
    const auto& at = event.event_time();
    return Time(Time::duration(at.seconds() * 1000 + at.nanos() / 1'000'000));
  }
  static temporal::WorkflowDescription described(const Run& run) {
    const bool repair = run.workflow_id.starts_with(kRepairIdPrefix);
    temporal::WorkflowDescription told;
    told.workflow_id = run.workflow_id;
    told.run_id = run.run_id;
    told.workflow_type = std::string(repair ? OrderRepair::type.name : OrderWorkflow::type.name);
    told.status = run.status;
    told.start_time = time_of(run.events.front());
    if (run.status != temporal::WorkflowStatus::running &&
        run.status != temporal::WorkflowStatus::paused)
      told.close_time = time_of(run.events.back());
    return told;
  }

  boost::asio::any_io_executor executor_;
  std::deque<Run> runs_;  // whose addresses stay
  std::map<std::string, Run*> by_id_;
};

}  // namespace ordering::order
