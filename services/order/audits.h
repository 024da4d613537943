// The audits of the shop: asked for, and by Temporal's own schedule. The last result is that of the
// workflow that completed last, so nothing has to be stored.
//
//   auto result = co_await audits.run(100s, stop);    // empty: there is none yet
//
// Calls throw temporal::RpcError where Temporal does not answer.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include "contract/audit.h"

namespace ordering::order {

// It ended without a result: a part did not answer for too long.
struct AuditFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct LastAudit {
  std::string run_id = {};
  temporal::Time ended_at = {};
  AuditResult result = {};
};

class Audits {
 public:
  static constexpr std::chrono::minutes kEvery{10};
  // An audit that was due while Temporal was away for longer is not made up for.
  static constexpr std::chrono::minutes kCatchUp{1};
  // An audit that hangs (its code was changed under it) must not keep the next ones from beginning.
  static constexpr std::chrono::hours kLongest{1};
  static constexpr std::chrono::seconds kCallTime{5};
  // Of those that completed, and of other runs that have closed: orders are kept for ever, and the
  // histories of audits would soon be most of what Temporal holds.
  static constexpr std::int32_t kKept = 10;
  static constexpr std::int32_t kForgottenAtOnce = 50;

  explicit Audits(temporal::Client client) : client_(std::move(client)) {}

  // Starts an audit, or joins the one that runs, and waits for its end; when that does not come
  // within `wait`, or `stop` is requested, the last result. Throws AuditFailed.
  temporal::Async<std::optional<AuditResult>> run(std::chrono::seconds wait,
                                                  std::stop_token stop) const;
  // Of the run that completed last; empty where it is the run of `known_run_id`, or there is none.
  temporal::Async<std::optional<LastAudit>> last(std::string known_run_id) const;
  // Creates the schedule where there is none; one that is there stays as a person has made it.
  temporal::Async<void> schedule() const;
  // Deletes closed audits beyond the newest, some of them at a call.
  temporal::Async<void> forget_old() const;

 private:
  temporal::Async<void> forget_old(std::string statuses) const;
  temporal::Async<std::string> running() const;  // its workflow's id; empty: there is none

  temporal::Client client_;
};

}  // namespace ordering::order
