#include "process/problems.h"

#include <gtest/gtest.h>

namespace ordering::process {
namespace {

TEST(Problems, ARefusalIsAnsweredAsTheTableHasIt) {
  const auto problem = to_problem({Code::out_of_stock});
  EXPECT_EQ(problem.status, 409U);
  EXPECT_EQ(problem.code, "I003");
  EXPECT_EQ(problem.message.in(http::Language::english), "The item is out of stock.");
  EXPECT_EQ(problem.message.in(http::Language::korean), "상품의 재고가 없습니다.");
}

}  // namespace
}  // namespace ordering::process
