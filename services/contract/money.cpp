#include "contract/money.h"

#include <algorithm>
#include <optional>

namespace ordering {
namespace {

// A JSON number taken apart: (-) digits × 10^exponent, with no zero at either end of digits.
struct Decimal {
  bool negative = false;
  std::string digits = {};
  std::int64_t exponent = 0;
};

// Beyond any length of a text, so a longer exponent changes nothing; far from overflow.
constexpr std::int64_t kExponentCap = 1'000'000'000'000;
constexpr std::int64_t kDecimals = 2;
constexpr std::int64_t kWholeDigits = 12;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto* end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto length = static_cast<std::size_t>(end - text.begin());
  const auto digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || !any_of.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_exponent(std::string_view& text) {
  if (!take(text, "eE")) return 0;
  const bool negative = text.starts_with('-');
  take(text, "+-");
  const auto digits = take_digits(text);
  if (digits.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (char c : digits) value = std::min(value * 10 + (c - '0'), kExponentCap);
  return negative ? -value : value;
}

void trim_zeros(Decimal& number) {
  const auto last = number.digits.find_last_not_of('0');
  const auto kept = last == std::string::npos ? 0 : last + 1;
  number.exponent += static_cast<std::int64_t>(number.digits.size() - kept);
  number.digits.resize(kept);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
}

std::optional<Decimal> read_json_number(std::string_view text) {
  Decimal number{.negative = take(text, "-")};
  const auto whole = take_digits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  number.digits = whole;
  if (take(text, ".")) {
    const auto fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
    number.digits += fraction;
    number.exponent = -static_cast<std::int64_t>(fraction.size());
  }
  const auto exponent = take_exponent(text);
  if (!exponent || !text.empty()) return std::nullopt;
  number.exponent += *exponent;
  trim_zeros(number);
  return number;
}

std::unexpected<Sentence> refuse(std::string_view english, std::string_view korean) {
  return std::unexpected(Sentence{.english = english, .korean = korean});
}

}  // namespace

std::expected<Money, Sentence> Money::parse(std::string_view json_number) {
  const auto number = read_json_number(json_number);
  if (!number) return refuse("amount is not a number", "amount가 숫자가 아닙니다");
  if (number->negative || number->digits.empty())
    return refuse("amount must be greater than 0", "amount는 0보다 커야 합니다");
  if (number->exponent < -kDecimals)
    return refuse("amount has more than two decimal places",
                  "amount는 소수점 아래 두 자리까지만 쓸 수 있습니다");
  if (static_cast<std::int64_t>(number->digits.size()) + number->exponent > kWholeDigits)
    return refuse("amount is greater than 999999999999.99", "amount가 999999999999.99보다 큽니다");
  std::int64_t minor = 0;
  for (char c : number->digits) minor = minor * 10 + (c - '0');
  for (auto zeros = number->exponent + kDecimals; zeros > 0; --zeros) minor *= 10;
  return Money(minor);
}

std::string Money::decimal() const {
  const auto magnitude =
      minor_ < 0 ? 0 - static_cast<std::uint64_t>(minor_) : static_cast<std::uint64_t>(minor_);
  std::string text = (minor_ < 0 ? "-" : "") + std::to_string(magnitude / 100);
  const auto cents = magnitude % 100;
  if (cents == 0) return text;
  text += '.';
  text += static_cast<char>('0' + cents / 10);
  if (cents % 10 != 0) text += static_cast<char>('0' + cents % 10);
  return text;
}

}  // namespace ordering

ordering::Money temporal::Json<ordering::Money>::read(const JsonIn& in) {
  const auto minor = in.integer();
  if (minor < -ordering::Money::kMaxMinor || minor > ordering::Money::kMaxMinor)
    in.fail("is out of the range of money");
  return ordering::Money::from_minor(minor);
}
