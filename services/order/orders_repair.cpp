// What Orders does about orders that do not end by themselves: those that are stuck, and those that
// were ended from outside.
#include <temporal/api.h>

#include <algorithm>

#include "contract/activity_edge.h"
#include "contract/order_repair.h"
#include "contract/task_queues.h"
#include "contract/timestamp.h"
#include "order/history_events.h"
#include "order/if_there.h"
#include "order/orders.h"

namespace ordering::order {

using temporal::Async;
using temporal::RpcCode;

namespace {

// A workflow's current run, as the server tells it.
struct Told {
  temporal::WorkflowDescription described;
  temporal::api::history::v1::History history;
};

Async<Told> tell(temporal::Client client, std::string id) {
  Told told{.described =
                co_await client.workflow_handle(id).describe({.timeout = Orders::kReadTime})};
  // The events of the run that was described, and later than it: never fewer than it told of.
  auto run = client.workflow_handle(id, told.described.run_id);
  told.history = events_of(co_await run.fetch_history({.rpc = {.timeout = Orders::kReadTime}}));
  co_return told;
}

}  // namespace

Async<OrderView> Orders::view(OrderId id) const {
  const auto order = co_await tell(client_, workflow_id(id));
  if (!is_ended_outside(order.described.status))
    co_return view_order(std::move(id), order.history, order.described, now());
  const auto repair = co_await if_there(tell(client_, repair_id(id)));
  std::optional<RunTold> its_repair;
  if (repair) its_repair.emplace(repair->history, repair->described);
  co_return view_order(std::move(id), order.history, order.described, now(), its_repair);
}

Async<bool> Orders::is_stuck(OrderId id, temporal::WorkflowDescription described) const {
  if (!may_be_stuck(described)) co_return false;
  co_return (co_await view(std::move(id))).stuck;
}

// PROCESSING until the repair has completed: one that has not been begun, or was itself ended from
// outside, is begun by RepairWatch.
Async<Status> Orders::status_of_repair(OrderId id, std::chrono::milliseconds wait,
                                       std::stop_token stop) const {
  auto repair = client_.workflow_handle(OrderRepair::type, repair_id(id));
  try {
    if (wait.count() > 0)
      co_return status_of(
          (co_await repair.result({.rpc = {.timeout = wait, .stop = stop}})).result);
    auto known = co_await repair.describe({.timeout = kReadTime});
    if (known.status == temporal::WorkflowStatus::completed)
      co_return status_of((co_await repair.result({.rpc = {.timeout = kReadTime}})).result);
  } catch (const temporal::WorkflowFailedError&) {  // NOLINT(bugprone-empty-catch): see above
  } catch (const temporal::RpcError& e) {
    const bool waited = wait.count() > 0 &&
                        (e.code() == RpcCode::deadline_exceeded || e.code() == RpcCode::canceled);
    if (!waited && e.code() != RpcCode::not_found) throw;
  }
  co_return Status::processing;
}

Async<bool> Orders::repair(OrderId id) const {
  const auto known = co_await handle(id).describe({.timeout = kReadTime});
  if (!is_ended_outside(known.status)) co_return false;  // by a reset it has a newer run
  temporal::WorkflowOptions options{
      .id = repair_id(id),
      .task_queue = std::string(kOrderTaskQueue),
      .id_reuse_policy = temporal::WorkflowIdReusePolicy::allow_duplicate_failed_only,
      .id_conflict_policy = temporal::WorkflowIdConflictPolicy::fail,
      .rpc = {.timeout = kPlaceTime}};
  RepairInput input{.order_id = std::move(id), .delivery_time = options_.delivery_time};
  try {
    co_await client_.start_workflow(OrderRepair::type, std::move(options), std::move(input));
    co_return true;
  } catch (const temporal::WorkflowAlreadyStartedError&) {
    co_return false;
  }
}

Async<AskDecision> Orders::ask(OrderId id, Asking what, CompensationRequest request,
                               std::stop_token stop, temporal::Headers trace) const {
  const bool resolves = what.name == Compensation::resolve.name;
  const auto order = co_await view(id);
  const auto undo = std::ranges::find(order.compensations, request.name, &StepView::name);
  if (undo == order.compensations.end()) co_return AskDecision::not_stuck;
  if (resolves && undo->result == UndoAnswer::resolved) co_return AskDecision::accepted;
  if (!undo->stuck) co_return AskDecision::not_stuck;
  // What is resolved is so once; asking twice at a time is one update.
  temporal::UpdateOptions options{.id = resolves ? "resolve-" + request.name : "",
                                  .rpc = {.timeout = kCancelTime, .stop = stop},
                                  .headers = std::move(trace)};
  request.attempts = undo->attempts;
  auto workflow = client_.workflow_handle(order.in_repair ? repair_id(id) : workflow_id(id));
  try {
    co_await workflow.execute_update(what, std::move(options), std::move(request));
    co_return AskDecision::accepted;
  } catch (const temporal::TimeoutError&) {
    co_return AskDecision::undecided;
  } catch (const temporal::UpdateFailedError& e) {
    const bool done = refusal_in(e.failure()).has_value();  // meanwhile
    co_return done ? AskDecision::not_stuck : AskDecision::undecided;
  } catch (const temporal::RpcError& e) {
    if (e.code() == RpcCode::not_found) co_return AskDecision::not_stuck;  // ended meanwhile
    if (e.code() != RpcCode::deadline_exceeded && e.code() != RpcCode::canceled) throw;
    co_return AskDecision::undecided;
  }
}

}  // namespace ordering::order
