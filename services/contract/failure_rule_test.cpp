#include "contract/failure_rule.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace ordering {
namespace {

OrderId order(int number) {
  return OrderId::parse("order-" + std::to_string(number)).value();
}

std::vector<int> failing(const FailureRule& rule) {
  std::vector<int> numbers;
  for (int i = 1; i <= 1000; ++i)
    if (rule.fails(order(i))) numbers.push_back(i);
  return numbers;
}

TEST(FailureRule, ByDefaultExactly200OfTheFirst1000FailAndOrder16First) {
  const auto numbers = failing(FailureRule());
  EXPECT_EQ(numbers.size(), 200U);
  EXPECT_EQ(numbers.front(), 16);
}

TEST(FailureRule, TheReadmesExamplesPass) {
  const FailureRule rule;
  for (int i = 1; i <= 9; ++i) EXPECT_FALSE(rule.fails(order(i))) << i;
  EXPECT_FALSE(rule.fails(order(12345)));
}

TEST(FailureRule, RateZeroFailsNoneAndRateOneAll) {
  EXPECT_TRUE(failing(FailureRule(0)).empty());
  EXPECT_EQ(failing(FailureRule(1)).size(), 1000U);
}

TEST(FailureRule, AHigherRateFailsTheSameOrdersAndMore) {
  const FailureRule higher(0.35);
  for (int i : failing(FailureRule(0.2))) EXPECT_TRUE(higher.fails(order(i))) << i;
}

TEST(FailureRule, AnotherSeedFailsOthers) {
  EXPECT_NE(failing(FailureRule(0.2, 1)), failing(FailureRule(0.2, 2)));
}

TEST(FailureRule, ARateOutsideIsRefused) {
  EXPECT_THROW(FailureRule(-0.01), std::invalid_argument);
  EXPECT_THROW(FailureRule(1.01), std::invalid_argument);
}

}  // namespace
}  // namespace ordering
