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

// A repair that failed, or was itself ended from outside, is begun again.
std::string to_repair_since(Time since) {
  return "(WorkflowType = '" + std::string(OrderWorkflow::type.name) +
         "' AND ExecutionStatus IN ('Terminated', 'TimedOut') OR WorkflowType = '" +
         std::string(OrderRepair::type.name) +
         "' AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed')) AND CloseTime >= '" +
         to_rfc3339(since) + "'";
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
  auto next_since = to_milliseconds(std::chrono::system_clock::now()) - kOverlap;
  const auto query = to_repair_since(since_);
  failures_ = 0;
  std::string page;
  do {
    const auto found = co_await temporal::use_asio(
        client_.list_workflows({.query = query,
                                .page_size = kPage,
                                .next_page_token = page,
                                .rpc = {.timeout = kCallTime, .stop = draining_}}));
    for (const auto& ended : found.workflows) {
      if (done_.contains(ended.run_id)) continue;
      const auto at = to_milliseconds(ended.close_time.value_or(ended.start_time));
      if (co_await look_at(ended))
        done_.emplace(ended.run_id, at);
      else
        next_since = std::min(next_since, at);
    }
    page = found.next_page_token;
  } while (!page.empty() && !draining_.stop_requested());
  since_ = std::max(since_, next_since);
  std::erase_if(done_, [this](const auto& run) { return run.second < since_; });
}

http::Task<bool> RepairWatch::look_at(temporal::WorkflowExecution ended) {
  const auto id = order_of_either(ended.workflow_id);
  if (!id) co_return true;  // no order of the shop's
  try {
    if (co_await temporal::use_asio(orders_.repair(*id)))
      telemetry::warn("an order was ended from outside; its repair begins",
                      {{"order_id", id->text()}, {"run_id", ended.run_id}});
  } catch (const temporal::Error& e) {
    const auto* rpc = dynamic_cast<const temporal::RpcError*>(&e);
    if (rpc && rpc->code() == temporal::RpcCode::not_found) co_return true;  // past its retention
    if (draining_.stop_requested() || ++failures_ > kFailures) throw;
    telemetry::warn("an order to repair cannot be looked at",
                    {{"order_id", id->text()}, {"error", e.what()}});
    co_return false;
  }
  co_return true;
}

}  // namespace ordering::order
