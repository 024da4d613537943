// For tests: a Temporal that knows the runs it is given, as far as a client lists, describes and reads
// them.
//
//   auto runs = std::make_shared<Runs>(io.get_executor());
//   runs->put({.workflow_id = "order-workflow-order-1", .run_id = "run-1", .events = {accepted(1, at)}});
//   auto client = client_of(runs);
#pragma once
#include <temporal/api.h>
#include <temporal/client.h>
#include <temporal/client_interceptor.h>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"
#include "contract/timestamp.h"
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

class Runs final : public temporal::ClientInterceptor {
 public:
  struct Run {
    std::string workflow_id;
    std::string run_id;
    std::vector<HistoryEvent> events = {};
    temporal::WorkflowStatus status = temporal::WorkflowStatus::running;
  };

  explicit Runs(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void put(Run run) { runs_.push_back(std::move(run)); }
  Run& run(std::string_view run_id) { return *std::ranges::find(runs_, run_id, &Run::run_id); }

  // Called before the history of a run is read; what it throws is the answer.
  std::function<void(const Run&)> reads = [](const Run&) {};

  temporal::Async<temporal::ListPage> list_workflows(temporal::ListOptions options) override {
    co_await turn();
    const auto until = moment_behind("StartTime < '", options.query);
    const auto since = moment_behind("CloseTime >= '", options.query);
    const auto first = options.next_page_token.empty() ? 0 : std::stoul(options.next_page_token);
    temporal::ListPage page;
    for (auto i = first; i < runs_.size(); ++i) {
      if (page.workflows.size() == static_cast<std::size_t>(options.page_size)) {
        page.next_page_token = std::to_string(i);
        break;
      }
      const auto line = line_of(runs_[i]);
      const bool under_way = line.close_time ? *line.close_time >= since
                                             : options.query.contains(name_of(runs_[i].status));
      if (line.start_time < until && under_way) page.workflows.push_back(line);
    }
    co_return page;
  }
  temporal::Async<temporal::WorkflowCount> count_workflows(
      temporal::CountOptions options) override {
    co_await turn();
    const auto from = moment_behind("StartTime >= '", options.query);
    const auto until = moment_behind("StartTime < '", options.query);
    const auto counted = std::ranges::count_if(runs_, [&](const Run& run) {
      const auto start = time_of(run.events.front());
      return start >= from && start < until;
    });
    co_return temporal::WorkflowCount{.count = counted};
  }
  temporal::Async<temporal::HistoryPage> fetch_history_page(
      temporal::FetchHistoryInput input) override {
    co_await turn();
    const auto& found = latest(input.workflow);
    reads(found);
    temporal::api::history::v1::History history;
    for (const auto& event : found.events) *history.add_events() = event;
    co_return temporal::HistoryPage{
        .history = temporal::History::from_bytes(found.workflow_id, history.SerializeAsString())};
  }
  temporal::Async<temporal::WorkflowDescription> describe_workflow(
      temporal::DescribeWorkflowInput input) override {
    co_await turn();
    temporal::WorkflowDescription described;
    static_cast<temporal::WorkflowExecution&>(described) = line_of(latest(input.workflow));
    co_return described;
  }

 private:
  // As calls do, it lets others go on meanwhile.
  temporal::Async<void> turn() {
    return {nullptr, [this](std::stop_token, temporal::Callback<void> done) {
              boost::asio::post(executor_, [done = std::move(done)]() mutable { done({}); });
            }};
  }
  const Run& latest(const temporal::WorkflowExecutionId& id) const {
    const Run* found = nullptr;
    for (const auto& run : runs_)
      if (run.workflow_id == id.workflow_id && (id.run_id.empty() || run.run_id == id.run_id))
        found = &run;
    if (found == nullptr) throw temporal::RpcError(temporal::RpcCode::not_found, "no such run");
    return *found;
  }
  static Time moment_behind(std::string_view word, std::string_view query) {
    const auto behind = query.substr(query.find(word) + word.size());
    return parse_rfc3339(behind.substr(0, behind.find('\''))).value();
  }
  static std::string_view name_of(temporal::WorkflowStatus status) {
    return status == temporal::WorkflowStatus::paused ? "'Paused'" : "'Running'";
  }
  static Time time_of(const HistoryEvent& event) {
    const auto& at = event.event_time();
    return Time(Time::duration(at.seconds() * 1000 + at.nanos() / 1'000'000));
  }
  static temporal::WorkflowExecution line_of(const Run& run) {
    const bool repair = run.workflow_id.starts_with(kRepairIdPrefix);
    temporal::WorkflowExecution line{
        .workflow_id = run.workflow_id,
        .run_id = run.run_id,
        .workflow_type = std::string(repair ? OrderRepair::type.name : OrderWorkflow::type.name),
        .status = run.status,
        .start_time = time_of(run.events.front())};
    if (run.status != temporal::WorkflowStatus::running &&
        run.status != temporal::WorkflowStatus::paused)
      line.close_time = time_of(run.events.back());
    return line;
  }

  boost::asio::any_io_executor executor_;
  std::deque<Run> runs_;
};

inline temporal::Client client_of(std::shared_ptr<Runs> runs) {
  return temporal::Client::lazy({.interceptors = {std::move(runs)}});
}

}  // namespace ordering::order
