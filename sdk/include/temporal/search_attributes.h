// Search attributes: typed values by which workflows are listed and counted.
//
// A key is declared once, with the type that the namespace's operator registered for its name:
//
//   inline constexpr temporal::KeywordKey kOrderCode{"OrderCode"};
//   inline constexpr temporal::DatetimeKey kDue{"Due"};
//
//   client.start_workflow(type, {.search_attributes = {kOrderCode.is("A1"), kDue.is(due)}}, …);
//   workflow::upsert_search_attributes({kOrderCode.unset()});
//   std::optional<std::string> code = attributes.get(kOrderCode);
//
// Values are not encoded by codecs: the server must read them.
#pragma once
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace temporal {

// By the numbers of temporal.api.enums.v1.IndexedValueType.
enum class SearchAttributeType : std::uint8_t {
  text = 1,          // std::string, found by its words
  keyword = 2,       // std::string, found as a whole
  integer = 3,       // std::int64_t; Temporal's Int
  number = 4,        // double; Temporal's Double
  boolean = 5,       // bool; Temporal's Bool
  datetime = 6,      // std::chrono::system_clock::time_point, kept to the nanosecond
  keyword_list = 7,  // std::vector<std::string>, found by any of them
};
std::string_view to_string(SearchAttributeType type);  // "KeywordList", Temporal's word

// monostate: the attribute is, or is to be, unset.
using SearchAttributeValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>,
                 std::chrono::system_clock::time_point>;

struct SearchAttribute {
  SearchAttributeType type = SearchAttributeType::keyword;
  SearchAttributeValue value = {};
  bool operator==(const SearchAttribute&) const = default;
};

namespace detail {
template <SearchAttributeType type>
struct SearchAttributeCpp {
  using Type = std::string;
};
template <>
struct SearchAttributeCpp<SearchAttributeType::integer> {
  using Type = std::int64_t;
};
template <>
struct SearchAttributeCpp<SearchAttributeType::number> {
  using Type = double;
};
template <>
struct SearchAttributeCpp<SearchAttributeType::boolean> {
  using Type = bool;
};
template <>
struct SearchAttributeCpp<SearchAttributeType::datetime> {
  using Type = std::chrono::system_clock::time_point;
};
template <>
struct SearchAttributeCpp<SearchAttributeType::keyword_list> {
  using Type = std::vector<std::string>;
};
}  // namespace detail

template <SearchAttributeType type_>
struct SearchAttributeKey {
  using Value = typename detail::SearchAttributeCpp<type_>::Type;
  using Entry = std::pair<const std::string, SearchAttribute>;
  static constexpr SearchAttributeType type = type_;

  Entry is(Value value) const {
    return {std::string(name), {type_, SearchAttributeValue(std::move(value))}};
  }
  Entry unset() const { return {std::string(name), {type_, std::monostate()}}; }

  std::string_view name;
};
using TextKey = SearchAttributeKey<SearchAttributeType::text>;
using KeywordKey = SearchAttributeKey<SearchAttributeType::keyword>;
using IntKey = SearchAttributeKey<SearchAttributeType::integer>;
using DoubleKey = SearchAttributeKey<SearchAttributeType::number>;
using BoolKey = SearchAttributeKey<SearchAttributeType::boolean>;
using DatetimeKey = SearchAttributeKey<SearchAttributeType::datetime>;
using KeywordListKey = SearchAttributeKey<SearchAttributeType::keyword_list>;

class SearchAttributes {  // a value
 public:
  using Entries = std::map<std::string, SearchAttribute>;

  SearchAttributes() = default;
  SearchAttributes(std::initializer_list<Entries::value_type> entries) : entries_(entries) {}

  // Empty when it is not set, or when it is of another type than the key.
  template <SearchAttributeType type>
  std::optional<typename SearchAttributeKey<type>::Value> get(
      const SearchAttributeKey<type>& key) const {
    const auto found = entries_.find(std::string(key.name));
    if (found == entries_.end()) return {};
    const auto* value = std::get_if<typename SearchAttributeKey<type>::Value>(&found->second.value);
    return value ? std::optional(*value) : std::nullopt;
  }
  void set(std::string name, SearchAttribute attribute) {
    entries_.insert_or_assign(std::move(name), std::move(attribute));
  }
  // Takes the changes over; what they unset is gone.
  void apply(const SearchAttributes& changes);

  const Entries& entries() const { return entries_; }  // by name
  bool empty() const { return entries_.empty(); }
  bool operator==(const SearchAttributes&) const = default;

 private:
  Entries entries_;
};

}  // namespace temporal
