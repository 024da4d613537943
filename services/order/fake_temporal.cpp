#include "order/fake_temporal.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "contract/timestamp.h"
#include "temporal/error.h"

namespace ordering::order {

using temporal::Async;
using temporal::WorkflowDescription;

namespace {

std::string_view name_of(temporal::WorkflowStatus status) {
  switch (status) {
    case temporal::WorkflowStatus::running:
      return "Running";
    case temporal::WorkflowStatus::paused:
      return "Paused";
    case temporal::WorkflowStatus::completed:
      return "Completed";
    case temporal::WorkflowStatus::failed:
      return "Failed";
    case temporal::WorkflowStatus::canceled:
      return "Canceled";
    case temporal::WorkflowStatus::terminated:
      return "Terminated";
    case temporal::WorkflowStatus::timed_out:
      return "TimedOut";
    default:
      return "";
  }
}

std::string text_of(temporal::Time time) {  // which sorts as the times do
  return to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(time));
}

std::string value_of(const WorkflowDescription& run, std::string_view name) {
  if (name == "WorkflowType") return run.workflow_type;
  if (name == "WorkflowId") return run.workflow_id;
  if (name == "ExecutionStatus") return std::string(name_of(run.status));
  if (name == "StartTime") return text_of(run.start_time);
  if (name == "CloseTime") return run.close_time ? text_of(*run.close_time) : "";
  throw std::invalid_argument("no attribute of the tests: " + std::string(name));
}

// Whether a run matches a List Filter, of which it knows what the order service asks.
class Filter {
 public:
  Filter(std::string_view query, const WorkflowDescription& run) : rest_(query), run_(run) {}
  bool matches() {
    const bool found = any();
    if (!rest_.empty()) throw std::invalid_argument("no filter: " + std::string(rest_));
    return found;
  }

 private:
  bool any() {
    bool found = all();
    while (take("OR ")) found |= all();
    return found;
  }
  bool all() {
    bool found = one();
    while (take("AND ")) found &= one();
    return found;
  }
  bool one() {
    if (take("(")) {
      const bool found = any();
      expect(")");
      return found;
    }
    const auto name = word();
    const auto value = value_of(run_, name);
    if (take("IN (")) return is_in(value);
    if (take("STARTS_WITH ")) return value.starts_with(quoted());
    if (take("< ")) return value < quoted();
    if (take(">= ")) return value >= quoted();
    expect("= ");
    return value == quoted();
  }
  bool is_in(const std::string& value) {
    bool found = false;
    do found |= value == quoted();
    while (take(", "));
    expect(")");
    return found;
  }
  std::string_view word() {
    const auto end = rest_.find(' ');
    const auto name = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), name.size() + 1));
    return name;
  }
  std::string_view quoted() {
    expect("'");
    const auto text = rest_.substr(0, rest_.find('\''));
    rest_.remove_prefix(text.size());
    expect("'");
    return text;
  }
  bool take(std::string_view token) {
    if (rest_.starts_with(' ')) rest_.remove_prefix(1);
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) throw std::invalid_argument("no filter: " + std::string(rest_));
  }

  std::string_view rest_;
  const WorkflowDescription& run_;
};

}  // namespace

std::vector<const WorkflowDescription*> FakeTemporal::matching(const std::string& query) {
  ++asked;
  std::vector<const WorkflowDescription*> found;
  for (const auto& run : runs)
    if (Filter(query, run).matches()) found.push_back(&run);
  return found;
}

Async<temporal::StartedWorkflow> FakeTemporal::start_workflow(temporal::StartWorkflowInput input) {
  started.push_back(input.options.id);
  co_return temporal::StartedWorkflow{.workflow_id = input.options.id, .run_id = "started"};
}

Async<WorkflowDescription> FakeTemporal::describe_workflow(temporal::DescribeWorkflowInput input) {
  if (before_describe) before_describe(input.workflow.workflow_id);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run)
    if (run->workflow_id == input.workflow.workflow_id &&
        (input.workflow.run_id.empty() || run->run_id == input.workflow.run_id))
      co_return *run;
  throw temporal::RpcError(temporal::RpcCode::not_found, "no such workflow");
}

Async<temporal::HistoryPage> FakeTemporal::fetch_history_page(temporal::FetchHistoryInput input) {
  co_return temporal::HistoryPage{
      .history = temporal::History::from_bytes(input.workflow.workflow_id,
                                               histories[input.workflow.run_id])};
}

Async<temporal::ListPage> FakeTemporal::list_workflows(temporal::ListOptions options) {
  const auto found = matching(options.query);
  const std::size_t from =
      options.next_page_token.empty() ? 0 : std::stoul(options.next_page_token);
  const auto size = options.page_size > 0 ? static_cast<std::size_t>(options.page_size) : kPage;
  const auto to = std::min(found.size(), from + size);
  temporal::ListPage page;
  for (auto at = from; at < to; ++at) page.workflows.push_back(*found[at]);
  if (to < found.size()) page.next_page_token = std::to_string(to);
  co_return page;
}

Async<temporal::WorkflowCount> FakeTemporal::count_workflows(temporal::CountOptions options) {
  co_return temporal::WorkflowCount{.count =
                                        static_cast<std::int64_t>(matching(options.query).size())};
}

}  // namespace ordering::order
