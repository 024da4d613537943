#include "order/stuck_watch.h"

#include <temporal/asio.h>

#include "contract/order_repair.h"
#include "contract/order_workflow.h"
#include "contract/timestamp.h"
#include "order/order_view.h"
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
  const temporal::RpcOptions rpc{.timeout = kCallTime, .stop = draining_};
  if (sweep.query.empty())
    sweep.query = "ExecutionStatus = 'Running' AND WorkflowType IN ('" +
                  std::string(OrderWorkflow::type.name) + "', '" +
                  std::string(OrderRepair::type.name) + "') AND StartTime < '" +
                  to_rfc3339(now - kYoung) + "'";
  auto page = co_await client_.list_workflows({.query = sweep.query,
                                               .page_size = kLookedAt,
                                               .next_page_token = sweep.next_page,
                                               .rpc = rpc});
  for (const auto& order : page.workflows) {
    auto run = client_.workflow_handle(order.workflow_id, order.run_id);
    if (has_stuck_activity(co_await run.describe(rpc), now)) ++sweep.stuck;
  }
  sweep.next_page = page.next_page_token;
  co_return sweep;
}

}  // namespace ordering::order
