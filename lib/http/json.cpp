#include "http/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "http/problem.h"
#include "telemetry/utf8.h"

namespace http {

// What boost::json's parser calls: it builds the document, and keeps each number's text.
class JsonBuilder {
 public:
  using Error = boost::json::error_code;
  using View = boost::json::string_view;

  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return open(Json::Kind::object); }
  bool on_array_begin(Error&) { return open(Json::Kind::array); }
  bool on_object_end(std::size_t, Error& error) {
    if (!unique()) {
      error = boost::json::error::syntax;
      return false;
    }
    return close();
  }
  bool on_array_end(std::size_t, Error&) { return close(); }
  bool on_key_part(View part, std::size_t, Error&) { return keep(part); }
  bool on_key(View part, std::size_t, Error&) {
    keep(part);
    open_.back()->members_.emplace_back().name = std::exchange(text_, {});
    return true;
  }
  bool on_string_part(View part, std::size_t, Error&) { return keep(part); }
  bool on_string(View part, std::size_t, Error&) {
    keep(part);
    return leaf(Json::Kind::string);
  }
  bool on_number_part(View part, Error&) { return keep(part); }
  bool on_int64(std::int64_t, View part, Error&) { return number(part); }
  bool on_uint64(std::uint64_t, View part, Error&) { return number(part); }
  bool on_double(double, View part, Error&) { return number(part); }
  bool on_bool(bool value, Error&) {
    Json& place = next();
    place.kind_ = Json::Kind::boolean;
    place.boolean_ = value;
    return true;
  }
  bool on_null(Error&) {
    next().kind_ = Json::Kind::null;
    return true;
  }
  bool on_comment_part(View, Error&) { return true; }
  bool on_comment(View, Error&) { return true; }

  Json root;
  std::optional<std::string> twice;  // the member that stood twice

 private:
  // The place of the value that comes now.
  Json& next() {
    if (open_.empty()) return root;
    Json& parent = *open_.back();
    return parent.kind_ == Json::Kind::array ? parent.items_.emplace_back()
                                             : parent.members_.back().value;
  }
  // Pointers into the vectors hold: a vector grows only when the values before are closed.
  bool open(Json::Kind kind) {
    Json& place = next();
    place.kind_ = kind;
    open_.push_back(&place);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  bool keep(View part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(View part) {
    keep(part);
    return leaf(Json::Kind::number);
  }
  bool leaf(Json::Kind kind) {
    Json& place = next();
    place.kind_ = kind;
    place.text_ = std::exchange(text_, {});
    return true;
  }
  bool unique() {
    std::vector<std::string_view> names;
    names.reserve(open_.back()->members_.size());
    for (const auto& member : open_.back()->members_) names.emplace_back(member.name);
    std::ranges::sort(names);
    const auto found = std::ranges::adjacent_find(names);
    if (found != names.end()) twice = *found;
    return found == names.end();
  }

  std::vector<Json*> open_;
  std::string text_;
};

namespace {

Problem bad(std::string english, std::string korean, std::string_view field = {}) {
  Problem problem{.status = 400, .message = {std::move(english), std::move(korean)}};
  if (!field.empty()) problem.details["field"] = field;
  return problem;
}

struct KindName {
  const char* english;
  const char* korean;
};
KindName name_of(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return {.english = "null", .korean = "null"};
    case Json::Kind::boolean:
      return {.english = "true or false", .korean = "true 또는 false"};
    case Json::Kind::number:
      return {.english = "a number", .korean = "숫자"};
    case Json::Kind::string:
      return {.english = "a string", .korean = "문자열"};
    case Json::Kind::array:
      return {.english = "an array", .korean = "배열"};
    case Json::Kind::object:
      break;
  }
  return {.english = "an object", .korean = "객체"};
}

// "128.0" is a whole number, too, as JSON Schema has it.
std::string_view without_zero_fraction(std::string_view literal) {
  const auto point = literal.find('.');
  if (point == std::string_view::npos) return literal;
  const bool zero = literal.find_first_not_of('0', point + 1) == std::string_view::npos;
  return zero ? literal.substr(0, point) : literal;
}

}  // namespace

Json Json::parse(std::string_view text) {
  if (text.empty()) {
    throw bad("the body is empty, but it must be a JSON document",
              "본문이 비어 있습니다. JSON이어야 합니다");
  }
  if (!telemetry::valid_utf8(text)) {
    throw bad("the body is not UTF-8 text", "본문이 UTF-8 텍스트가 아닙니다");
  }
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<JsonBuilder> parser(options);
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (const auto& twice = parser.handler().twice) {
    throw bad("the member \"" + *twice + "\" stands twice in one object",
              "한 객체에 \"" + *twice + "\" 항목이 두 번 있습니다", *twice);
  }
  const std::string place = std::to_string(read + 1);
  if (error == boost::json::error::too_deep) {
    throw bad("the body is nested deeper than " + std::to_string(kMaxDepth) + " levels",
              "본문의 중첩이 " + std::to_string(kMaxDepth) + "단계를 넘습니다");
  }
  if (error == boost::json::error::incomplete) {
    throw bad("the body is not complete JSON", "본문의 JSON이 끝까지 오지 않았습니다");
  }
  if (error) {
    throw bad("the body is not JSON at byte " + place,
              "본문의 " + place + "번째 바이트가 JSON이 아닙니다");
  }
  if (read < text.size()) {
    throw bad("the body goes on after the JSON document, at byte " + place,
              "JSON 문서가 끝난 뒤 " + place + "번째 바이트부터 내용이 더 있습니다");
  }
  return std::move(parser.handler().root);
}

const Json* Json::find(std::string_view name) const {
  if (kind_ != Kind::object) {
    throw bad("the body must be a JSON object", "본문은 JSON 객체여야 합니다");
  }
  const auto found = std::ranges::find(members_, name, &Member::name);
  return found == members_.end() ? nullptr : &found->value;
}

const Json* Json::optional(std::string_view name, Kind kind) const {
  const Json* member = find(name);
  if (member == nullptr || member->kind_ == Kind::null) return nullptr;
  if (member->kind_ != kind) {
    const std::string field(name);
    throw bad(field + " must be " + name_of(kind).english,
              field + " 항목은 " + name_of(kind).korean + "이어야 합니다", name);
  }
  return member;
}

const Json& Json::required(std::string_view name, Kind kind) const {
  if (const Json* member = optional(name, kind)) return *member;
  const std::string field(name);
  throw bad(field + " is missing: it must be " + name_of(kind).english,
            field + " 항목이 없습니다. " + name_of(kind).korean + "이어야 합니다", name);
}

std::string_view Json::text(std::string_view name) const {
  return required(name, Kind::string).text_;
}
std::string_view Json::number(std::string_view name) const {
  return required(name, Kind::number).text_;
}
bool Json::boolean(std::string_view name) const {
  return required(name, Kind::boolean).boolean_;
}

std::int64_t Json::integer(std::string_view name, std::int64_t least, std::int64_t most) const {
  const std::string_view literal = without_zero_fraction(number(name));
  std::int64_t value = 0;
  const auto [rest, error] =
      std::from_chars(literal.data(), literal.data() + literal.size(), value);
  if (error == std::errc() && rest == literal.data() + literal.size() && value >= least &&
      value <= most) {
    return value;
  }
  const std::string field(name);
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  throw bad(field + " must be a whole number, " + range,
            field + " 항목은 " + std::to_string(least) + "에서 " + std::to_string(most) +
                " 사이의 정수여야 합니다",
            name);
}

std::optional<std::string_view> Json::optional_text(std::string_view name) const {
  const Json* member = optional(name, Kind::string);
  return member == nullptr ? std::nullopt : std::optional<std::string_view>(member->text_);
}
std::optional<std::string_view> Json::optional_number(std::string_view name) const {
  const Json* member = optional(name, Kind::number);
  return member == nullptr ? std::nullopt : std::optional<std::string_view>(member->text_);
}
std::optional<bool> Json::optional_boolean(std::string_view name) const {
  const Json* member = optional(name, Kind::boolean);
  return member == nullptr ? std::nullopt : std::optional(member->boolean_);
}

}  // namespace http
