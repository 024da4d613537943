#include "inventory/item_id.h"

#include <gtest/gtest.h>

namespace ordering::inventory {
namespace {

TEST(ItemId, IsNamedByTheOrdersLastCharacter) {
  EXPECT_EQ(ItemId::of(OrderId::parse("order-12345").value()).text(), "ITEM_5");
  EXPECT_EQ(ItemId::of(OrderId::parse("order-abc").value()).text(), "ITEM_c");
  EXPECT_EQ(ItemId::of(OrderId::parse("주문").value()).text(), "ITEM_문");
  EXPECT_EQ(ItemId::of(OrderId::parse("a.").value()).text(), "ITEM_.");
}

TEST(ItemId, OfAnyOrderIsAnItemId) {
  for (const char* text : {"order-1", "주문", "a.", "a:", "a_", "a-"}) {
    const auto item = ItemId::of(OrderId::parse(text).value());
    EXPECT_EQ(ItemId::parse(item.text()), item);
  }
}

TEST(ItemId, RefusesWhatNoItemIsCalled) {
  for (const char* text : {"", "ITEM_", "item_1", "1", "ITEM_ 1", "ITEM_/", "ITEM_é"})
    EXPECT_FALSE(ItemId::parse(text)) << text;
  EXPECT_TRUE(ItemId::parse("ITEM_" + std::string(64, 'a')));
  EXPECT_FALSE(ItemId::parse("ITEM_" + std::string(65, 'a')));
}

}  // namespace
}  // namespace ordering::inventory
