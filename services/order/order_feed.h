// The events of all orders as they come, for whoever follows GET /events.
//
// Read from visibility and histories, and only while somebody follows: so any number of order services
// tell the same. An event's id says when it was; a follower that comes back is told everything from
// kLateness before that, so it misses nothing, and what it knows already has the id it had.
//
// For that no event may be told once one kLateness younger is. However long a look takes, it tells
// what was before it began, of all runs that it found, or nothing: what it finds later than that is
// the next one's.
//
// Threads: the HTTP thread alone.
#pragma once
#include <temporal/client.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "order/event_reader.h"
#include "order/order_events.h"

namespace ordering::order {

struct FeedEvent {
  Time at = {};
  std::string text = {};  // as it is sent
};
FeedEvent to_feed(const OrderEvent& event);
// The moment that the id of an event tells; nothing where it is none.
std::optional<Time> parse_feed_id(std::string_view id);

class OrderFeed {
 public:
  static constexpr std::chrono::seconds kEvery{1};  // a look; after a longer one it pauses as long
  static constexpr std::chrono::seconds kLongestPause{10};
  // How late an event may be told: kIndexDelay, kLongestRest and how far clocks are apart are less.
  static constexpr std::chrono::seconds kLateness{30};
  static constexpr std::chrono::seconds kIndexDelay{10};  // after which visibility knows of a run
  static constexpr std::chrono::seconds kLongestRest{8};  // of a run that has nothing new
  static constexpr std::chrono::seconds kSilence{15};     // after which followers hear something
  static constexpr std::size_t kKept = 30'000;            // events; a slower follower is let go
  static constexpr std::size_t kCatchingUp = 8;           // followers that read the past at once

  OrderFeed(boost::asio::any_io_executor executor, temporal::Client client,
            std::stop_token draining)
      : reader_(std::move(client)),
        draining_(std::move(draining)),
        news_(executor),
        turns_(executor) {}

  http::Task<> run();  // until `draining`

  // For its followers, each of which holds a seat.
  class Seat {
   public:
    explicit Seat(OrderFeed& feed);
    ~Seat() { --feed_.followers_; }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    OrderFeed& feed_;
  };
  // Held by a follower while it reads the past, which costs far more than to follow.
  class Turn {
   public:
    explicit Turn(OrderFeed& feed) : feed_(feed) { ++feed.catching_up_; }
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    OrderFeed& feed_;
  };
  std::size_t catching_up() const { return catching_up_; }
  http::Task<> turn();  // waits for the end of one, or for kSilence

  const EventReader& reader() const { return reader_; }
  const std::stop_token& draining() const { return draining_; }
  // All events since then are among the kept, or will be.
  Time complete_since() const { return complete_since_; }
  // The kept ones have the numbers from first() up to next().
  std::uint64_t first() const { return next_ - kept_.size(); }
  std::uint64_t next() const { return next_; }
  const FeedEvent& at(std::uint64_t number) const { return kept_.at(number - first()); }
  http::Task<> news();  // waits for an event, or for kSilence

 private:
  // What has been read of a run.
  struct Known {
    std::int64_t event = 0;
    std::chrono::seconds rest{0};
    Time again = {};
    bool whole = false;
    Time listed = {};  // by the look that began then
  };
  http::Task<> look();
  http::Task<bool> read_new(Time until);
  std::vector<RunEvents> due(std::vector<IndexedOrder> listed, Time until);
  void take(RunEvents read, Time until);
  void tell_found();
  void keep(const OrderEvent& event);
  void start_over(Time now);

  EventReader reader_;
  std::stop_token draining_;
  boost::asio::steady_timer news_;
  boost::asio::steady_timer turns_;
  std::size_t followers_ = 0;
  std::size_t catching_up_ = 0;
  std::uint64_t starts_ = 0;
  Time began_ = {};  // what was before is not told
  Time complete_since_ = {};
  Time looked_ = {};  // when the last look began that found all
  bool lags_ = false;
  std::uint64_t next_ = 0;
  std::deque<FeedEvent> kept_;
  std::map<std::string, Known> known_;  // by run id; of the runs listed lately
  // By a look that has not found all yet; where it failed at most kKept.
  std::vector<OrderEvent> found_;
};

}  // namespace ordering::order
