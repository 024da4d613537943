#include "order/stuck_watch.h"

#include <temporal/asio.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "contract/order_workflow.h"
#include "order/order_view.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace asio = boost::asio;

http::Task<> StuckWatch::run() {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  // draining begins on this very thread
  std::stop_callback wake(draining_, [&pause] { pause.cancel(); });
  while (!draining_.stop_requested()) {
    try {
      stuck_.set(static_cast<double>(co_await temporal::use_asio(count())));
    } catch (const temporal::Error& e) {  // Temporal is away: what was known stays
      telemetry::debug("stuck orders cannot be counted", {{"error", e.what()}});
    }
    if (draining_.stop_requested()) break;
    pause.expires_after(kEvery);
    boost::system::error_code ended;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

temporal::Async<std::size_t> StuckWatch::count() const {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  temporal::RpcOptions rpc{.timeout = kCallTime, .stop = draining_};
  temporal::ListOptions list{.query = "ExecutionStatus = 'Running' AND WorkflowType = '" +
                                      std::string(OrderWorkflow::type.name) + "'",
                             .rpc = rpc};
  std::size_t looked_at = 0;
  std::size_t stuck = 0;
  do {
    auto page = co_await client_.list_workflows(list);
    for (const auto& order : page.workflows) {
      if (now - order.start_time < kYoung || looked_at == kMostLookedAt) continue;
      ++looked_at;
      auto run = client_.workflow_handle(order.workflow_id, order.run_id);
      if (has_stuck_activity(co_await run.describe(rpc), now)) ++stuck;
    }
    list.next_page_token = page.next_page_token;
  } while (!list.next_page_token.empty() && looked_at < kMostLookedAt);
  co_return stuck;
}

}  // namespace ordering::order
