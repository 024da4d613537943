// Random numbers that a replay repeats.
//
//   auto& random = workflow::random();
//   auto delay = std::chrono::seconds(random.uniform(1, 60));
//   random.shuffle(steps);
//
// The generator is std::mt19937_64, seeded with the seed that the server gave the run (and another
// one after a reset). The distributions of the standard library differ between its implementations, so
// these are our own, and part of every history:
//   uniform(lo, hi)  draws until the draw is below the largest multiple of the width, then takes the
//                    remainder
//   real()           the upper 53 bits of one draw, as a fraction of 2^53
//   chance(p)        real() < p
//   shuffle(v)       Fisher and Yates, from the last element down: swaps i with uniform(0, i)
//   uuid4()          two draws, big-endian, with the bits of RFC 9562 version 4
// A query, validator or condition may not draw: it is not in the history.
//
// workflow::random("name") is a stream of its own: what is drawn from it, and where, changes no other, so
// that a library may draw without a new version of the workflow. Its seed is made of the run's and of the
// name, by stream_seed below.
#pragma once
#include <cstdint>
#include <limits>
#include <random>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace temporal::workflow {

class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  void reseed(std::uint64_t seed) { engine_.seed(seed); }

  // One draw: 64 bits.
  result_type operator()() { return engine_(); }
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<std::uint64_t>::max(); }

  // A whole number from lo to hi, both included. Throws std::invalid_argument if lo > hi.
  std::int64_t uniform(std::int64_t lo, std::int64_t hi) {
    if (lo > hi) throw std::invalid_argument("workflow::Random::uniform: lo is greater than hi");
    auto width = static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo) + 1;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) + below(width));
  }
  // From 0 up to, but without, 1.
  double real() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double probability) { return real() < probability; }
  template <std::ranges::random_access_range R>
  void shuffle(R& range) {
    auto first = std::ranges::begin(range);
    for (auto i = std::ranges::distance(range) - 1; i > 0; --i)
      std::ranges::swap(first[i], first[uniform(0, i)]);
  }
  std::string uuid4();

 private:
  // Less than width; 0 stands for 2^64.
  std::uint64_t below(std::uint64_t width) {
    if (width == 0) return engine_();
    const std::uint64_t excess = (max() % width + 1) % width;
    std::uint64_t draw = engine_();
    while (draw > max() - excess) draw = engine_();
    return draw % width;
  }
  std::mt19937_64 engine_;
};

// The seed of the stream `name` in a run of this seed: FNV-1a of 64 bits over the seed's eight bytes, the
// highest first, and the name's, put through SplitMix64's last step. Part of every history.
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  auto add = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (int shift = 56; shift >= 0; shift -= 8) add(seed >> shift & 0xff);
  for (const char c : name) add(static_cast<unsigned char>(c));
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
  return hash ^ hash >> 31;
}

}  // namespace temporal::workflow
