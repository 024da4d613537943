// Begins the repair of every order whose workflow was ended from outside (docs/orders.md, R9).
//
// Every order service looks for itself: to begin a repair twice begins one. The first round looks at
// all such runs that there have ever been, page by page; later ones at those that ended lately. One
// that cannot be looked at holds up no other, and is looked at again by the next round.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <map>
#include <stop_token>
#include <string>

#include "http/message.h"
#include "order/orders.h"

namespace ordering::order {

class RepairWatch {
 public:
  static constexpr std::chrono::seconds kEvery{10};
  static constexpr std::int32_t kPage = 200;
  // What is listed lags behind what has happened, and clocks differ: so far back a round begins
  // before the start of the last whole one.
  static constexpr std::chrono::minutes kOverlap{10};
  static constexpr std::chrono::seconds kCallTime{5};
  static constexpr int kFailures = 10;  // in one round; with more it is Temporal that is away

  RepairWatch(temporal::Client client, Orders orders, std::stop_token draining)
      : client_(std::move(client)), orders_(std::move(orders)), draining_(std::move(draining)) {}

  http::Task<> run();   // until `draining`; on the HTTP thread
  http::Task<> look();  // one round of it

 private:
  http::Task<bool> look_at(temporal::WorkflowExecution ended);  // whether that is done

  temporal::Client client_;
  Orders orders_;
  std::stop_token draining_;
  Time since_ = {};   // what ended before is looked after
  int failures_ = 0;  // of this round
  std::map<std::string, Time> done_ =
      {};  // so are these runs, by when they ended: all after since_
};

}  // namespace ordering::order
