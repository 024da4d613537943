#include "order/event_reader.h"

#include <temporal/asio.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
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

Async<IndexPage> EventReader::under_way(Time since, Time until, std::string page) const {
  const auto filter = "StartTime < '" + to_rfc3339(until) +
                      "' AND (ExecutionStatus IN ('Running', 'Paused') OR CloseTime >= '" +
                      to_rfc3339(since) + "')";
  co_return co_await index_.page(filter, std::move(page));
}

Async<std::int64_t> EventReader::begun(Time from, Time until) const {
  co_return co_await index_.count("StartTime >= '" + to_rfc3339(from) + "' AND StartTime < '" +
                                  to_rfc3339(until) + "'");
}

// So many hands as histories are read at once, each of which takes the next run.
class EventReader::Reading {
 public:
  Reading(const EventReader& reader, std::vector<RunEvents> runs)
      : reader_(reader), runs_(std::move(runs)) {}

  http::Task<std::vector<RunEvents>> all() {
    co_await hands(kAtOnce);
    if (failure_) std::rethrow_exception(failure_);
    co_return std::move(runs_);
  }

 private:
  http::Task<> hands(std::size_t number) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (number == 1) co_return co_await hand();
    co_await (hand() && hands(number - 1));
  }
  http::Task<> hand() {
    while (next_ < runs_.size() && !failure_) {
      const auto mine = next_++;
      try {
        const auto& [run, after, events] = runs_[mine];
        auto found = co_await temporal::use_asio(reader_.of_run(run, after));
        runs_[mine].events = std::move(found);
      } catch (const temporal::RpcError& e) {
        if (e.code() != temporal::RpcCode::not_found) failure_ = std::current_exception();
      } catch (...) {
        failure_ = std::current_exception();
      }
    }
  }

  const EventReader& reader_;
  std::vector<RunEvents> runs_;
  std::size_t next_ = 0;
  std::exception_ptr failure_;
};

http::Task<std::vector<RunEvents>> EventReader::of_runs(std::vector<RunEvents> runs) const {
  Reading reading(*this, std::move(runs));
  co_return co_await reading.all();
}

}  // namespace ordering::order
