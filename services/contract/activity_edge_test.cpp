#include "contract/activity_edge.h"

#include <gtest/gtest.h>

#include <expected>
#include <stdexcept>
#include <string>

namespace ordering {
namespace {

using Answer = std::expected<int, Refusal>;

temporal::ApplicationFailure failure_of(Answer (*decide)()) {
  try {
    at_activity_edge(decide);
  } catch (const temporal::ApplicationFailure& failure) {
    return failure;
  }
  throw std::logic_error("no failure");
}

TEST(ActivityEdge, AnAnswerPasses) {
  EXPECT_EQ(at_activity_edge([] { return Answer(7); }), 7);
}

TEST(ActivityEdge, ARefusalIsNotRetriedAndHasItsCodeAsType) {
  const auto failure =
      failure_of([] { return Answer(std::unexpected(Refusal{Code::out_of_stock})); });
  EXPECT_EQ(failure.failure().type(), "I003");
  EXPECT_EQ(failure.failure().message(), "The item is out of stock.");
  EXPECT_TRUE(failure.failure().non_retryable());
}

TEST(ActivityEdge, AStepAfterItsCompensationIsFenced) {
  const auto failure = failure_of([] { return Answer(std::unexpected(Refusal{Code::fenced})); });
  EXPECT_EQ(failure.failure().type(), "FENCED");
  EXPECT_TRUE(failure.failure().non_retryable());
}

TEST(ActivityEdge, ARefusedRestockIsRetried) {
  const auto failure =
      failure_of([] { return Answer(std::unexpected(Refusal{Code::restock_failed})); });
  EXPECT_FALSE(failure.failure().non_retryable());
}

TEST(ActivityEdge, AnExceptionIsRetried) {
  const auto failure = failure_of([]() -> Answer { throw std::runtime_error("disk is full"); });
  EXPECT_EQ(failure.failure().type(), kInfrastructureFailure);
  EXPECT_EQ(failure.failure().message(), "disk is full");
  EXPECT_FALSE(failure.failure().non_retryable());
  EXPECT_FALSE(refusal_in(failure.failure()));
}

TEST(ActivityEdge, ACancellationPassesAsItIs) {
  auto canceled = []() -> Answer {
    throw temporal::CanceledFailure(temporal::Failure::canceled("shutdown"));
  };
  EXPECT_THROW(at_activity_edge(canceled), temporal::CanceledFailure);
}

TEST(ActivityEdge, EveryRefusalIsFoundAgainInItsFailure) {
  for (const CodeEntry& entry : all_codes())
    EXPECT_EQ(refusal_in(to_failure({entry.id}).failure()), Refusal{entry.id}) << entry.name;
}

}  // namespace
}  // namespace ordering
