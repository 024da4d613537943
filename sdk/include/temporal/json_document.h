// The places of a JSON document, as a Json<T> of one's own meets them (temporal/json.h): JsonOut to
// write one value, JsonIn to read one.
//
//   void write(JsonOut out, const Point& p) {
//     out.array();
//     out.element().number(p.x);
//     out.element().number(p.y);
//   }
//   Point read(const JsonIn& in) { return {in.at(0).number(), in.at(1).number()}; }
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "temporal/payload.h"

namespace temporal {

inline constexpr std::size_t kJsonDepthLimit = 64;

namespace detail {
class JsonText;
struct JsonNode;
}  // namespace detail

// A place in a document being written; exactly one of its functions is called, once. Valid until
// the next sibling is begun.
class JsonOut {
 public:
  explicit JsonOut(detail::JsonText& text, std::size_t depth = 0) : text_(&text), depth_(depth) {}
  void null();
  void boolean(bool value);
  void integer(std::int64_t value);
  void natural(std::uint64_t value);
  void number(double value);
  void single(float value);  // as few digits as a float needs
  void string(std::string_view value);
  void object();  // then member() for each
  void array();   // then element() for each

  JsonOut member(std::string_view key);
  JsonOut element();
  [[noreturn]] void fail(std::string_view what) const;  // "what" follows the path: "is no colour"

 private:
  detail::JsonText* text_;
  std::size_t depth_;
};

// A place in a document that was read; knows its path through its parents, which it must not
// outlive.
class JsonIn {
 public:
  explicit JsonIn(const detail::JsonNode* node) : node_(node) {}
  bool is_null() const;
  bool is_boolean() const;
  bool is_whole() const;  // a number written without fraction and exponent, and not too large
  bool is_beyond_integer() const;  // whole, and only natural() can give it
  bool is_number() const;          // any number
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;

  // Each fails for another type, and for what does not fit.
  bool boolean() const;
  std::int64_t integer() const;
  std::uint64_t natural() const;
  double number() const;
  std::string_view string() const;     // lives as long as the document
  std::size_t size() const;            // of an array
  JsonIn at(std::size_t index) const;  // of an array; goes there step by step
  void expect_object() const;

  template <class Do>  // void(const JsonIn& element)
  void for_each_element(Do handle) const {
    const auto* node = first(size());
    for (std::size_t i = 0, n = size(); i < n; ++i, node = after(node))
      handle(JsonIn(node, this, {}, i));
  }
  template <class Do>  // void(std::string_view key, const JsonIn& value)
  void for_each_member(Do handle) const {
    const auto n = members();
    const auto* key = first(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto* value = after(key);
      const JsonIn at(value, this, JsonIn(key).string(), 0);
      handle(at.key_, at);
      key = after(value);
    }
  }
  // Of an object. Quickest when members are asked for in the order they stand in.
  std::optional<JsonIn> find(std::string_view key) const;

  std::string path() const;  // "$.lines[1].item"
  [[noreturn]] void fail(std::string_view what) const;

 private:
  JsonIn(const detail::JsonNode* node, const JsonIn* parent, std::string_view key,
         std::size_t index)
      : node_(node), parent_(parent), key_(key), index_(index) {}
  const detail::JsonNode* first(std::size_t count) const;
  static const detail::JsonNode* after(const detail::JsonNode* node);
  std::size_t members() const;

  const detail::JsonNode* node_;
  const JsonIn* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  mutable const detail::JsonNode* next_key_ = nullptr;  // where find() goes on
};

}  // namespace temporal
