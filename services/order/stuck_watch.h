// Counts the stuck orders for /metrics: `orders_stuck`. Each is one that somebody should look at
// (docs/orders.md, R4); GET /orders/{orderId} says why.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "http/message.h"
#include "order/orders.h"
#include "telemetry/metrics.h"

namespace ordering::order {

class StuckWatch {
 public:
  static constexpr std::chrono::seconds kEvery{15};
  // Younger orders are on their usual way, and are not looked at one by one.
  static constexpr std::chrono::seconds kYoung{10};
  static constexpr std::int32_t kLookedAt = 500;  // in one round; the next goes on from there
  static constexpr std::chrono::seconds kCallTime{5};

  StuckWatch(temporal::Client client, Orders orders, std::stop_token draining)
      : client_(std::move(client)), orders_(std::move(orders)), draining_(std::move(draining)) {}

  http::Task<> run();  // until `draining`; on the HTTP thread

 private:
  // What a sweep over all orders under way has come to; it may take several rounds.
  struct Sweep {
    std::string query = {};  // the same for all its pages; empty: it has not begun
    std::string next_page = {};
    std::size_t stuck = 0;
  };
  temporal::Async<Sweep> look(Sweep sweep) const;  // at one page more
  temporal::Async<bool> is_stuck(temporal::WorkflowExecution run) const;

  temporal::Client client_;
  Orders orders_;
  std::stop_token draining_;
  Sweep sweep_;
  telemetry::Gauge& stuck_ =
      telemetry::gauge("orders_stuck",
                       "Orders whose undoing, or whose departed delivery, does not get through.",
                       {})
          .with({});
};

}  // namespace ordering::order
