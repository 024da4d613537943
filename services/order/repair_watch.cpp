#include "order/repair_watch.h"

#include <temporal/asio.h>

#include "contract/order_repair.h"
#include "contract/timestamp.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace {

Time to_milliseconds(temporal::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

// A repair that was itself ended from outside is begun again.
std::string ended_outside_since(Time since) {
  return "ExecutionStatus IN ('Terminated', 'TimedOut') AND WorkflowType IN ('" +
         std::string(OrderWorkflow::type.name) + "', '" + std::string(OrderRepair::type.name) +
         "') AND CloseTime >= '" + to_rfc3339(since) + "'";
}

}  // namespace

http::Task<> RepairWatch::run() {
  do {
    try {
      co_await look();
    } catch (const temporal::Error& e) {  // Temporal is away: the next round does it all
      telemetry::debug("orders to repair cannot be looked for", {{"error", e.what()}});
    }
  } while (co_await process::pause(kEvery, draining_));
}

http::Task<> RepairWatch::look() {
  const auto next_since = to_milliseconds(std::chrono::system_clock::now()) - kOverlap;
  const auto query = ended_outside_since(since_);
  std::string page;
  do {
    const auto found = co_await temporal::use_asio(
        client_.list_workflows({.query = query,
                                .page_size = kPage,
                                .next_page_token = page,
                                .rpc = {.timeout = kCallTime, .stop = draining_}}));
    for (const auto& ended : found.workflows)
      if (!done_.contains(ended.run_id)) co_await look_at(ended);
    page = found.next_page_token;
  } while (!page.empty() && !draining_.stop_requested());
  since_ = std::max(since_, next_since);
  std::erase_if(done_, [this](const auto& run) { return run.second < since_; });
}

http::Task<> RepairWatch::look_at(const temporal::WorkflowExecution& ended) {
  const auto id = order_of_either(ended.workflow_id);
  try {
    if (id && co_await temporal::use_asio(orders_.repair(*id)))
      telemetry::warn("an order was ended from outside; its repair begins",
                      {{"order_id", id->text()}, {"run_id", ended.run_id}});
  } catch (const temporal::RpcError& e) {
    if (e.code() != temporal::RpcCode::not_found) throw;  // else it is past its retention
  }
  if (ended.close_time) done_.emplace(ended.run_id, to_milliseconds(*ended.close_time));
}

}  // namespace ordering::order
