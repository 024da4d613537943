// JSON documents, parsed by Boost.JSON's push parser into one flat array of nodes. The array and
// the strings with escapes start in a buffer on the stack, other strings stay in the text: a usual
// payload is read without an allocation. (Boost.JSON's own DOM rounds doubles by a digit in 1.81,
// and reads 1.0 as a whole number.)
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <memory_resource>

#include "temporal/json.h"

namespace temporal {
namespace bj = boost::json;

struct detail::JsonNode {
  enum class Kind : std::uint8_t { null, boolean, integer, natural, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::uint32_t span = 1;  // nodes of the whole subtree: the next sibling is that far
  std::uint32_t size = 0;  // elements, or members, each of which is a key and a value
  std::string_view text = {};
  union {
    std::int64_t integer;
    std::uint64_t natural = 0;
    double number;
  };
};

namespace {

using detail::JsonNode;
using Kind = JsonNode::Kind;

class Builder {  // what the parser calls
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = max_key_size;

  Builder(std::string_view text, std::pmr::memory_resource* memory)
      : text_(text), memory_(memory), nodes_(memory), open_(memory), parts_(memory) {
    nodes_.reserve(64);
  }
  const JsonNode* root() const { return nodes_.data(); }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_array_begin(bj::error_code&) { return begin(Kind::array); }
  bool on_object_begin(bj::error_code&) { return begin(Kind::object); }
  bool on_array_end(std::size_t n, bj::error_code&) { return end(n); }
  bool on_object_end(std::size_t n, bj::error_code&) { return end(n); }
  bool on_key_part(bj::string_view s, std::size_t, bj::error_code&) { return part(s); }
  bool on_string_part(bj::string_view s, std::size_t, bj::error_code&) { return part(s); }
  bool on_key(bj::string_view s, std::size_t, bj::error_code&) { return string(s); }
  bool on_string(bj::string_view s, std::size_t, bj::error_code&) { return string(s); }
  bool on_number_part(bj::string_view, bj::error_code&) { return true; }
  bool on_int64(std::int64_t i, bj::string_view, bj::error_code&) {
    add(Kind::integer).integer = i;
    return true;
  }
  bool on_uint64(std::uint64_t u, bj::string_view, bj::error_code&) {
    add(Kind::natural).natural = u;
    return true;
  }
  bool on_double(double, bj::string_view s, bj::error_code& ec) {
    double exact = 0;
    const auto read = std::from_chars(s.data(), s.data() + s.size(), exact);
    // Too small is 0 to every reader; too large is no number.
    if (read.ec == std::errc::result_out_of_range && !s.contains("e-") && !s.contains("E-")) {
      ec = bj::error::exponent_overflow;
      return false;
    }
    add(Kind::number).number = exact;
    return true;
  }
  bool on_bool(bool b, bj::error_code&) {
    add(Kind::boolean).boolean = b;
    return true;
  }
  bool on_null(bj::error_code&) {
    add(Kind::null);
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

 private:
  JsonNode& add(Kind kind) {
    auto& node = nodes_.emplace_back();
    node.kind = kind;
    return node;
  }
  bool begin(Kind kind) {
    open_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    add(kind);
    return true;
  }
  bool end(std::size_t n) {
    auto& node = nodes_[open_.back()];
    node.size = static_cast<std::uint32_t>(n);
    node.span = static_cast<std::uint32_t>(nodes_.size() - open_.back());
    open_.pop_back();
    return true;
  }
  bool part(bj::string_view s) {
    parts_.append(s.data(), s.size());
    return true;
  }
  bool string(bj::string_view s) {
    std::string_view all(s.data(), s.size());
    const bool in_text = std::less_equal<>()(text_.data(), s.data()) &&
                         std::less<>()(s.data(), text_.data() + text_.size());
    if (!parts_.empty() || !in_text) {  // had escapes: the parser's buffer is used again
      parts_.append(all);
      auto* copy = static_cast<char*>(memory_->allocate(parts_.size() + 1, 1));
      parts_.copy(copy, parts_.size());
      all = {copy, parts_.size()};
      parts_.clear();
    }
    add(Kind::string).text = all;
    return true;
  }

  std::string_view text_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<JsonNode> nodes_;
  std::pmr::vector<std::uint32_t> open_;
  std::pmr::string parts_;
};

bool is(const JsonNode* n, Kind kind) {
  return n->kind == kind;
}

}  // namespace

bool JsonIn::is_null() const {
  return is(node_, Kind::null);
}
bool JsonIn::is_boolean() const {
  return is(node_, Kind::boolean);
}
bool JsonIn::is_whole() const {
  return is(node_, Kind::integer) || is(node_, Kind::natural);
}
bool JsonIn::is_beyond_integer() const {
  return is(node_, Kind::natural);
}
bool JsonIn::is_number() const {
  return is_whole() || is(node_, Kind::number);
}
bool JsonIn::is_string() const {
  return is(node_, Kind::string);
}
bool JsonIn::is_array() const {
  return is(node_, Kind::array);
}
bool JsonIn::is_object() const {
  return is(node_, Kind::object);
}

bool JsonIn::boolean() const {
  if (!is_boolean()) fail("is no boolean");
  return node_->boolean;
}

std::int64_t JsonIn::integer() const {
  if (!is_whole()) fail("is no whole number");
  if (is(node_, Kind::natural)) fail("is out of range");  // Boost's naturals are beyond int64
  return node_->integer;
}

std::uint64_t JsonIn::natural() const {
  if (is(node_, Kind::natural)) return node_->natural;
  if (!is(node_, Kind::integer) || node_->integer < 0) fail("is no natural number");
  return static_cast<std::uint64_t>(node_->integer);
}

double JsonIn::number() const {
  switch (node_->kind) {
    case Kind::integer:
      return static_cast<double>(node_->integer);
    case Kind::natural:
      return static_cast<double>(node_->natural);
    case Kind::number:
      return node_->number;
    default:
      fail("is no number");
  }
}

std::string_view JsonIn::string() const {
  if (!is_string()) fail("is no string");
  return node_->text;
}

std::size_t JsonIn::size() const {
  if (!is_array()) fail("is no array");
  return node_->size;
}

void JsonIn::expect_object() const {
  if (!is_object()) fail("is no object");
}

std::size_t JsonIn::members() const {
  expect_object();
  return node_->size;
}

const JsonNode* JsonIn::first(std::size_t count) const {
  return count == 0 ? nullptr : node_ + 1;
}
const JsonNode* JsonIn::after(const JsonNode* node) {
  return node + node->span;
}

JsonIn JsonIn::at(std::size_t index) const {
  if (index >= size()) fail("has no element " + std::to_string(index));
  const auto* node = node_ + 1;
  for (std::size_t i = 0; i < index; ++i) node = after(node);
  return {node, this, {}, index};
}

std::optional<JsonIn> JsonIn::find(std::string_view key) const {
  expect_object();
  const auto* const begin = node_ + 1;
  const auto* const end = node_ + node_->span;
  const auto* node = next_key_ ? next_key_ : begin;
  for (std::uint32_t i = 0; i < node_->size; ++i) {
    if (node == end) node = begin;
    const auto* value = node + 1;
    const auto* next = value + value->span;
    if (node->text == key) {
      next_key_ = next;
      return JsonIn(value, this, key, 0);
    }
    node = next;
  }
  return std::nullopt;
}

std::string JsonIn::path() const {
  if (!parent_) return "$";
  if (parent_->is_array()) return parent_->path() + "[" + std::to_string(index_) + "]";
  return parent_->path() + "." + std::string(key_);
}

void JsonIn::fail(std::string_view what) const {
  throw ConversionError(path() + " " + std::string(what));
}

void detail::read_json(std::string_view text, void (*read)(const JsonIn&, void*), void* out) {
  std::array<std::byte, 6144> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  bj::parse_options options;
  options.max_depth = kJsonDepthLimit;
  bj::basic_parser<Builder> parser(options, text, &memory);
  bj::error_code error;
  const auto used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = bj::error::extra_data;
  if (error)
    throw ConversionError("no JSON: " + error.message() + " after " + std::to_string(used) +
                          " bytes");
  read(JsonIn(parser.handler().root()), out);
}

void detail::copy_json(const JsonIn& in, JsonOut out) {
  if (in.is_null()) return out.null();
  if (in.is_boolean()) return out.boolean(in.boolean());
  if (in.is_beyond_integer()) return out.natural(in.natural());
  if (in.is_whole()) return out.integer(in.integer());
  if (in.is_number()) return out.number(in.number());
  if (in.is_string()) return out.string(in.string());
  if (in.is_array()) {
    out.array();
    in.for_each_element([&](const JsonIn& element) { copy_json(element, out.element()); });
  } else {
    out.object();
    in.for_each_member(
        [&](std::string_view key, const JsonIn& value) { copy_json(value, out.member(key)); });
  }
}

void detail::expect_size(const JsonIn& in, std::size_t wanted) {
  if (in.size() != wanted)
    in.fail("has " + std::to_string(in.size()) + " elements, not " + std::to_string(wanted));
}

void detail::fail_missing(const JsonIn& in, std::string_view member) {
  in.fail("has no member \"" + std::string(member) + "\"");
}

}  // namespace temporal
