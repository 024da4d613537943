#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "config/settings.h"

namespace config {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  milliseconds length;
};
// From the longest to the shortest, the order in which a duration names them.
constexpr std::array<Unit, 5> kUnits{{{"d", std::chrono::hours{24}},
                                      {"h", std::chrono::hours{1}},
                                      {"m", std::chrono::minutes{1}},
                                      {"s", std::chrono::seconds{1}},
                                      {"ms", milliseconds{1}}}};
constexpr milliseconds kLongest = std::chrono::hours{24 * 36'500};

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return milliseconds{0};
  milliseconds sum{0};
  auto next = kUnits.begin();  // each unit at most once, longest first
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || count < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    const auto letters = std::min(text.find_first_not_of("dhms"), text.size());
    const auto* unit = std::find_if(
        next, kUnits.end(), [&](const Unit& each) { return each.name == text.substr(0, letters); });
    if (unit == kUnits.end() || count > kLongest / unit->length) return std::nullopt;
    sum += count * unit->length;
    text.remove_prefix(letters);
    next = unit + 1;
    if (text.empty()) return sum <= kLongest ? std::optional(sum) : std::nullopt;
  }
  return std::nullopt;
}

std::string to_string(milliseconds duration) {
  if (duration <= milliseconds{0}) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    const auto count = duration / unit.length;
    if (count > 0) text.append(std::to_string(count)).append(unit.name);
    duration %= unit.length;
  }
  return text;
}

}  // namespace config
