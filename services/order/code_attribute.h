// The search attribute OrderCode, by which orders are listed by the reason of their end. The order
// service sees to it that the namespace knows it; where it may not, orders are found all the same,
// only slower.
#pragma once
#include <temporal/client.h>

#include <atomic>
#include <chrono>
#include <stop_token>

#include "http/message.h"

namespace ordering::order {

class CodeAttribute {
 public:
  static constexpr std::chrono::seconds kCallTime{5};
  static constexpr std::chrono::seconds kAgain{10};  // after a failure
  // A server's parts learn of a new attribute by and by; one that does not know it yet would fail
  // the workflow task that sets it.
  static constexpr std::chrono::seconds kLearning{15};

  CodeAttribute(temporal::Client client, std::stop_token draining)
      : client_(std::move(client)), draining_(std::move(draining)) {}

  http::Task<> run();  // until it is usable, or `draining`; on the HTTP thread

  // Whether every part of the server knows it.
  bool known() const { return known_.load(std::memory_order_relaxed); }

 private:
  temporal::Async<bool> is_there() const;
  temporal::Async<void> add() const;

  temporal::Client client_;
  std::stop_token draining_;
  std::atomic<bool> known_ = false;
};

}  // namespace ordering::order
