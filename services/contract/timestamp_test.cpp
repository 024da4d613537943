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

TEST(Timestamp, IsReadInEveryFormOfRfc3339) {
  const Timestamp moment(milliseconds(1'795'376'336'007));
  EXPECT_EQ(parse_rfc3339("2026-11-22T19:38:56.007Z"), moment);
  EXPECT_EQ(parse_rfc3339("2026-11-22t19:38:56.007999z"), moment);
  EXPECT_EQ(parse_rfc3339("2026-11-23T04:38:56.007+09:00"), moment);
  EXPECT_EQ(parse_rfc3339("2026-11-22T15:08:56.007-04:30"), moment);
  EXPECT_EQ(parse_rfc3339("2026-11-22T19:38:56Z"), moment - milliseconds(7));
  EXPECT_EQ(parse_rfc3339("2026-11-22T19:38:56.5Z"), moment + milliseconds(493));
}

TEST(Timestamp, IsNotReadFromAnythingElse) {
  for (const auto* text :
       {"", "2026-11-22", "2026-11-22T19:38:56", "2026-11-22 19:38:56Z", "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T19:38:56.Z", "2026-11-22T19:38:56Zz",
        "2026-11-22T19:38:56+9:00", "26-11-22T19:38:56Z", "2026-11-22T19:38Z", "yesterday"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace ordering
