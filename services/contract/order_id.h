// The id that a shop gives its order, and the Temporal ids made from it.
//
//   auto id = OrderId::parse("order-12345");        // expected: an id, or a sentence for the user
//   workflow_id(*id) == "order-workflow-order-12345"
//   repair_id(*id) == "order-repair-order-12345"
//
// 1 to 64 code points of A–Z, a–z, 0–9, Hangul syllables (U+AC00–U+D7A3) and `. _ : -`, starting
// with a letter, digit or syllable, and not with "order-workflow-". Ids are compared byte for byte
// and never normalised: the same syllable spelled in jamo is no valid id at all.
#pragma once
#include <compare>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "contract/sentence.h"
#include "temporal/json.h"

namespace ordering {

inline constexpr std::string_view kWorkflowIdPrefix = "order-workflow-";
inline constexpr std::string_view kRepairIdPrefix = "order-repair-";

// How many characters of the ids' alphabet the text has; nothing when it has any other.
std::optional<std::size_t> id_length(std::string_view text);

class OrderId {
 public:
  static constexpr std::size_t kMaxCodePoints = 64;

  // The error may be shown to the caller; it never repeats the input.
  static std::expected<OrderId, Sentence> parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The last code point as UTF-8: by it the catalogue chooses the item and delivery the district.
  std::string_view last_character() const;

  friend bool operator==(const OrderId&, const OrderId&) = default;
  friend auto operator<=>(const OrderId&, const OrderId&) = default;

 private:
  explicit OrderId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

std::string workflow_id(const OrderId& id);
std::string repair_id(const OrderId& id);  // of the workflow that repairs the order
// The order of a workflow id; of a bare order id, that id (the prefix is taken off once).
std::expected<OrderId, Sentence> order_id_of(std::string_view workflow_or_order_id);
// The order of a workflow or of a repair, by its id alone; nothing for any other id.
std::optional<OrderId> order_of_either(std::string_view workflow_or_repair_id);

}  // namespace ordering

template <>
struct std::hash<ordering::OrderId> {
  std::size_t operator()(const ordering::OrderId& id) const noexcept {
    return std::hash<std::string>()(id.text());
  }
};

template <>
struct temporal::Json<ordering::OrderId> {
  static void write(JsonOut out, const ordering::OrderId& id) { out.string(id.text()); }
  static ordering::OrderId read(const JsonIn& in);
};
