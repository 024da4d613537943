// Sees to it that the audit is on Temporal's schedule, shows the last result on /metrics and has old
// ones deleted: audit_ok{check}, audit_violations{check} and audit_last_timestamp_seconds.
#pragma once
#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "http/message.h"
#include "order/audits.h"
#include "telemetry/metrics.h"

namespace ordering::order {

class AuditWatch {
 public:
  static constexpr std::chrono::seconds kEvery{15};

  AuditWatch(Audits audits, std::stop_token draining)
      : audits_(std::move(audits)), draining_(std::move(draining)) {}

  http::Task<> run();  // until `draining`; on the HTTP thread

 private:
  http::Task<> look();
  void show(const LastAudit& last);

  Audits audits_;
  std::stop_token draining_;
  bool scheduled_ = false;
  bool tidy_ = false;  // old audits have been deleted since the last one
  std::string shown_run_;
  telemetry::Family<telemetry::Gauge>& ok_ =
      telemetry::gauge("audit_ok", "Whether the last audit found a check true.", {"check"});
  telemetry::Family<telemetry::Gauge>& violations_ = telemetry::gauge(
      "audit_violations", "What the last audit found to violate a check.", {"check"});
  telemetry::Family<telemetry::Gauge>& at_ =
      telemetry::gauge("audit_last_timestamp_seconds", "When the last audit ended.");
};

}  // namespace ordering::order
