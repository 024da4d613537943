#include "order/event_reader.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "contract/order_repair.h"
#include "contract/timestamp.h"
#include "order/history_events.h"

namespace ordering::order {

using temporal::Async;

namespace {

std::string workflow_id_of(const IndexedOrder& run) {
  return run.chain == Chain::order ? workflow_id(run.order_id) : repair_id(run.order_id);
}

}  // namespace

bool earlier(const OrderEvent& one, const OrderEvent& other) {
  return std::tie(one.at, one.order_id, one.position) <
         std::tie(other.at, other.order_id, other.position);
}

Async<std::vector<OrderEvent>> EventReader::of_run(IndexedOrder run, std::int64_t after) const {
  const auto handle = client_.workflow_handle(workflow_id_of(run), run.run_id);
  const auto history = events_of(co_await handle.fetch_history({.rpc = {.timeout = kCallTime}}));
  std::vector<OrderEvent> events;
  EventTeller tell(run.order_id, run.chain);
  for (const auto& stored : history.events()) {
    auto event = tell(stored);
    if (event && event->position.event > after) events.push_back(*std::move(event));
  }
  co_return events;
}

Async<std::vector<OrderEvent>> EventReader::timeline(OrderId id) const {
  auto events = co_await of_run({.order_id = id}, 0);
  if (events.empty() || events.back().type != EventType::interrupted) co_return events;
  try {
    auto repair = co_await of_run({.order_id = id, .chain = Chain::repair}, 0);
    std::ranges::move(repair, std::back_inserter(events));
  } catch (const temporal::RpcError& e) {
    if (e.code() != temporal::RpcCode::not_found) throw;  // it has not begun
  }
  co_return events;
}

Async<std::optional<std::vector<IndexedOrder>>> EventReader::under_way(Time since, Time until,
                                                                       std::size_t most) const {
  const auto filter = "StartTime < '" + to_rfc3339(until) +
                      "' AND (ExecutionStatus = 'Running' OR CloseTime >= '" + to_rfc3339(since) +
                      "')";
  auto runs = co_await index_.read(filter, most);
  if (!runs) co_return std::nullopt;
  auto repairs = co_await index_.read(filter, most, Chain::repair);
  if (!repairs || runs->size() + repairs->size() > most) co_return std::nullopt;
  std::ranges::move(*repairs, std::back_inserter(*runs));
  co_return runs;
}

Async<std::optional<std::vector<OrderEvent>>> EventReader::between(Time from, Time until) const {
  auto runs = co_await under_way(from, until, OrderIndex::kMost);
  if (!runs) co_return std::nullopt;
  std::vector<OrderEvent> events;
  for (auto& run : *runs) {
    auto its = co_await of_run(std::move(run), 0);
    std::ranges::copy_if(its, std::back_inserter(events), [from, until](const OrderEvent& event) {
      return event.at >= from && event.at < until;
    });
  }
  std::ranges::sort(events, earlier);
  co_return events;
}

}  // namespace ordering::order
