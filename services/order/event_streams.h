// The two streams of server-sent events: of one order, and of all.
#pragma once
#include <temporal/client.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "contract/timestamp.h"
#include "http/message.h"
#include "order/order_events.h"
#include "order/order_feed.h"

namespace ordering::order {

// One order's events from behind `after` to its end, by waiting for its history to grow.
class OrderFollower final : public http::StreamedBody {
 public:
  OrderFollower(temporal::Client client, OrderId id, EventPosition after, std::stop_token draining)
      : client_(std::move(client)),
        id_(std::move(id)),
        after_(after),
        draining_(std::move(draining)) {}
  http::Task<> write_to(http::Stream& stream) override;

 private:
  // A run's end: the order's, or one that something else follows.
  enum class Ended { order, run };
  http::Task<Ended> follow_run(http::Stream& stream, Chain chain, std::string run_id);
  http::Task<> follow(http::Stream& stream);
  http::Task<std::optional<std::string>> current_run(Chain chain) const;
  std::string workflow_id_of(Chain chain) const;

  temporal::Client client_;
  OrderId id_;
  EventPosition after_;
  std::stop_token draining_;
};

// The events of all orders from a moment on, or as they come.
class FeedFollower final : public http::StreamedBody {
 public:
  FeedFollower(OrderFeed& feed, std::optional<Time> since)
      : feed_(feed), seat_(feed), since_(since.value_or(now())), comes_back_(since) {}
  http::Task<> write_to(http::Stream& stream) override;

 private:
  // What happened in a span of time, and of how many runs the histories were read for it.
  struct Past {
    std::vector<OrderEvent> events = {};
    std::size_t runs = 0;
  };
  http::Task<> follow(http::Stream& stream);
  http::Task<> catch_up(http::Stream& stream);
  http::Task<Past> past(http::Stream& stream, Time from, Time until) const;

  OrderFeed& feed_;
  OrderFeed::Seat seat_;
  Time since_;
  bool comes_back_;
};

}  // namespace ordering::order
