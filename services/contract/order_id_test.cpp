#include "contract/order_id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace ordering {
namespace {

using namespace std::string_literals;

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(OrderId, TakesWhatTheContractNames) {
  for (const auto& text :
       {"order-12345"s, "a"s, "Z"s, "0"s, "가"s, "힣"s, "주문-1"s, "a._:-"s, "order-workflow"s,
        "Order-workflow-1"s, repeat("a", 64), repeat("힣", 64)}) {
    auto id = OrderId::parse(text);
    ASSERT_TRUE(id) << text << ": " << id.error().english;
    EXPECT_EQ(id->text(), text);
  }
}

TEST(OrderId, RefusesEverythingElseInOneSentence) {
  for (const auto& text :
       {""s, "-a"s, ".a"s, "_a"s, ":a"s, " a"s, "a "s, "a/b"s, "a\0b"s, "a\nb"s, "é"s, "ᄀ"s,
        "\u1100\u1161\u11a8"s, "漢"s, "a😀"s, "order-workflow-1"s, "order-workflow-"s,
        repeat("a", 65), repeat("힣", 65),
        // one below U+AC00, one above U+D7A3, a surrogate
        "\xEA\xAF\xBF"s, "\xED\x9E\xA4"s, "\xED\xA0\x80"s,
        // broken UTF-8: cut off, a bare continuation, an overlong four-byte 가, a wrong middle byte
        "\xEA\xB0"s, "a\xEA"s, "\x80"s, "\xF0\x8A\xB0\x80"s, "\xEA\x30\x80"s, "\xFF"s}) {
    auto id = OrderId::parse(text);
    ASSERT_FALSE(id) << text;
    EXPECT_TRUE(id.error().english.starts_with("orderId ")) << id.error().english;
    EXPECT_TRUE(id.error().korean.starts_with("orderId")) << id.error().korean;
  }
}

TEST(OrderId, LongInputIsRefusedWithoutBeingRead) {
  EXPECT_FALSE(OrderId::parse(std::string(64 * 1024, 'a')));
}

TEST(OrderId, IsComparedByteForByte) {
  EXPECT_NE(OrderId::parse("A").value(), OrderId::parse("a").value());
  EXPECT_EQ(OrderId::parse("각").value(), OrderId::parse("\xEA\xB0\x81").value());
}

TEST(OrderId, LastCharacterIsACodePoint) {
  EXPECT_EQ(OrderId::parse("order-7").value().last_character(), "7");
  EXPECT_EQ(OrderId::parse("order-가").value().last_character(), "가");
}

TEST(OrderId, WorkflowIdAndBack) {
  const auto id = OrderId::parse("order-1").value();
  EXPECT_EQ(workflow_id(id), "order-workflow-order-1");
  EXPECT_EQ(order_id_of("order-workflow-order-1").value(), id);
  EXPECT_EQ(order_id_of("order-1").value(), id);
  EXPECT_FALSE(order_id_of("order-workflow-order-workflow-order-1"));  // taken off once
}

TEST(OrderId, AWorkflowAndARepairAreOfOneOrder) {
  const auto id = OrderId::parse("order-repair-1").value();
  EXPECT_EQ(repair_id(id), "order-repair-order-repair-1");
  EXPECT_EQ(order_of_either(workflow_id(id)), id);
  EXPECT_EQ(order_of_either(repair_id(id)), id);
  EXPECT_FALSE(order_of_either("order-1")) << "a bare order id is no workflow's";
  EXPECT_FALSE(order_of_either("order-repair-"));
  EXPECT_FALSE(order_of_either("order-workflow--"));
}

TEST(OrderId, JsonIsTheTextAndIsValidatedWhenRead) {
  const auto id = OrderId::parse("주문-1").value();
  EXPECT_EQ(temporal::to_json(id), "\"주문-1\"");
  EXPECT_EQ(temporal::from_json<OrderId>("\"주문-1\""), id);
  EXPECT_THROW(temporal::from_json<OrderId>("\"-\""), temporal::ConversionError);
  EXPECT_THROW(temporal::from_json<OrderId>("7"), temporal::ConversionError);
}

RC_GTEST_PROP(OrderIdProperty, WhatPassesIsKeptWhole, (const std::string& text)) {
  if (auto id = OrderId::parse(text)) RC_ASSERT(id->text() == text);
}

}  // namespace
}  // namespace ordering
