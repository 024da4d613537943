#include "telemetry/utf8.h"

#include <gtest/gtest.h>

namespace telemetry {
namespace {

TEST(Utf8, TakesWhatIsWellFormed) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("order-12345"));
  EXPECT_TRUE(valid_utf8("주문 é \U0001F69A"));
  EXPECT_TRUE(valid_utf8("\xC2\x80 \xE0\xA0\x80 \xED\x9F\xBF \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesTheRest) {
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE2(\xA1"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
}

TEST(Utf8, CountsCharactersNotBytes) {
  EXPECT_EQ(characters(""), 0);
  EXPECT_EQ(characters("ab주문\xF0\x9F\x98\x80"), 5);
}

}  // namespace
}  // namespace telemetry
