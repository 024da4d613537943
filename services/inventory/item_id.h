// The id of an item: "ITEM_" and 1 to 64 characters of the ids' alphabet.
#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "contract/order_id.h"

namespace ordering::inventory {

class ItemId {
 public:
  static std::optional<ItemId> parse(std::string_view text);
  // The item that an order asks for is named by the order id's last character.
  static ItemId of(const OrderId& order) { return ItemId(order.last_character()); }

  const std::string& text() const { return text_; }
  friend bool operator==(const ItemId&, const ItemId&) = default;
  friend auto operator<=>(const ItemId&, const ItemId&) = default;

 private:
  static constexpr std::string_view kPrefix = "ITEM_";
  explicit ItemId(std::string_view suffix) : text_(std::string(kPrefix).append(suffix)) {}
  std::string text_;
};

}  // namespace ordering::inventory
