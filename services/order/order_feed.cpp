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

namespace {

// Until somebody cancels the timer, or for kSilence. Whom it wakes for that sets it anew.
http::Task<> woken(asio::steady_timer& timer) {
  if (timer.expiry() <= asio::steady_timer::clock_type::now())
    timer.expires_after(OrderFeed::kSilence);
  boost::system::error_code ended;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

}  // namespace

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

OrderFeed::Turn::~Turn() {
  --feed_.catching_up_;
  feed_.turns_.cancel_one();
}

// What was is read where somebody asks for it, but for what visibility may not know of yet. Whoever
// follows is let go.
void OrderFeed::start_over(Time now) {
  ++starts_;
  began_ = complete_since_ = looked_ = now - kIndexDelay;
  known_.clear();
  found_.clear();
  kept_.clear();
  ++next_;
}

http::Task<> OrderFeed::run() {
  std::stop_callback wake(draining_, [this] {
    news_.cancel();
    turns_.cancel();
  });
  std::chrono::milliseconds rest = kEvery;
  do {
    const auto before = next_;
    const auto begun = now();
    if (followers_ > 0) co_await look();
    if (next_ != before) news_.expires_after(kSilence);  // wakes who waits for it
    // Half of the time is the orders' own, however many there are to look at.
    rest = std::clamp<std::chrono::milliseconds>(now() - begun, kEvery, kLongestPause);
  } while (co_await process::pause(rest, draining_));
}

// What a look that failed has read is not read again.
http::Task<> OrderFeed::look() {
  const auto begun = now();
  try {
    if (!co_await read_new(begun)) co_return;
    tell_found();
    std::erase_if(known_, [begun](const auto& run) { return run.second.listed < begun; });
    looked_ = begun;
    if (std::exchange(lags_, false)) telemetry::info("the orders' events are told again");
  } catch (const temporal::Error& e) {
    if (begun - looked_ > kLateness && !std::exchange(lags_, true))
      telemetry::warn("the orders' events cannot be read", {{"error", e.what()}});
    if (found_.size() > kKept) start_over(begun);
  }
}

// False: it was given up, for what it reads is asked for no longer.
http::Task<bool> OrderFeed::read_new(Time until) {
  const auto start = starts_;
  const auto since = looked_ - kLateness;
  std::string next;
  do {
    auto page =
        co_await temporal::use_asio(reader_.under_way(since, until, std::exchange(next, {})));
    auto runs = co_await reader_.of_runs(due(std::move(page.runs), until));
    if (start != starts_ || draining_.stop_requested()) co_return false;
    for (auto& run : runs) take(std::move(run), until);
    next = std::move(page.next);
  } while (!next.empty());
  co_return true;
}

std::vector<RunEvents> OrderFeed::due(std::vector<IndexedOrder> listed, Time until) {
  std::vector<RunEvents> runs;
  for (auto& run : listed) {
    auto& knows = known_[run.run_id];
    knows.listed = until;
    if (!knows.whole && until >= knows.again)
      runs.push_back({.run = std::move(run), .after = knows.event});
  }
  return runs;
}

void OrderFeed::take(RunEvents read, Time until) {
  auto& knows = known_[read.run.run_id];
  auto& events = read.events;
  const auto later = std::ranges::find_if(events, [until](const auto& e) { return e.at >= until; });
  const bool all = later == events.end();
  const bool quiet = events.empty();
  events.erase(later, events.end());
  knows.whole = all && read.run.closed_at.has_value();
  knows.rest = quiet ? std::clamp(knows.rest * 2, kEvery, kLongestRest) : std::chrono::seconds(0);
  knows.again = until + knows.rest;
  if (!events.empty()) knows.event = events.back().position.event;
  std::erase_if(events, [this](const OrderEvent& e) { return e.at < began_; });
  std::ranges::move(events, std::back_inserter(found_));
}

void OrderFeed::tell_found() {
  std::ranges::sort(found_, earlier);
  for (const auto& event : found_) keep(event);
  found_.clear();
}

// Later events are among the kept; of the same moment may be one that is not.
void OrderFeed::keep(const OrderEvent& event) {
  kept_.push_back(to_feed(event));
  ++next_;
  if (kept_.size() <= kKept) return;
  complete_since_ = std::max(complete_since_, kept_.front().at + Time::duration(1));
  kept_.pop_front();
}

http::Task<> OrderFeed::news() {
  return woken(news_);
}

http::Task<> OrderFeed::turn() {
  return woken(turns_);
}

}  // namespace ordering::order
