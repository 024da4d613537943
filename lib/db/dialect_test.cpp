#include "db/dialect.h"

#include <gtest/gtest.h>

namespace db {
namespace {

TEST(SpokenBy, OpensTheEnginesOwnCommentsAlone) {
  constexpr std::string_view kSql =
      "a /* note */ /*sqlite INTEGER*/ /*postgresql BIGINT*/ b /*sqlite , c*/ -- /*";
  EXPECT_EQ(spoken_by("sqlite", kSql), "a /* note */ INTEGER /*postgresql BIGINT*/ b , c -- /*");
  EXPECT_EQ(spoken_by("postgresql", kSql),
            "a /* note */ /*sqlite INTEGER*/ BIGINT b /*sqlite , c*/ -- /*");
  EXPECT_EQ(spoken_by("sqlite", "/*sqlite\nA*/ /*sqlites B*/ /*sqlite C*/"), "A /*sqlites B*/ C");
  EXPECT_EQ(spoken_by("sqlite", ""), "");
  EXPECT_EQ(spoken_by("sqlite", "/*sqlite open"), "/*sqlite open");
}

}  // namespace
}  // namespace db
