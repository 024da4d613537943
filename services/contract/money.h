// An amount of money in integer minor units (amount × 100): exact, never a floating-point number.
//
//   auto price = Money::parse("1999.90");   // from a JSON number's own text: 199990 minor units
//   price->decimal() == "1999.9"            // a JSON number again
//
// On the wire between services it is the whole number of minor units.
#pragma once
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "contract/sentence.h"
#include "temporal/json.h"

namespace ordering {

class Money {
 public:
  // 999,999,999,999.99: exact as a double too, so no JSON reader can round it.
  static constexpr std::int64_t kMaxMinor = 99'999'999'999'999;

  constexpr Money() = default;
  static constexpr Money from_minor(std::int64_t minor) { return Money(minor); }

  // The amount of an order, from the literal text of a JSON number (exponents included). Refused,
  // with one sentence for the caller: no JSON number, ≤ 0, more than two decimals by value (1.000
  // and 1e-2 pass), over kMaxMinor. Linear in the length of the text.
  static std::expected<Money, Sentence> parse(std::string_view json_number);

  constexpr std::int64_t minor() const { return minor_; }
  // The shortest exact decimal, a valid JSON number: 100, 0.5, 1000000.01.
  std::string decimal() const;

  friend constexpr bool operator==(Money, Money) = default;
  friend constexpr auto operator<=>(Money, Money) = default;

 private:
  explicit constexpr Money(std::int64_t minor) : minor_(minor) {}
  std::int64_t minor_ = 0;
};

}  // namespace ordering

template <>
struct temporal::Json<ordering::Money> {
  static void write(JsonOut out, ordering::Money money) { out.integer(money.minor()); }
  static ordering::Money read(const JsonIn& in);  // within ±kMaxMinor
};
