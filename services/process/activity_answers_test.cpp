#include "process/activity_answers.h"

#include <gtest/gtest.h>

namespace ordering::process {
namespace {

double counted(std::string_view activity, std::string_view answer) {
  return telemetry::counter("activity_answers_total",
                            "Answers of activities: OK, UNDONE, NOTHING or a refusal's code.",
                            {"activity", "answer"})
      .with({activity, answer})
      .value();
}

TEST(ActivityAnswers, AreCountedByWhatTheySay) {
  const auto id = OrderId::parse("order-1").value();
  ActivityAnswers answers;
  answers.record("charge", id, std::expected<Money, Refusal>(Money::from_minor(1)));
  answers.record("charge", id, std::expected<Money, Refusal>(std::unexpect, Code::limit_exceeded));
  answers.record("refund", id, std::expected<UndoResult, Refusal>(UndoResult::undone));
  answers.record("refund", id, std::expected<UndoResult, Refusal>(UndoResult::nothing));
  answers.record("refund", id, std::expected<UndoResult, Refusal>(UndoResult::nothing));
  EXPECT_EQ(counted("charge", "OK"), 1);
  EXPECT_EQ(counted("charge", "P001"), 1);
  EXPECT_EQ(counted("refund", "UNDONE"), 1);
  EXPECT_EQ(counted("refund", "NOTHING"), 2);
}

}  // namespace
}  // namespace ordering::process
