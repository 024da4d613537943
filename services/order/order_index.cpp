#include "order/order_index.h"

#include <utility>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"

namespace ordering::order {

using temporal::Async;

namespace {

std::string only(Chain chain, const std::string& filter) {
  const auto type = chain == Chain::order ? OrderWorkflow::type.name : OrderRepair::type.name;
  return "WorkflowType = '" + std::string(type) + "' AND (" + filter + ")";
}

// A workflow of this type with an id that is no order's was not started by the shop.
void add(std::vector<IndexedOrder>& lines, Chain chain, const temporal::WorkflowExecution& run) {
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

Async<std::optional<std::vector<IndexedOrder>>> OrderIndex::read(std::string filter,
                                                                 std::size_t most,
                                                                 Chain chain) const {
  std::vector<IndexedOrder> lines;
  temporal::ListOptions options{.query = only(chain, filter),
                                .page_size = static_cast<std::int32_t>(kMost),
                                .rpc = {.timeout = kCallTime}};
  do {
    auto page = co_await client_.list_workflows(options);
    for (const auto& run : page.workflows) add(lines, chain, run);
    if (lines.size() > most) co_return std::nullopt;
    options.next_page_token = std::move(page.next_page_token);
  } while (!options.next_page_token.empty());
  co_return lines;
}

Async<std::int64_t> OrderIndex::count(std::string filter) const {
  auto counted = co_await client_.count_workflows(
      {.query = only(Chain::order, filter), .rpc = {.timeout = kCallTime}});
  co_return counted.count;
}

}  // namespace ordering::order
