#include "worker/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>

namespace temporal::detail {
namespace {

using Eviction = coresdk::workflow_activation::RemoveFromCache;

TEST(Verdict, AnOrdinaryEvictionIsNoFailure) {
  auto result = verdict("a", Eviction::WORKFLOW_EXECUTION_ENDING, "it ended", {});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.run_id, "a");
  EXPECT_FALSE(result.nondeterministic);
  EXPECT_TRUE(verdict("a", Eviction::CACHE_FULL, "", {}).ok());
}

TEST(Verdict, CoreFindsOtherCommands) {
  auto result = verdict("a", Eviction::NONDETERMINISM, "[TMPRL1100] no such timer", {});
  EXPECT_TRUE(result.nondeterministic);
  EXPECT_EQ(result.failure, "[TMPRL1100] no such timer");
  EXPECT_EQ(verdict("a", Eviction::FATAL, "", {}).failure,
            "evicted for reason " + std::to_string(Eviction::FATAL));
}

TEST(Verdict, TheSdkFindsWhatItsCodeCannotMeet) {
  auto result = verdict("a", Eviction::LANG_FAIL, "failed", "[TMPRL1100] a timer fired");
  EXPECT_TRUE(result.nondeterministic);
  EXPECT_EQ(result.failure, "[TMPRL1100] a timer fired");
  EXPECT_FALSE(verdict("a", Eviction::LANG_FAIL, "failed", "a bug").nondeterministic);
}

}  // namespace
}  // namespace temporal::detail
