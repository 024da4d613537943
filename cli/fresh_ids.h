// Order ids that nobody has used before, and that end as they must: the last character decides what
// becomes of an order (docs/orders.md, 4).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contract/failure_rule.h"

namespace ordering::cli {

class FreshIds {
 public:
  // "order" makes "order-k3f9a2x7-1-9"; the middle is random for each object.
  explicit FreshIds(std::string_view prefix);

  const std::string& beginning() const { return beginning_; }  // of each of them
  std::string next(std::string_view end);
  // One that payment's share of failures lets pass, or does not; nothing where the rule has none.
  std::optional<std::string> next(std::string_view end, const FailureRule& rule, bool fails);

 private:
  static constexpr int kMostTries = 10'000;

  std::string beginning_;
  std::uint64_t number_ = 0;
};

}  // namespace ordering::cli
