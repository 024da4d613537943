// A handle of one schedule, for clients: a value that names it. Making one does no I/O, and copying
// it is cheap. What a schedule is, and an example, is in temporal/schedule.h.
//
// Errors: a schedule that is not there is RpcError{not_found}.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "temporal/client_interceptor.h"

namespace temporal {

namespace detail {
Async<void> update_schedule(std::shared_ptr<ClientCore> core, std::string id, ScheduleChange change,
                            RpcOptions rpc);
}

class ScheduleHandle {
 public:
  ScheduleHandle(std::shared_ptr<detail::ClientCore> core, std::string id)
      : core_(std::move(core)), id_(std::move(id)) {}

  const std::string& id() const { return id_; }

  Async<ScheduleDescription> describe(RpcOptions rpc = {}) const {
    return detail::keeping(core_, first().describe_schedule({id_, std::move(rpc)}));
  }
  // Takes its action once, now, whether it is paused or not. Returns when the server has the
  // request; the workflow starts after that, or by `overlap` not at all.
  Async<void> trigger(ScheduleOverlapPolicy overlap = ScheduleOverlapPolicy::unspecified,
                      RpcOptions rpc = {}) const {
    return patch({.id = id_, .trigger = overlap, .rpc = std::move(rpc)});
  }
  Async<void> backfill(std::vector<ScheduleBackfill> spans, RpcOptions rpc = {}) const {
    return patch({.id = id_, .backfill = std::move(spans), .rpc = std::move(rpc)});
  }
  // Notes must not be empty: the server takes an empty one for no request.
  Async<void> pause(std::string note = "paused", RpcOptions rpc = {}) const {
    return patch({.id = id_, .pause = std::move(note), .rpc = std::move(rpc)});
  }
  Async<void> unpause(std::string note = "unpaused", RpcOptions rpc = {}) const {
    return patch({.id = id_, .unpause = std::move(note), .rpc = std::move(rpc)});
  }
  // Describes it, asks `change` what it is to become, and says so to the server. After somebody else's
  // change in between this one is lost: describe() tells, or RpcError{failed_precondition} does.
  Async<void> update(ScheduleChange change, RpcOptions rpc = {}) const {
    return detail::update_schedule(core_, id_, std::move(change), std::move(rpc));
  }
  // Deletes it. The workflows that it started go on.
  Async<void> remove(RpcOptions rpc = {}) const {
    return detail::keeping(core_, first().delete_schedule({id_, std::move(rpc)}));
  }

 private:
  ClientInterceptor& first() const { return detail::outermost(core_); }
  Async<void> patch(PatchScheduleInput input) const {
    return detail::keeping(core_, first().patch_schedule(std::move(input)));
  }
  std::shared_ptr<detail::ClientCore> core_;
  std::string id_;
};

}  // namespace temporal
