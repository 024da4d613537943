#include "order/audit_watch.h"

#include <temporal/asio.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.h"

namespace ordering::order {

namespace asio = boost::asio;

http::Task<> AuditWatch::run() {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  // draining begins on this very thread
  std::stop_callback wake(draining_, [&pause] { pause.cancel(); });
  while (!draining_.stop_requested()) {
    try {
      co_await look();
    } catch (const temporal::Error& e) {  // Temporal is away: what was known stays
      telemetry::debug("the last audit is not known", {{"error", e.what()}});
    }
    if (draining_.stop_requested()) break;
    pause.expires_after(kEvery);
    boost::system::error_code ended;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

http::Task<> AuditWatch::look() {
  if (!scheduled_) {
    co_await temporal::use_asio(audits_.schedule());
    scheduled_ = true;
  }
  if (const auto last = co_await temporal::use_asio(audits_.last(shown_run_))) {
    show(*last);
    shown_run_ = last->run_id;
    tidy_ = false;
  }
  if (tidy_) co_return;
  co_await temporal::use_asio(audits_.forget_old());
  tidy_ = true;
}

void AuditWatch::show(const LastAudit& last) {
  for (const auto& check : last.result.checks) {
    ok_.with({check.id}).set(check.ok ? 1 : 0);
    violations_.with({check.id}).set(static_cast<double>(check.count));
    if (!check.ok)
      telemetry::warn("the audit found a violation",
                      {{"check", check.id}, {"violations", check.count}, {"at", last.result.at}});
  }
  at_.with({}).set(static_cast<double>(
      std::chrono::floor<std::chrono::seconds>(last.ended_at).time_since_epoch().count()));
}

}  // namespace ordering::order
