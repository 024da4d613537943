// Which payments the payment system fails: at random, yet for the same order always alike, on every
// attempt and every machine.
//
//   h = the first 8 bytes, big-endian, of SHA-256("payment:v1:" + seed + ":" + orderId)
//   fails when (h × 10000) >> 64 is below the rate in basis points
//
// With the default, exactly 200 of order-1 … order-1000 fail, order-16 first.
#pragma once
#include <cstdint>
#include <string>

#include "contract/order_id.h"

namespace ordering {

class FailureRule {
 public:
  static constexpr double kDefaultRate = 0.2;
  static constexpr std::int64_t kDefaultSeed = 8262;

  // Rate 0…1, rounded to a basis point; outside: std::invalid_argument.
  explicit FailureRule(double rate = kDefaultRate, std::int64_t seed = kDefaultSeed);
  bool fails(const OrderId& id) const;

 private:
  std::uint64_t basis_points_;
  std::string prefix_;
};

}  // namespace ordering
