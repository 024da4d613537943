#include "order/retention.h"

#include <temporal/asio.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.h"

namespace ordering::order {

namespace asio = boost::asio;

http::Task<> Retention::run() {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  // draining begins on this very thread
  std::stop_callback wake(draining_, [&pause] { pause.cancel(); });
  while (!draining_.stop_requested()) {
    try {
      const auto found = co_await temporal::use_asio(client_.describe_namespace(
          client_.name_space(), {.timeout = kCallTime, .stop = draining_}));
      co_return judge(found.retention);
    } catch (const temporal::Error& e) {
      telemetry::debug("the namespace's retention is not known yet", {{"error", e.what()}});
    }
    if (draining_.stop_requested()) break;
    pause.expires_after(kAgain);
    boost::system::error_code ended;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

void Retention::judge(std::chrono::seconds retention) {
  if (retention >= kWanted) return;
  const auto hours = std::chrono::floor<std::chrono::hours>(retention).count();
  warnings_ = {"The namespace " + client_.name_space() + " keeps an ended order for " +
               std::to_string(hours) +
               " hours only, and then it is unknown; set its retention to " +
               std::to_string(kWanted.count()) + " days."};
  telemetry::warn(warnings_.front());
}

}  // namespace ordering::order
