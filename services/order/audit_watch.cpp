#include "order/audit_watch.h"

#include <temporal/asio.h>

#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

http::Task<> AuditWatch::run() {
  do {
    try {
      co_await look();
    } catch (const temporal::Error& e) {  // Temporal is away: what was known stays
      telemetry::debug("the last audit is not known", {{"error", e.what()}});
    }
  } while (co_await process::pause(kEvery, draining_));
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
