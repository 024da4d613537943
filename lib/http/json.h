// A JSON document as a client sent it, read strictly and with nothing lost.
//
//   http::Json body = request.json();                      // Problem 400 unless it is one JSON
//   value std::string_view id = body.text("orderId");            // required, a string; Problem 400
//   names the member std::string_view amount = body.number("amount");       // the literal,
//   "999999999999.99", never a double std::optional<std::string_view> by =
//   body.optional_text("by");   // absent or null: nothing
//
// Refused with one clear sentence: malformed JSON, text that is not UTF-8, a member given twice in
// one object, anything after the value, nesting deeper than kMaxDepth. Members nobody asks for are
// ignored.
//
// Numbers keep the text they were written with, so that money is read exactly; a double is nowhere
// in between. A document owns its text; string_views from it live as long as it does and is not
// moved.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

class Json {
 public:
  static constexpr std::size_t kMaxDepth = 32;

  enum class Kind { null, boolean, number, string, array, object };
  struct Member;

  Json() = default;

  // Throws Problem 400 that says what is wrong and at which byte.
  static Json parse(std::string_view text);

  Kind kind() const { return kind_; }
  const std::string& literal() const { return text_; }       // of a number or a string
  bool boolean() const { return boolean_; }                  // of a boolean
  const std::vector<Json>& items() const { return items_; }  // of an array
  const std::vector<Member>& members() const {
    return members_;
  }  // of an object, in the order sent

  // The member of that name, or nullptr; of anything but an object: Problem 400.
  const Json* find(std::string_view name) const;

  // A member that must be there and of that kind, else Problem 400 that names it.
  std::string_view text(std::string_view name) const;
  std::string_view number(std::string_view name) const;  // the literal: JSON's grammar, any size
  std::int64_t integer(std::string_view name,
                       std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
  bool boolean(std::string_view name) const;

  // The same for a member that may be absent or null.
  std::optional<std::string_view> optional_text(std::string_view name) const;
  std::optional<std::string_view> optional_number(std::string_view name) const;
  std::optional<bool> optional_boolean(std::string_view name) const;

 private:
  friend class JsonBuilder;
  const Json& required(std::string_view name, Kind kind) const;
  const Json* optional(std::string_view name, Kind kind) const;

  Kind kind_ = Kind::null;
  bool boolean_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

struct Json::Member {
  std::string name;
  Json value;
};

}  // namespace http
