#include "inventory/item_id.h"

namespace ordering::inventory {

std::optional<ItemId> ItemId::parse(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const auto length = id_length(text);
  if (!length || *length < 1 || *length > OrderId::kMaxCodePoints) return std::nullopt;
  return ItemId(text);
}

}  // namespace ordering::inventory
