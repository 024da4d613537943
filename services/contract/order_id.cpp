#include "contract/order_id.h"

#include <utility>

namespace ordering {
namespace {

// A syllable takes three bytes. What is longer is not read at all.
constexpr std::size_t kMaxBytes = 3 * OrderId::kMaxCodePoints;

enum class Kind { letter, mark, refused };

struct CodePoint {
  Kind kind = Kind::refused;
  std::size_t bytes = 1;
};

bool is_letter_or_digit(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// U+AC00…U+D7A3 in UTF-8 are three bytes, EA B0 80 … ED 9E A3. Anything else above ASCII, broken
// UTF-8 and overlong forms among it, is refused alike.
CodePoint code_point_at(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (is_letter_or_digit(first)) return {.kind = Kind::letter};
  if (first == '.' || first == '_' || first == ':' || first == '-') return {.kind = Kind::mark};
  if (text.size() < 3 || (first & 0xF0) != 0xE0) return {};
  if ((byte(1) & 0xC0) != 0x80 || (byte(2) & 0xC0) != 0x80) return {};
  const unsigned value = (first & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
  if (value < 0xAC00 || value > 0xD7A3) return {};
  return {.kind = Kind::letter, .bytes = 3};
}

std::unexpected<Sentence> refuse(std::string_view english, std::string_view korean) {
  return std::unexpected(Sentence{.english = english, .korean = korean});
}

}  // namespace

std::optional<std::size_t> id_length(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const CodePoint next = code_point_at(text);
    if (next.kind == Kind::refused) return std::nullopt;
    text.remove_prefix(next.bytes);
  }
  return count;
}

std::expected<OrderId, Sentence> OrderId::parse(std::string_view text) {
  if (text.empty()) return refuse("orderId is empty", "orderId가 비어 있습니다");
  const auto length = text.size() > kMaxBytes ? kMaxBytes : id_length(text);
  if (!length)
    return refuse("orderId may have only A-Z, a-z, 0-9, Hangul syllables and the marks . _ : -",
                  "orderId에는 영문자, 숫자, 한글 음절과 . _ : - 만 쓸 수 있습니다");
  if (*length > kMaxCodePoints)
    return refuse("orderId is longer than 64 characters", "orderId가 64자보다 깁니다");
  if (code_point_at(text).kind == Kind::mark)
    return refuse("orderId must start with a letter, a digit or a Hangul syllable",
                  "orderId는 영문자, 숫자 또는 한글 음절로 시작해야 합니다");
  if (text.starts_with(kWorkflowIdPrefix))
    return refuse("orderId must not start with \"order-workflow-\"",
                  "orderId는 \"order-workflow-\"로 시작할 수 없습니다");
  return OrderId(std::string(text));
}

std::string_view OrderId::last_character() const {
  const std::string_view text = text_;
  return static_cast<unsigned char>(text.back()) < 0x80 ? text.substr(text.size() - 1)
                                                        : text.substr(text.size() - 3);
}

std::string workflow_id(const OrderId& id) {
  return std::string(kWorkflowIdPrefix) + id.text();
}

std::string repair_id(const OrderId& id) {
  return std::string(kRepairIdPrefix) + id.text();
}

std::optional<OrderId> order_of_either(std::string_view workflow_or_repair_id) {
  for (auto prefix : {kWorkflowIdPrefix, kRepairIdPrefix}) {
    if (!workflow_or_repair_id.starts_with(prefix)) continue;
    auto id = OrderId::parse(workflow_or_repair_id.substr(prefix.size()));
    if (id) return *std::move(id);
  }
  return std::nullopt;
}

std::expected<OrderId, Sentence> order_id_of(std::string_view workflow_or_order_id) {
  if (workflow_or_order_id.starts_with(kWorkflowIdPrefix))
    workflow_or_order_id.remove_prefix(kWorkflowIdPrefix.size());
  return OrderId::parse(workflow_or_order_id);
}

}  // namespace ordering

ordering::OrderId temporal::Json<ordering::OrderId>::read(const JsonIn& in) {
  auto id = ordering::OrderId::parse(in.string());
  if (!id) in.fail("is no order id: " + std::string(id.error().english));
  return *std::move(id);
}
