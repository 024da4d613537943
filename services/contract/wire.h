// A payload's members by their wire names, which are the original's camelCase, beside C++'s
// snake_case. The names stand in running histories: renaming a C++ member must not change them.
//
//   template <>
//   struct temporal::Json<Charged>
//       : wire::Members<Charged, wire::Field<"orderId", &Charged::order_id>,
//                       wire::Field<"amountMinor", &Charged::amount>> {};
//
// All members of the aggregate, in the order of their declaration. A missing optional is empty,
// another missing member is an error that names its path; unknown members are ignored.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "temporal/json.h"

namespace ordering::wire {

template <std::size_t Size>
struct Name {
  // NOLINTNEXTLINE(google-explicit-constructor): a string literal is meant to become a Name
  consteval Name(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
  constexpr std::string_view view() const { return {text, Size - 1}; }
  char text[Size] = {};
};

namespace detail {
template <class Pointer>
struct MemberType;
template <class Owner, class Value>
struct MemberType<Value Owner::*> {
  using type = Value;
};
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

template <Name name_, auto member_>
struct Field {
  using Value = detail::MemberType<decltype(member_)>::type;
  static constexpr std::string_view kName = name_.view();
  static constexpr auto kMember = member_;
};

template <class T, class... Fields>
struct Members {
  static void write(temporal::JsonOut out, const T& value) {
    out.object();
    (temporal::Json<typename Fields::Value>::write(out.member(Fields::kName),
                                                   value.*Fields::kMember),
     ...);
  }
  static T read(const temporal::JsonIn& in) {
    in.expect_object();
    return T{read_field<Fields>(in)...};
  }

 private:
  template <class Field>
  static Field::Value read_field(const temporal::JsonIn& in) {
    if (auto member = in.find(Field::kName))
      return temporal::Json<typename Field::Value>::read(*member);
    if constexpr (detail::is_optional<typename Field::Value>)
      return std::nullopt;
    else
      in.fail("has no member \"" + std::string(Field::kName) + "\"");
  }
};

}  // namespace ordering::wire
