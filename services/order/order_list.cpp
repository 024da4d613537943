#include "order/order_list.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "contract/timestamp.h"
#include "order/history_events.h"
#include "order/if_there.h"

namespace ordering::order {

using temporal::Async;
using namespace std::chrono_literals;

namespace {

// A span holds some more orders than a page, for those that the index lists and the page does not.
constexpr std::size_t kLinesForOne = 4;
constexpr std::size_t kFewestLines = 100;
constexpr std::chrono::milliseconds kFirstSpan = 1h;
constexpr int kFarther = 8;                    // what the next span is longer, or shorter, than one
constexpr int kMostCounts = 64;                // in search of a span
constexpr int kMostSpans = 16;                 // of one page
constexpr Time::duration kClocksApart = 1min;  // the server's and ours

std::size_t most_lines(const ListQuery& query) {
  return std::clamp(query.limit * kLinesForOne, kFewestLines, OrderIndex::kMost);
}

std::string quoted(Time time) {
  return "'" + to_rfc3339(time) + "'";
}

// An order that was ended from outside has the status its repair gives it, which the index does not
// know: it is looked up.
std::string filter_of_status(Status status) {
  switch (status) {
    case Status::processing:
      return "ExecutionStatus IN ('Running', 'Paused', 'Terminated', 'TimedOut')";
    case Status::completed:
      return "ExecutionStatus IN ('Completed', 'Terminated', 'TimedOut')";
    case Status::failed:
      return "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')";
    case Status::cancelled:
      return "ExecutionStatus = 'Canceled'";
  }
  return {};
}

ListCursor position_of(const IndexedOrder& line) {
  return {line.created_at, line.order_id.text()};
}

// The latest moment an order of the page may have, itself not included.
Time end_of(const ListQuery& query) {
  auto end = now() + kClocksApart;
  if (query.to) end = std::min(end, *query.to);
  if (query.after) end = std::min(end, query.after->created_at + Time::duration(1));
  return end;
}

}  // namespace

std::string OrderList::filter_of(const ListQuery& query) const {
  std::string filter =
      "WorkflowId STARTS_WITH '" + std::string(kWorkflowIdPrefix) + query.prefix + "'";
  if (query.status) filter += " AND " + filter_of_status(*query.status);
  if (query.code) {
    // What ended before the namespace knew the attribute has none: it is looked up.
    if (codes_->known())
      filter += " AND (" + std::string(kOrderCode.name) + " = '" + *query.code + "' OR " +
                std::string(kOrderCode.name) + " IS NULL)";
    filter += " AND ExecutionStatus IN ('Failed', 'Canceled', 'Terminated', 'TimedOut')";
  }
  if (query.from) filter += " AND StartTime >= " + quoted(*query.from);
  return filter;
}

Async<OrderPage> OrderList::page(ListQuery query) const {
  auto page = co_await read(std::move(query));
  page.items = co_await current(std::move(page.items));
  co_return page;
}

// Of an order that was reset after its end the index tells each run's end; it is its current run's.
// Most orders have one run: that of a page all have is one question.
Async<std::vector<ListedOrder>> OrderList::current(std::vector<ListedOrder> orders) const {
  std::set<std::string> ended;
  for (const auto& order : orders)
    if (order.status != Status::processing) ended.insert(workflow_id(order.order_id));
  if (ended.empty()) co_return orders;
  const auto runs_of_these = fmt::format("WorkflowId IN ('{}')", fmt::join(ended, "', '"));
  if (std::cmp_equal(co_await index_.count(runs_of_these), ended.size())) co_return orders;
  const auto runs = co_await index_.read(runs_of_these);
  std::vector<ListedOrder> current;
  for (auto& order : orders) {
    const bool has_one =
        order.status == Status::processing ||
        (runs && std::ranges::count(*runs, order.order_id, &IndexedOrder::order_id) == 1);
    if (has_one || co_await is_current(order)) current.push_back(std::move(order));
  }
  co_return current;
}

Async<bool> OrderList::is_current(ListedOrder order) const {
  const auto workflow = client_.workflow_handle(workflow_id(order.order_id));
  const auto latest = co_await workflow.describe({.timeout = OrderIndex::kCallTime});
  co_return latest.run_id == order.run_id;
}

Async<OrderPage> OrderList::read(ListQuery query) const {
  OrderPage page;
  auto until = end_of(query);
  for (int n = 0; n < kMostSpans; ++n) {
    auto span = co_await span_before(until, query);
    for (auto& line : span.lines) {
      const auto position = position_of(line);
      if (query.after && position >= *query.after) continue;
      if (page.items.size() == query.limit) {
        page.next = {page.items.back().created_at, page.items.back().order_id.text()};
        co_return page;
      }
      auto order = co_await if_there(listed(std::move(line), query));
      if (order && *order) page.items.push_back(**std::move(order));
    }
    if (span.last) co_return page;
    until = span.from;
  }
  page.next = {.created_at = until};
  co_return page;
}

Async<OrderList::Span> OrderList::span_before(Time until, ListQuery query) const {
  const auto most = static_cast<std::int64_t>(most_lines(query));
  const auto filter = filter_of(query);
  auto before = [&filter](Time end) { return filter + " AND StartTime < " + quoted(end); };
  Span span{.last = co_await index_.count(before(until)) <= most};
  auto length = kFirstSpan;
  for (int n = 0; !span.last && n < kMostCounts; ++n) {
    span.from = until - length;
    const auto found =
        co_await index_.count(before(until) + " AND StartTime >= " + quoted(span.from));
    if (found > 0 && (found <= most || length == 1ms)) break;
    if (found == 0) until = span.from;
    length = found == 0 ? length * kFarther : std::max<Time::duration>(length / kFarther, 1ms);
  }
  auto reading = before(until);
  if (!span.last) reading += " AND StartTime >= " + quoted(span.from);
  auto lines = co_await index_.read(std::move(reading));
  if (!lines)
    throw temporal::RpcError(temporal::RpcCode::resource_exhausted,
                             "too many orders were placed at one moment");
  span.lines = *std::move(lines);
  std::ranges::sort(span.lines, std::ranges::greater(), position_of);
  co_return span;
}

Async<std::optional<ListedOrder>> OrderList::listed(IndexedOrder line, ListQuery query) const {
  // SQL compares without regard to case.
  if (!line.order_id.text().starts_with(query.prefix)) co_return std::nullopt;
  std::optional<ListedOrder> order;
  if (is_ended_outside(line.status)) {
    order = co_await put_right(line);
  } else {
    order = ListedOrder{.order_id = line.order_id,
                        .run_id = line.run_id,
                        .amount = line.amount,
                        .status = status_of(line.status),
                        .code = line.code,
                        .created_at = line.created_at,
                        .closed_at = line.closed_at};
    if (order->status == Status::cancelled) order->code = explain(Code::cancelled).code;
    if (order->status == Status::failed && !order->code) order->code = co_await code_of_end(line);
    if (order->status == Status::processing) order->stuck = co_await is_stuck(line);
  }
  if (order && query.status && order->status != *query.status) co_return std::nullopt;
  if (order && query.code && order->code != *query.code) co_return std::nullopt;
  co_return order;
}

// R9: by its repair. A run that was ended to be reset is not the order's any longer.
Async<std::optional<ListedOrder>> OrderList::put_right(IndexedOrder line) const {
  const auto view = co_await orders_.view(line.order_id);
  if (view.run_id != line.run_id) co_return std::nullopt;
  co_return ListedOrder{.order_id = std::move(line.order_id),
                        .run_id = std::move(line.run_id),
                        .amount = view.amount,
                        .status = view.status,
                        .code = view.code,
                        .stuck = view.stuck,
                        .created_at = line.created_at,
                        .closed_at = view.closed_at};
}

Async<bool> OrderList::is_stuck(IndexedOrder line) const {
  if (now() - line.created_at < kYoung) co_return false;
  const auto run = client_.workflow_handle(workflow_id(line.order_id), line.run_id);
  auto described = co_await run.describe({.timeout = OrderIndex::kCallTime});
  co_return co_await orders_.is_stuck(std::move(line.order_id), std::move(described));
}

Async<std::optional<std::string>> OrderList::code_of_end(IndexedOrder line) const {
  const auto run = client_.workflow_handle(workflow_id(line.order_id), line.run_id);
  const auto end = co_await run.fetch_history({.filter = temporal::HistoryEventFilter::close_event,
                                               .rpc = {.timeout = OrderIndex::kCallTime}});
  const auto history = events_of(end);
  if (history.events().empty()) co_return std::nullopt;
  const auto& failure =
      history.events().rbegin()->workflow_execution_failed_event_attributes().failure();
  co_return failure.application_failure_info().type();
}

}  // namespace ordering::order
