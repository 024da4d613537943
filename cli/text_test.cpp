#include "cli/text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace ordering::cli {
namespace {

using namespace std::chrono_literals;

TEST(Text, HangulTakesTwoColumns) {
  EXPECT_EQ(display_width("order-7"), 7U);
  EXPECT_EQ(display_width("주문-7"), 6U);
  EXPECT_EQ(padded("주문", 6), "주문  ");
  EXPECT_EQ(padded("order", 2), "order");
}

TEST(Text, ShortenedToTheWidth) {
  EXPECT_EQ(shortened("order", 5), "order");
  EXPECT_EQ(shortened("orders", 5), "orde…");
  EXPECT_EQ(shortened("주문주문", 5), "주문…");
  EXPECT_EQ(shortened("주문주문", 4), "주…");
  EXPECT_EQ(shortened("orders", 0), "");
}

TEST(Text, WhatATerminalWouldObeyIsNotShown) {
  EXPECT_EQ(printable("a\x1b[31mb\tc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "?31m");  // CSI, as one character
  EXPECT_EQ(printable("주문 한도"), "주문 한도");
  EXPECT_EQ(display_width("\xff\xff"), 2U);  // no UTF-8: byte by byte
}

TEST(Text, Times) {
  EXPECT_EQ(in_words(12ms), "12 ms");
  EXPECT_EQ(in_words(5230ms), "5.2 s");
  EXPECT_EQ(in_words(125s), "2 min 5 s");
  EXPECT_EQ(whole_seconds(5900ms), "5 s");
  setenv("TZ", "KST-9", 1);
  tzset();
  EXPECT_EQ(local_time("2026-11-25T15:00:01.250Z"), "2026-11-26 00:00:01");
  EXPECT_EQ(local_clock("2026-11-25T15:00:01.250Z"), "00:00:01.250");
  EXPECT_EQ(local_time("yesterday\x1b"), "yesterday?");
}

TEST(Text, AmountsAreShortAndExact) {
  EXPECT_EQ(amount_text(100), "100");
  EXPECT_EQ(amount_text(1999.9), "1999.9");
  EXPECT_EQ(amount_text(1000000.01), "1000000.01");
  EXPECT_EQ(amount_text(999999999999.99), "999999999999.99");
}

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table;
  table.add({{.text = "주문-7"}, {.text = "7"}, {.text = "COMPLETED"}});
  table.add({{.text = "order-12"}, {.text = "1", .before = "<", .after = ">"}, {}});
  EXPECT_EQ(table.lines(), (std::vector<std::string>{"주문-7    7  COMPLETED", "order-12  <1>"}));
}

}  // namespace
}  // namespace ordering::cli
