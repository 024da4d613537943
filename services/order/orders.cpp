#include "order/orders.h"

#include <google/rpc/status.pb.h>
#include <temporal/api.h>

#include <algorithm>

#include "contract/activity_edge.h"
#include "contract/task_queues.h"

namespace ordering::order {

using temporal::Async;
using temporal::RpcCode;
using Clock = std::chrono::steady_clock;

namespace {

std::chrono::milliseconds until(Clock::time_point deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
}

// As status_of() has it for what Describe tells.
Status status_of_end(const temporal::Failure& failure) {
  switch (failure.kind()) {
    case temporal::FailureKind::canceled:
      return Status::cancelled;
    case temporal::FailureKind::terminated:
    case temporal::FailureKind::timeout:
      return Status::processing;
    default:
      return Status::failed;
  }
}

}  // namespace

bool is_namespace_missing(const temporal::RpcError& error) {
  google::rpc::Status status;
  if (error.code() != RpcCode::not_found || !status.ParseFromString(error.details())) return false;
  return std::ranges::any_of(status.details(), [](const auto& detail) {
    return detail.template Is<temporal::api::errordetails::v1::NamespaceNotFoundFailure>();
  });
}

Async<Placing> Orders::place(OrderId id, Money amount, std::string request_id,
                             std::chrono::milliseconds within, temporal::Headers trace) const {
  const auto deadline = Clock::now() + within;
  temporal::WorkflowOptions options{
      .id = workflow_id(id),
      .task_queue = std::string(kOrderTaskQueue),
      .id_reuse_policy = temporal::WorkflowIdReusePolicy::reject_duplicate,
      .id_conflict_policy = temporal::WorkflowIdConflictPolicy::fail,
      .request_id = std::move(request_id),
      .memo = {{std::string(kAmountMemo), temporal::Value::of(amount)}},
      .request_eager_start = true,  // this very process runs the saga
      .rpc = {.timeout = within},
      .headers = std::move(trace)};
  OrderInput input{.order_id = id,
                   .amount = amount,
                   .step_deadline = options_.step_deadline,
                   .delivery_time = options_.delivery_time,
                   .index_code = options_.codes && options_.codes->known()};
  bool taken = false;
  try {
    co_await client_.start_workflow(OrderWorkflow::type, std::move(options), std::move(input));
  } catch (const temporal::WorkflowAlreadyStartedError&) {
    taken = true;
  }
  if (!taken) co_return Placing::started;
  // By Describe, which tells what is; visibility lags behind.
  auto known = co_await handle(id).describe({.timeout = until(deadline)});
  auto before = amount_of(known);
  co_return before == amount ? Placing::replayed : Placing::amount_differs;
}

Async<Status> Orders::status(OrderId id, std::chrono::milliseconds wait,
                             std::stop_token stop) const {
  const auto deadline = Clock::now() + wait;
  if (wait.count() > 0) {
    try {
      co_await handle(id).result({.rpc = {.timeout = wait, .stop = stop}});
      co_return Status::completed;
    } catch (const temporal::WorkflowFailedError& e) {
      const auto end = status_of_end(e.failure());
      if (end != Status::processing) co_return end;
    } catch (const temporal::RpcError& e) {
      if (e.code() != RpcCode::deadline_exceeded && e.code() != RpcCode::canceled) throw;
    }
  }
  auto known = co_await handle(id).describe({.timeout = kReadTime});
  if (!is_ended_outside(known.status)) co_return status_of(known.status);
  co_return co_await status_of_repair(std::move(id), until(deadline), stop);
}

Async<CancelDecision> Orders::cancel(OrderId id, std::stop_token stop,
                                     temporal::Headers trace) const {
  temporal::UpdateOptions options{.id = std::string(kCancelUpdateId),
                                  .rpc = {.timeout = kCancelTime, .stop = stop},
                                  .headers = std::move(trace)};
  try {
    auto answer =
        co_await handle(id).execute_update(OrderWorkflow::cancel, options, CancelRequest{});
    if (answer.accepted) {
      // A run that was ended from outside keeps its answer, and is repaired all the same (R9).
      auto known = co_await handle(id).describe({.timeout = kReadTime});
      co_return is_ended_outside(known.status) ? CancelDecision::too_late
                                               : CancelDecision::accepted;
    }
    auto code = find_code(answer.code.value_or(""));
    co_return code == Code::already_started ? CancelDecision::departed : CancelDecision::too_late;
  } catch (const temporal::TimeoutError&) {
    co_return CancelDecision::undecided;
  } catch (const temporal::UpdateFailedError& e) {
    if (refusal_in(e.failure())) co_return CancelDecision::too_late;
  } catch (const temporal::RpcError& e) {
    if (e.code() == RpcCode::deadline_exceeded || e.code() == RpcCode::canceled)
      co_return CancelDecision::undecided;
    if (e.code() == RpcCode::unavailable) throw;
  }
  co_return co_await decision_after_end(std::move(id));
}

// An order that has ended takes no update, and drops the one that it had not answered.
Async<CancelDecision> Orders::decision_after_end(OrderId id) const {
  auto known = co_await handle(id).describe({.timeout = kReadTime});
  if (is_ended_outside(known.status)) co_return CancelDecision::too_late;
  switch (status_of(known.status)) {
    case Status::processing:
      co_return CancelDecision::undecided;
    case Status::cancelled:
      co_return CancelDecision::accepted;
    default:
      co_return CancelDecision::too_late;
  }
}

}  // namespace ordering::order
