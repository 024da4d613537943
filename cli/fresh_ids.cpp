#include "cli/fresh_ids.h"

#include <random>

#include "contract/order_id.h"

namespace ordering::cli {

namespace {

constexpr std::size_t kRandomCharacters = 8;  // of 36: some 40 bits

std::string random_text() {
  static constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> any(0, kAlphabet.size() - 1);
  std::string text;
  while (text.size() < kRandomCharacters) text += kAlphabet[any(random)];
  return text;
}

}  // namespace

FreshIds::FreshIds(std::string_view prefix)
    : beginning_(std::string(prefix) + '-' + random_text() + '-') {}

std::string FreshIds::next(std::string_view end) {
  return beginning_ + std::to_string(++number_) + '-' + std::string(end);
}

std::optional<std::string> FreshIds::next(std::string_view end, const FailureRule& rule,
                                          bool fails) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto text = next(end);
    const auto id = OrderId::parse(text);
    if (id && rule.fails(*id) == fails) return text;
  }
  return std::nullopt;
}

}  // namespace ordering::cli
