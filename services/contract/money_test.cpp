#include "contract/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace ordering {
namespace {

struct Case {
  std::string text;
  std::int64_t minor;
};

TEST(Money, ReadsAJsonNumberExactly) {
  const std::vector<Case> cases = {
      {"100", 10'000},
      {"100.0", 10'000},
      {"1.000", 100},
      {"0.01", 1},
      {"0.10", 10},
      {"1000000.01", 100'000'001},
      {"999999999999.99", Money::kMaxMinor},
      {"999999999999.990", Money::kMaxMinor},
      {"9.9999999999999e11", Money::kMaxMinor},
      {"1e2", 10'000},
      {"1E+2", 10'000},
      {"1e-2", 1},
      {"1.5e-1", 15},
      {"100e-4", 1},
      {"0.0001e2", 1},
      {"0.07", 7},  // 0.07 * 100 is 7.000000000000001 in doubles
      {"1" + std::string(60'000, '0') + "e-60000", 100},
      {"0." + std::string(60'000, '0') + "1e60001", 100},
  };
  for (const auto& [text, minor] : cases) {
    auto money = Money::parse(text);
    ASSERT_TRUE(money) << text << ": " << money.error().english;
    EXPECT_EQ(money->minor(), minor) << text;
  }
}

TEST(Money, RefusesWhatIsNoAmount) {
  for (const std::string text :
       {"0", "0.00", "-0", "-1", "-0.01", "0e99999999999999999999", "1.001", "0.001", "1e-3",
        "1000000000000", "999999999999.991", "999999999999.999", "1e12", "1e400",
        "1e99999999999999999999", "1e-99999999999999999999", "9223372036854775808",
        "18446744073709551716"}) {
    EXPECT_FALSE(Money::parse(text)) << text;
  }
}

TEST(Money, RefusesWhatIsNoJsonNumber) {
  for (const std::string text :
       {"",    "-",     ".",     ".5",    "1.",   "01",   "00",       "+1",    "1e",
        "1e+", "1e+-1", "--1",   "0x10",  "NaN",  "nan",  "Infinity", "1,000", "1 ",
        " 1",  "1.0.0", "1_000", "\"1\"", "true", "null", "１"}) {
    auto money = Money::parse(text);
    ASSERT_FALSE(money) << text;
    EXPECT_EQ(money.error().english, "amount is not a number") << text;
  }
}

TEST(Money, DecimalIsTheShortestJsonNumber) {
  EXPECT_EQ(Money::from_minor(10'000).decimal(), "100");
  EXPECT_EQ(Money::from_minor(10'050).decimal(), "100.5");
  EXPECT_EQ(Money::from_minor(10'005).decimal(), "100.05");
  EXPECT_EQ(Money::from_minor(1).decimal(), "0.01");
  EXPECT_EQ(Money::from_minor(0).decimal(), "0");
  EXPECT_EQ(Money::from_minor(-150).decimal(), "-1.5");
  EXPECT_EQ(Money::from_minor(Money::kMaxMinor).decimal(), "999999999999.99");
}

TEST(Money, JsonIsWholeMinorUnits) {
  EXPECT_EQ(temporal::to_json(Money::from_minor(12'345)), "12345");
  EXPECT_EQ(temporal::from_json<Money>("12345"), Money::from_minor(12'345));
  EXPECT_THROW(temporal::from_json<Money>("1.5"), temporal::ConversionError);
  EXPECT_THROW(temporal::from_json<Money>("\"1\""), temporal::ConversionError);
  EXPECT_THROW(temporal::from_json<Money>("100000000000000"), temporal::ConversionError);
}

RC_GTEST_PROP(MoneyProperty, DecimalAndParseAreInverse, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(1, Money::kMaxMinor + 1);
  const auto money = Money::from_minor(minor);
  RC_ASSERT(Money::parse(money.decimal()).value() == money);
  RC_ASSERT(Money::parse(money.decimal() + "e0").value() == money);
  RC_ASSERT(Money::parse(std::to_string(minor) + "e-2").value() == money);
}

RC_GTEST_PROP(MoneyProperty, NoTextBreaksIt, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.eE+-")));
  if (auto money = Money::parse(text)) {
    RC_ASSERT(money->minor() > 0);
    RC_ASSERT(money->minor() <= Money::kMaxMinor);
  }
}

}  // namespace
}  // namespace ordering
