#include "order/order_index.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"

namespace ordering::order {

using temporal::Async;

namespace {

std::string orders(const std::string& filter) {
  return "WorkflowType = '" + std::string(OrderWorkflow::type.name) + "' AND (" + filter + ")";
}

// A workflow of this type with an id that is no order's was not started by the shop.
void add(std::vector<IndexedOrder>& lines, const temporal::WorkflowExecution& run) {
  const auto chain = run.workflow_type == OrderRepair::type.name ? Chain::repair : Chain::order;
  const auto prefix = chain == Chain::order ? kWorkflowIdPrefix : kRepairIdPrefix;
  if (!run.workflow_id.starts_with(prefix)) return;
  auto id = OrderId::parse(std::string_view(run.workflow_id).substr(prefix.size()));
  if (!id) return;
  IndexedOrder line{.order_id = *std::move(id),
                    .chain = chain,
                    .run_id = run.run_id,
                    .status = run.status,
                    .amount = amount_of(run),
                    .code = run.search_attributes.get(kOrderCode),
                    .created_at = std::chrono::floor<std::chrono::milliseconds>(run.start_time)};
  if (run.close_time)
    line.closed_at = std::chrono::floor<std::chrono::milliseconds>(*run.close_time);
  lines.push_back(std::move(line));
}

}  // namespace

Async<IndexPage> OrderIndex::list(std::string query, std::string page) const {
  auto listed = co_await client_.list_workflows({.query = std::move(query),
                                                 .page_size = static_cast<std::int32_t>(kMost),
                                                 .next_page_token = std::move(page),
                                                 .rpc = {.timeout = kCallTime}});
  IndexPage told{.next = std::move(listed.next_page_token)};
  for (const auto& run : listed.workflows) add(told.runs, run);
  co_return told;
}

Async<std::optional<std::vector<IndexedOrder>>> OrderIndex::read(std::string filter) const {
  std::vector<IndexedOrder> lines;
  std::string next;
  do {
    auto page = co_await list(orders(filter), std::move(next));
    std::ranges::move(page.runs, std::back_inserter(lines));
    if (lines.size() > kMost) co_return std::nullopt;
    next = std::move(page.next);
  } while (!next.empty());
  co_return lines;
}

Async<IndexPage> OrderIndex::page(std::string filter, std::string page) const {
  auto query = "WorkflowType IN ('" + std::string(OrderWorkflow::type.name) + "', '" +
               std::string(OrderRepair::type.name) + "') AND (" + filter + ")";
  co_return co_await list(std::move(query), std::move(page));
}

Async<std::int64_t> OrderIndex::count(std::string filter) const {
  auto counted =
      co_await client_.count_workflows({.query = orders(filter), .rpc = {.timeout = kCallTime}});
  co_return counted.count;
}

}  // namespace ordering::order
