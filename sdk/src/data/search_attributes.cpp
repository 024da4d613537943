// Search attributes are json/plain with metadata "type", whatever the data converter: the server
// reads them. By temporalio/features, "search attributes" of the other SDKs.
#include "temporal/search_attributes.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "data/proto.h"
#include "data/time.h"

namespace temporal {
namespace {

using Type = SearchAttributeType;
using Clock = std::chrono::system_clock;

constexpr std::array<std::string_view, 8> kTypeNames = {
    "", "Text", "Keyword", "Int", "Double", "Bool", "Datetime", "KeywordList"};

std::optional<Type> type_of(std::string_view name) {
  const auto found = std::find(kTypeNames.begin() + 1, kTypeNames.end(), name);
  if (found == kTypeNames.end()) return {};
  return static_cast<Type>(found - kTypeNames.begin());
}

std::string json_of(const SearchAttributeValue& value) {
  return std::visit(
      []<class T>(const T& v) {
        if constexpr (std::is_same_v<T, Clock::time_point>)
          return to_json(detail::format_time(v));
        else
          return to_json(v);
      },
      value);
}

SearchAttributeValue read_time(const JsonIn& in) {
  const auto time = detail::parse_time(in.string());
  if (!time) in.fail("is no time");
  return std::chrono::time_point_cast<Clock::duration>(*time);
}

// By its type; a list of one stands for its element, as older SDKs wrote it.
SearchAttributeValue read_value(const JsonIn& in, Type type) {
  if (in.is_null()) return std::monostate();
  if (in.is_array() && type != Type::keyword_list) {
    if (in.size() == 0) return std::monostate();
    return read_value(in.at(0), type);
  }
  switch (type) {
    case Type::text:
    case Type::keyword:
      return std::string(in.string());
    case Type::integer:
      return in.integer();
    case Type::number:
      return in.number();
    case Type::boolean:
      return in.boolean();
    case Type::datetime:
      return read_time(in);
    case Type::keyword_list:
      if (in.is_string()) return std::vector{std::string(in.string())};
      return Json<std::vector<std::string>>::read(in);
  }
  in.fail("is of no known type");
}

Type guess(const JsonIn& in) {  // where the type is not said
  if (in.is_boolean()) return Type::boolean;
  if (in.is_whole()) return Type::integer;
  if (in.is_number()) return Type::number;
  if (in.is_array()) return Type::keyword_list;
  return Type::keyword;
}

std::optional<SearchAttribute> read(const detail::common::Payload& payload) {
  const auto encoding = payload.metadata().find("encoding");
  const auto named = payload.metadata().find("type");
  const auto type = named == payload.metadata().end() ? std::nullopt : type_of(named->second);
  if (encoding == payload.metadata().end() || encoding->second != "json/plain") return {};
  SearchAttribute out;
  try {
    struct Reading {
      std::optional<Type> type;
      SearchAttribute* out;
    } reading{type, &out};
    detail::read_json(
        payload.data(),
        [](const JsonIn& in, void* p) {
          auto& r = *static_cast<Reading*>(p);
          r.out->type = r.type.value_or(guess(in));
          r.out->value = read_value(in, r.out->type);
        },
        &reading);
  } catch (const ConversionError&) {
    return {};
  }
  if (std::holds_alternative<std::monostate>(out.value)) return {};
  return out;
}

}  // namespace

std::string_view to_string(SearchAttributeType type) {
  return kTypeNames.at(static_cast<std::size_t>(type));
}

void SearchAttributes::apply(const SearchAttributes& changes) {
  for (const auto& [name, attribute] : changes.entries()) {
    if (std::holds_alternative<std::monostate>(attribute.value))
      entries_.erase(name);
    else
      set(name, attribute);
  }
}

SearchAttributes detail::from_proto(const common::SearchAttributes& attributes) {
  SearchAttributes out;
  for (const auto& [name, payload] : attributes.indexed_fields())
    if (auto attribute = read(payload)) out.set(name, std::move(*attribute));
  return out;
}

detail::common::SearchAttributes detail::to_proto(const SearchAttributes& attributes) {
  common::SearchAttributes out;
  for (const auto& [name, attribute] : attributes.entries()) {
    auto& payload = (*out.mutable_indexed_fields())[name];
    const bool unset = std::holds_alternative<std::monostate>(attribute.value);
    (*payload.mutable_metadata())["encoding"] = unset ? "binary/null" : "json/plain";
    (*payload.mutable_metadata())["type"] = std::string(to_string(attribute.type));
    if (!unset) payload.set_data(json_of(attribute.value));
  }
  return out;
}

}  // namespace temporal
