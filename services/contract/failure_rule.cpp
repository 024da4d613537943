#include "contract/failure_rule.h"

#include <openssl/sha.h>

#include <array>
#include <cmath>
#include <stdexcept>

namespace ordering {
namespace {

constexpr std::uint64_t kBasisPoints = 10'000;

std::uint64_t first_eight_bytes_of_sha256(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::uint64_t h = 0;
  for (std::size_t i = 0; i < 8; ++i) h = h << 8 | digest[i];
  return h;
}

std::uint64_t in_basis_points(double rate) {
  if (!(rate >= 0 && rate <= 1)) throw std::invalid_argument("a failure rate is from 0 to 1");
  return static_cast<std::uint64_t>(std::llround(rate * static_cast<double>(kBasisPoints)));
}

}  // namespace

FailureRule::FailureRule(double rate, std::int64_t seed)
    : basis_points_(in_basis_points(rate)), prefix_("payment:v1:" + std::to_string(seed) + ":") {}

bool FailureRule::fails(const OrderId& id) const {
  __extension__ using Wide = unsigned __int128;
  const Wide h = first_eight_bytes_of_sha256(prefix_ + id.text());
  return static_cast<std::uint64_t>((h * kBasisPoints) >> 64) < basis_points_;
}

}  // namespace ordering
