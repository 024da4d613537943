#include "order/audit_activities.h"

#include <algorithm>
#include <future>

#include "order/if_there.h"

namespace ordering::order {

using temporal::Async;
using temporal::RpcCode;

namespace {

Timestamp at(std::int64_t millis) {
  return Timestamp(std::chrono::milliseconds(millis));
}

std::int64_t millis_of(temporal::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

std::string orders_query(std::string_view statuses, Timestamp started_before) {
  return "WorkflowType = '" + std::string(OrderWorkflow::type.name) + "' AND ExecutionStatus IN (" +
         std::string(statuses) + ") AND StartTime < '" + to_rfc3339(started_before) + "'";
}

// The first of the three that failed: they come one after the other.
std::optional<std::string> failed_step(const OrderView& view) {
  const auto failed = std::ranges::find(view.steps, StepState::failed, &StepView::state);
  return failed == view.steps.end() ? std::nullopt : failed->code;
}

bool is_resolved_by_hand(const OrderView& view) {
  return std::ranges::any_of(
      view.compensations, [](const StepView& undo) { return undo.result == UndoAnswer::resolved; });
}

bool has_ended(temporal::WorkflowStatus status) {
  return status != temporal::WorkflowStatus::running && status != temporal::WorkflowStatus::paused;
}

template <class T>
std::vector<T> those_there(std::vector<std::optional<T>> found) {
  std::vector<T> all;
  for (auto& one : found)
    if (one) all.push_back(*std::move(one));
  return all;
}

// Of all, in their order. Each is started when one before it has ended.
template <class T>
std::vector<T> answers(std::vector<Async<T>> questions) {
  std::vector<std::promise<temporal::Outcome<T>>> out(questions.size());
  std::vector<std::future<temporal::Outcome<T>>> in;
  for (auto& promise : out) in.push_back(promise.get_future());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (i >= AuditActivities::kAtOnce) in[i - AuditActivities::kAtOnce].wait();
    questions[i].start(
        [&promise = out[i]](temporal::Outcome<T> answer) { promise.set_value(std::move(answer)); });
  }
  for (auto& answer : in) answer.wait();  // before any failure: the rest still has its promise
  std::vector<T> all;
  all.reserve(in.size());
  for (auto& answer : in) {
    auto outcome = answer.get();
    if (!outcome) std::rethrow_exception(outcome.error());
    all.push_back(*std::move(outcome));
  }
  return all;
}

}  // namespace

temporal::ListPage AuditActivities::list(std::string query, std::string page) const {
  return client_
      .list_workflows({.query = std::move(query),
                       .page_size = kOrdersAPage,
                       .next_page_token = std::move(page),
                       .rpc = {.timeout = kCallTime}})
      .get();
}

EndedPage AuditActivities::list_ended(OrdersRequest request) const {
  auto page = list(orders_query("'Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'",
                                at(request.started_before_ms)),
                   request.page.data);
  std::vector<Async<std::optional<EndedRun>>> questions;
  for (auto& run : page.workflows) {
    auto id = order_id_of(run.workflow_id);
    if (!id || workflow_id(*id) != run.workflow_id) continue;  // no order of the shop's
    questions.push_back(if_there(look_at(*std::move(id), run.run_id)));
  }
  return {.runs = those_there(answers(std::move(questions))), .next_page = {page.next_page_token}};
}

Async<EndedRun> AuditActivities::look_at(OrderId id, std::string run_id) const {
  const temporal::RpcOptions rpc{.timeout = kCallTime};
  auto latest = co_await client_.workflow_handle(workflow_id(id)).describe(rpc);
  EndedRun run{
      .order_id = id.text(), .chain = latest.first_run_id, .latest_chain = latest.first_run_id};
  if (latest.run_id != run_id) {
    auto listed = co_await client_.workflow_handle(workflow_id(id), run_id).describe(rpc);
    run.chain = listed.first_run_id;
    co_return run;
  }
  run.latest = has_ended(latest.status);
  if (!run.latest) co_return run;
  run.temporal = temporal::to_string(latest.status);
  run.closed_at_ms = latest.close_time ? millis_of(*latest.close_time) : 0;
  run.amount_minor = amount_of(latest).minor();
  if (latest.status == temporal::WorkflowStatus::completed) {  // its history has nothing to judge
    run.shown = to_string(co_await orders_.status(id, std::chrono::seconds(0), {}));
    co_return run;
  }
  auto view = co_await orders_.view(id);
  run.shown = to_string(view.status);
  run.code = view.code;
  run.failed_step = failed_step(view);
  run.repaired = view.repaired;
  run.stuck = view.stuck;
  run.resolved = is_resolved_by_hand(view);
  co_return run;
}

LatePage AuditActivities::list_late(OrdersRequest request) const {
  const auto began = at(request.started_before_ms);
  auto page = list(orders_query("'Running', 'Paused'", began - longest_), request.page.data);
  std::vector<Async<std::optional<LateOrder>>> questions;
  for (auto& run : page.workflows) {
    auto id = order_id_of(run.workflow_id);
    if (id) questions.push_back(if_there(look_at_late(*std::move(id), run.run_id, began)));
  }
  return {.orders = those_there(answers(std::move(questions))),
          .next_page = {page.next_page_token}};
}

Async<LateOrder> AuditActivities::look_at_late(OrderId id, std::string run_id,
                                               Timestamp began) const {
  const auto run = client_.workflow_handle(workflow_id(id), run_id);
  auto known = co_await run.describe({.timeout = kCallTime});
  LateOrder order{.order_id = id.text()};
  const bool waits = std::ranges::any_of(known.pending_activities, [&](const auto& step) {
    return step.expiration_time && *step.expiration_time > began;
  });
  order.within_deadline =
      waits || has_ended(known.status);  // of one that has, the next audit judges
  order.stuck = co_await orders_.is_stuck(std::move(id), std::move(known));
  co_return order;
}

KnownOrders AuditActivities::look_up(std::vector<std::string> order_ids) const {
  auto name_space = client_.describe_namespace(client_.name_space(), {.timeout = kCallTime}).get();
  std::vector<Async<KnownOrder>> questions;
  for (auto& id : order_ids) questions.push_back(look_up_one(std::move(id)));
  return {.orders = answers(std::move(questions)),
          .kept_since_ms = (now() - name_space.retention).time_since_epoch().count()};
}

Async<KnownOrder> AuditActivities::look_up_one(std::string order_id) const {
  KnownOrder known{.order_id = order_id};
  auto id = OrderId::parse(order_id);
  if (!id) co_return known;
  try {
    auto order =
        co_await client_.workflow_handle(workflow_id(*id)).describe({.timeout = kCallTime});
    known.amount_minor = amount_of(order).minor();
  } catch (const temporal::RpcError& e) {
    if (e.code() != RpcCode::not_found || is_namespace_missing(e)) throw;
  }
  co_return known;
}

}  // namespace ordering::order
