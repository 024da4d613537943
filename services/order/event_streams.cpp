#include "order/event_streams.h"

#include <temporal/asio.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "contract/timestamp.h"
#include "http/server_sent_events.h"
#include "order/history_events.h"
#include "process/pause.h"
#include "telemetry/log.h"

namespace ordering::order {

using temporal::RpcCode;
using namespace std::chrono_literals;

namespace {

constexpr auto kPoll = 30s;  // the server answers a poll after some 20 s, with or without an event
constexpr auto kCallTime = EventReader::kCallTime;
constexpr auto kRepairPause = 1s;  // between looks for a repair that has not begun

// What is read at a time when somebody comes back after long: the shortest span however much that is,
// a longer one where its histories tell little of the time, as those of runs under way throughout do.
constexpr Time::duration kShortestSpan = 10s;
constexpr Time::duration kLongestSpan = 24h * 36'500;  // as long as orders are kept
constexpr std::int64_t kMostBegun = 4'000;             // orders that begin in a longer span
constexpr int kLonger = 4;                             // than the span before, or
constexpr int kShorter = 8;

}  // namespace

std::string OrderFollower::workflow_id_of(Chain chain) const {
  return chain == Chain::order ? workflow_id(id_) : repair_id(id_);
}

// What cannot be followed any longer, the client asks for again from where it was.
http::Task<> OrderFollower::write_to(http::Stream& stream) {
  try {
    co_await follow(stream);
  } catch (const temporal::Error& e) {
    telemetry::debug("an order is no longer followed",
                     {{"order_id", id_.text()}, {"error", e.what()}});
  }
}

// A run that was ended from outside is followed by a newer one (a reset), or else by its repair.
http::Task<> OrderFollower::follow(http::Stream& stream) {
  auto chain = Chain::order;
  std::string followed;
  std::string repair;
  do {
    const auto order = co_await current_run(Chain::order);
    if (!order) co_return;
    chain = *order == followed ? Chain::repair : Chain::order;
    if (chain == Chain::order) followed = *order;
    const auto run = chain == Chain::order ? order : co_await current_run(Chain::repair);
    if (chain == Chain::repair && run) {
      if (!repair.empty() && repair != *run) after_ = {};  // begun again: its ids begin again, too
      repair = *run;
    }
    if (run && co_await follow_run(stream, chain, *run) == Ended::order) co_return;
    if (chain == Chain::repair) co_await stream.write(std::string(http::kSilence));
  } while (chain == Chain::order || co_await process::pause(kRepairPause, draining_));
}

http::Task<std::optional<std::string>> OrderFollower::current_run(Chain chain) const {
  try {
    const auto known = co_await temporal::use_asio(
        client_.workflow_handle(workflow_id_of(chain)).describe({.timeout = kCallTime}));
    co_return known.run_id;
  } catch (const temporal::RpcError& e) {
    if (e.code() != RpcCode::not_found) throw;
  }
  co_return std::nullopt;
}

http::Task<OrderFollower::Ended> OrderFollower::follow_run(http::Stream& stream, Chain chain,
                                                           std::string run_id) {
  const auto run = client_.workflow_handle(workflow_id_of(chain), std::move(run_id));
  EventTeller tell(id_, chain);
  temporal::HistoryOptions options{.wait_new_event = true,
                                   .rpc = {.timeout = kPoll, .stop = draining_}};
  do {
    const auto page = co_await temporal::use_asio(run.fetch_history_page(options));
    const auto events = events_of(page.history);
    if (events.events().empty()) co_await stream.write(std::string(http::kSilence));
    for (const auto& stored : events.events()) {
      const auto event = tell(stored);
      if (!event) continue;
      // Its end in any case: had the client been told of it, it would not be here.
      if (event->position > after_ || event->type == EventType::ended) {
        after_ = event->position;
        co_await stream.write(http::to_text({.id = to_string(event->position),
                                             .event = std::string(to_string(event->type)),
                                             .data = to_json(*event)}));
      }
      if (event->type == EventType::ended) co_return Ended::order;
    }
    options.next_page_token = page.next_page_token;
  } while (!options.next_page_token.empty());
  co_return Ended::run;
}

http::Task<> FeedFollower::write_to(http::Stream& stream) {
  try {
    co_await follow(stream);
  } catch (const temporal::Error& e) {
    telemetry::debug("the orders are no longer followed", {{"error", e.what()}});
  }
}

http::Task<> FeedFollower::follow(http::Stream& stream) {
  // So that the client knows at once that it is heard.
  co_await stream.write(std::string(http::kSilence));
  auto number = feed_.next();
  if (comes_back_) {
    co_await catch_up(stream);
    number = feed_.first();
  }
  while (!feed_.draining().stop_requested()) {
    bool silent = true;
    for (; number < feed_.next(); ++number) {
      if (number < feed_.first()) co_return;  // too slow: it may come back
      const auto& event = feed_.at(number);
      if (event.at < since_) continue;
      silent = false;
      co_await stream.write(event.text);
    }
    if (silent) co_await stream.write(std::string(http::kSilence));
    const bool stopping = feed_.draining().stop_requested();
    if (number == feed_.next() && !stopping) co_await feed_.news();
  }
}

// What was before the feed's own memory begins, which moves on meanwhile.
http::Task<> FeedFollower::catch_up(http::Stream& stream) {
  while (feed_.catching_up() >= OrderFeed::kCatchingUp) {
    co_await feed_.turn();
    co_await stream.write(std::string(http::kSilence));
    if (feed_.draining().stop_requested()) co_return;
  }
  const OrderFeed::Turn turn(feed_);
  auto span = kShortestSpan;
  for (auto from = since_; from < feed_.complete_since();) {
    const auto until = std::min(from + span, feed_.complete_since());
    if (until - from > kShortestSpan &&
        co_await temporal::use_asio(feed_.reader().begun(from, until)) > kMostBegun) {
      span = std::max(span / kShorter, kShortestSpan);
      continue;
    }
    const auto found = co_await past(stream, from, until);
    if (feed_.draining().stop_requested()) co_return;
    for (const auto& event : found.events) co_await stream.write(to_feed(event).text);
    if (found.events.size() <= found.runs) span = std::min(span * kLonger, kLongestSpan);
    from = until;
  }
}

// Page by page, each of which the client hears of, and is seen to be still there.
http::Task<FeedFollower::Past> FeedFollower::past(http::Stream& stream, Time from,
                                                  Time until) const {
  Past past;
  std::string next;
  do {
    auto page =
        co_await temporal::use_asio(feed_.reader().under_way(from, until, std::exchange(next, {})));
    next = std::move(page.next);
    std::vector<RunEvents> runs;
    for (auto& run : page.runs) runs.push_back({.run = std::move(run)});
    past.runs += runs.size();
    for (auto& run : co_await feed_.reader().of_runs(std::move(runs)))
      std::ranges::copy_if(run.events, std::back_inserter(past.events),
                           [&](const OrderEvent& e) { return e.at >= from && e.at < until; });
    co_await stream.write(std::string(http::kSilence));
  } while (!next.empty() && !feed_.draining().stop_requested());
  std::ranges::sort(past.events, earlier);
  co_return past;
}

}  // namespace ordering::order
