#include "order/order_feed.h"

#include <temporal/asio.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <iterator>
#include <utility>

#include "contract/timestamp.h"
#include "http/server_sent_events.h"
#include "http/target.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

namespace asio = boost::asio;

// Unique, and the same whenever and by whomever the event is told.
FeedEvent to_feed(const OrderEvent& event) {
  const auto id = std::to_string(event.at.time_since_epoch().count()) + '-' +
                  to_string(event.position) + '-' + http::percent_encoded(event.order_id.text());
  return {.at = event.at,
          .text = http::to_text(
              {.id = id, .event = std::string(to_string(event.type)), .data = to_json(event)})};
}

std::optional<Time> parse_feed_id(std::string_view id) {
  std::int64_t moment = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), moment);
  if (error != std::errc() || end == id.data() + id.size() || *end != '-' || moment < 0)
    return std::nullopt;
  return Time(Time::duration(moment));
}

OrderFeed::Seat::Seat(OrderFeed& feed) : feed_(feed) {
  if (feed_.followers_++ == 0) feed_.start_over(now());
}

// Nobody has followed until now: what was is read where somebody asks for it.
void OrderFeed::start_over(Time now) {
  complete_since_ = looked_ = now;
  known_.clear();
  kept_.clear();
}

http::Task<> OrderFeed::run() {
  Time silent_since = now();
  do {
    const auto before = next_;
    if (followers_ > 0) co_await look();
    if (next_ == before && now() - silent_since < kSilence) continue;
    silent_since = now();
    news_.cancel();
  } while (co_await process::pause(kEvery, draining_));
  news_.cancel();
}

http::Task<> OrderFeed::look() {
  const auto begun = now();
  try {
    auto events = co_await read_new(begun);
    std::ranges::sort(events, earlier);
    for (const auto& event : events) keep(event);
    looked_ = begun;
  } catch (const temporal::Error& e) {  // the next look finds what this one did not
    telemetry::debug("the orders' events cannot be read", {{"error", e.what()}});
  }
}

http::Task<std::vector<OrderEvent>> OrderFeed::read_new(Time now) {
  auto runs = co_await temporal::use_asio(
      reader_.under_way(looked_ - kLateness, now + kLateness, kMostRuns));
  if (!runs)
    throw temporal::RpcError(temporal::RpcCode::resource_exhausted,
                             "more than " + std::to_string(kMostRuns) + " orders are under way");
  std::vector<OrderEvent> found;
  std::map<std::string, Known> known;
  for (auto& run : *runs) {
    const auto before = known_.find(run.run_id);
    auto& knows = known[run.run_id];
    if (before != known_.end()) knows = before->second;
    if (knows.whole || now < knows.again) continue;
    const bool closed = run.closed_at.has_value();
    auto events = co_await temporal::use_asio(reader_.of_run(std::move(run), knows.event));
    knows.whole = closed;
    knows.rest = events.empty() ? std::clamp(knows.rest * 2, kEvery, kLongestRest) : kEvery * 0;
    knows.again = now + knows.rest;
    if (!events.empty()) knows.event = events.back().position.event;
    std::erase_if(events, [this](const OrderEvent& e) { return e.at < complete_since_; });
    std::ranges::move(events, std::back_inserter(found));
  }
  known_ = std::move(known);
  co_return found;
}

void OrderFeed::keep(const OrderEvent& event) {
  kept_.push_back(to_feed(event));
  ++next_;
  if (kept_.size() <= kKept) return;
  complete_since_ = std::max(complete_since_, kept_.front().at + kLateness);
  kept_.pop_front();
}

http::Task<> OrderFeed::news() {
  boost::system::error_code ended;
  co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

}  // namespace ordering::order
