#include "order/stuck_watch.h"

#include <temporal/asio.h>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"
#include "contract/timestamp.h"
#include "order/if_there.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

http::Task<> StuckWatch::run() {
  do {
    try {
      sweep_ = co_await temporal::use_asio(look(sweep_));
      if (sweep_.next_page.empty()) {
        stuck_.set(static_cast<double>(sweep_.stuck));
        sweep_ = {};
      }
    } catch (const temporal::Error& e) {  // Temporal is away: what was known stays
      sweep_ = {};
      telemetry::debug("stuck orders cannot be counted", {{"error", e.what()}});
    }
  } while (co_await process::pause(kEvery, draining_));
}

temporal::Async<StuckWatch::Sweep> StuckWatch::look(Sweep sweep) const {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  if (sweep.query.empty())
    sweep.query = "ExecutionStatus IN ('Running', 'Paused') AND WorkflowType IN ('" +
                  std::string(OrderWorkflow::type.name) + "', '" +
                  std::string(OrderRepair::type.name) + "') AND StartTime < '" +
                  to_rfc3339(now - kYoung) + "'";
  auto page = co_await client_.list_workflows({.query = sweep.query,
                                               .page_size = kLookedAt,
                                               .next_page_token = sweep.next_page,
                                               .rpc = {.timeout = kCallTime, .stop = draining_}});
  for (auto& order : page.workflows) {
    if ((co_await if_there(is_stuck(std::move(order)))).value_or(false)) ++sweep.stuck;
  }
  sweep.next_page = page.next_page_token;
  co_return sweep;
}

temporal::Async<bool> StuckWatch::is_stuck(temporal::WorkflowExecution run) const {
  auto id = order_of_either(run.workflow_id);
  if (!id) co_return false;  // no order of the shop's
  const auto handle = client_.workflow_handle(run.workflow_id, run.run_id);
  auto described = co_await handle.describe({.timeout = kCallTime, .stop = draining_});
  co_return co_await orders_.is_stuck(*std::move(id), std::move(described));
}

}  // namespace ordering::order
