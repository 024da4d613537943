// Whether the namespace keeps ended orders as long as the shop does (docs/orders.md, 1). Whoever
// starts the shop sees to it; on a namespace of somebody else's the operator is told.
#pragma once
#include <temporal/client.h>

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "http/message.h"

namespace ordering::order {

class Retention {
 public:
  static constexpr std::chrono::days kWanted{36'500};
  static constexpr std::chrono::seconds kAgain{5};  // while Temporal does not answer
  static constexpr std::chrono::seconds kCallTime{5};

  Retention(temporal::Client client, std::stop_token draining)
      : client_(std::move(client)), draining_(std::move(draining)) {}

  http::Task<> run();  // until it is known, or `draining`; on the HTTP thread
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void judge(std::chrono::seconds retention);

  temporal::Client client_;
  std::stop_token draining_;
  std::vector<std::string> warnings_;
};

}  // namespace ordering::order
