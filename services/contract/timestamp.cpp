#include "contract/timestamp.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ordering {

namespace {

// Takes exactly so many digits from the front; a number within [least, most], else nothing.
std::optional<int> take_number(std::string_view& text, std::size_t digits, int least, int most) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value >= least && value <= most ? std::optional(value) : std::nullopt;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || !any_of.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4, 0, 9999);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2, 1, 12);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2, 1, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

// "09:30"
std::optional<std::chrono::minutes> take_minutes(std::string_view& text) {
  const auto hours = take_number(text, 2, 0, 23);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2, 0, 59);
  if (!minutes) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
}

// ".5", ".123456789", or nothing.
std::optional<std::chrono::milliseconds> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return std::chrono::milliseconds(0);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return std::nullopt;
  std::string padded(text.substr(0, digits));
  padded.resize(3, '0');
  text.remove_prefix(digits);
  std::string_view three(padded);
  return std::chrono::milliseconds(*take_number(three, 3, 0, 999));
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return std::chrono::minutes(0);
  if (text.empty()) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return std::nullopt;
  const auto offset = take_minutes(text);
  return offset ? std::optional(*offset * sign) : std::nullopt;
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take(text, "Tt")) return std::nullopt;
  const auto minutes = take_minutes(text);
  if (!minutes || !take(text, ":")) return std::nullopt;
  const auto seconds = take_number(text, 2, 0, 59);
  const auto fraction = seconds ? take_fraction(text) : std::nullopt;
  const auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *minutes + std::chrono::seconds(*seconds) + *fraction - *offset;
}

Timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

}  // namespace ordering
