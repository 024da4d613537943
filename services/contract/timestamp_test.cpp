#include "contract/timestamp.h"

#include <gtest/gtest.h>

namespace ordering {
namespace {

using std::chrono::milliseconds;

TEST(Timestamp, IsShownAsRfc3339) {
  EXPECT_EQ(to_rfc3339(Timestamp(milliseconds(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(Timestamp(milliseconds(1'795'376'336'007))), "2026-11-22T19:38:56.007Z");
  EXPECT_EQ(to_rfc3339(Timestamp(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace ordering
