#include "data/time.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace temporal::detail {
namespace {

using namespace std::chrono;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

std::string decimals(std::int64_t nanos) {  // ".5"; "" for none
  if (nanos == 0) return {};
  std::string text = "." + std::to_string(kNanosPerSecond + nanos).substr(1);
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

class Reader {  // takes a text apart from its front; once something did not fit, nothing does
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }
  std::int64_t digits(std::size_t at_least, std::size_t at_most) {
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; count < at_most && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
         ++count, rest_.remove_prefix(1))
      value = value * 10 + (rest_.front() - '0');
    ok_ = ok_ && count >= at_least;
    last_count_ = count;
    return value;
  }
  std::int64_t nanos() {  // "", or "." and one to nine digits
    if (!take('.')) return 0;
    auto value = digits(1, 9);
    for (auto i = last_count_; i < 9; ++i) value *= 10;
    return value;
  }
  bool ended() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  std::size_t last_count_ = 0;
  bool ok_ = true;
};

std::optional<nanoseconds> joined(std::int64_t seconds, std::int64_t nanos) {
  std::int64_t value = 0;
  if (seconds < 0 && nanos > 0) {  // so that the smallest time does not overflow on the way
    seconds += 1;
    nanos -= kNanosPerSecond;
  }
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &value) ||
      __builtin_add_overflow(value, nanos, &value))
    return {};
  return nanoseconds(value);
}

}  // namespace

std::string format_time(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 80> text;
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  return text.data() + decimals(clock.subseconds().count()) + "Z";
}

std::optional<Time> parse_time(std::string_view text) {
  Reader in(text);
  const auto y = in.digits(4, 4);
  in.expect('-');
  const auto m = in.digits(2, 2);
  in.expect('-');
  const auto d = in.digits(2, 2);
  if (!in.take('t')) in.expect('T');
  const auto hour = in.digits(2, 2);
  in.expect(':');
  const auto minute = in.digits(2, 2);
  in.expect(':');
  const auto second = in.digits(2, 2);
  const auto nanos = in.nanos();
  std::int64_t offset = 0;
  if (!in.take('z') && !in.take('Z')) {
    const bool east = in.take('+');
    if (!east) in.expect('-');
    const auto hours = in.digits(2, 2);
    in.expect(':');
    const auto minutes = in.digits(2, 2);
    if (hours > 23 || minutes > 59) return {};
    offset = (hours * 60 + minutes) * (east ? 60 : -60);
  }
  const year_month_day date(year(static_cast<int>(y)), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d)));
  // 60: a leap second, which system_clock has not; it is the next minute's first.
  if (!in.ended() || !date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  const std::int64_t seconds_of_days = sys_days(date).time_since_epoch().count() * 86'400LL;
  const auto all = joined(seconds_of_days + hour * 3600 + minute * 60 + second - offset, nanos);
  return all ? std::optional(Time(*all)) : std::nullopt;
}

std::string format_duration(nanoseconds duration) {
  const auto whole = duration.count() / kNanosPerSecond;
  const auto nanos = duration.count() % kNanosPerSecond;
  const std::string sign = duration.count() < 0 ? "-" : "";
  const auto positive = [](std::int64_t n) { return n < 0 ? -n : n; };
  return sign + std::to_string(positive(whole)) + decimals(positive(nanos)) + "s";
}

std::optional<nanoseconds> parse_duration(std::string_view text) {
  Reader in(text);
  const bool negative = in.take('-');
  const auto whole = in.digits(1, 12);
  const auto nanos = in.nanos();
  in.expect('s');
  if (!in.ended()) return {};
  return negative ? joined(-whole, -nanos) : joined(whole, nanos);
}

}  // namespace temporal::detail
