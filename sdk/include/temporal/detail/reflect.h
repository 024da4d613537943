// The names of an aggregate's members and of an enum's enumerators, read at compile time: in the way
// Boost.PFR does it since 1.84, from __PRETTY_FUNCTION__ over a pointer to the member. C++26's
// reflection will replace all of it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace temporal::detail {

template <class T>
consteval std::string_view type_name() {  // as the compiler writes it
  std::string_view s = __PRETTY_FUNCTION__;
  return s.substr(s.find("T = ") + 4, s.size() - s.find("T = ") - 5);
}

struct AnyMember {  // never called; it has a body, as std::optional's constructor is made with it
  template <class U>
  operator U() const {
    std::terminate();
  }
};
template <class T>
struct AnyBase {
  template <class U>
    requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>)
  operator U() const;
};

template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
  return requires { T{(void(I), AnyMember{})...}; };
}
template <class T, std::size_t N = 33>
consteval std::size_t member_count() {
  if constexpr (N == 0 || takes<T>(std::make_index_sequence<N>()))
    return N;
  else
    return member_count<T, N - 1>();
}
// An array takes as many values as it has elements, but one pair of braces.
template <class T, std::size_t N>
consteval bool takes_braces() {
  if constexpr (N == 0) return true;
#include "temporal/detail/braces.inc"
}
template <class T, std::size_t N = member_count<T>()>
consteval bool has_array() {
  if constexpr (N < 2 || N > 32 || takes_braces<T, N>())
    return false;
  else
    return takes_braces<T, 1>();  // false where a member has no default, which says nothing
}
template <class T>
consteval bool has_base() {
  return requires { T{AnyBase<T>()}; };
}

template <std::size_t N>
constexpr auto tie_members(auto& v) {
  if constexpr (N == 0) return std::tuple<>();
#include "temporal/detail/members.inc"
}

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
template <class T>
struct Imagined {
  T value;
};
template <class T>
extern const Imagined<T> imagined;  // never defined: only its members' names count
template <class M>
struct Pointer {
  const M* p;
};
template <class M>
Pointer(const M*) -> Pointer<M>;
template <auto P>
consteval std::string_view pointed_name() {
  std::string_view s = __PRETTY_FUNCTION__;
  s = s.substr(s.rfind('.') + 1);
  return s.substr(0, s.find_first_of("}]"));
}
template <class T, std::size_t I>
consteval std::string_view member_name() {
  return pointed_name<Pointer{&std::get<I>(tie_members<member_count<T>()>(imagined<T>.value))}>();
}
#pragma clang diagnostic pop

template <auto E>
consteval std::string_view enumerator_raw() {
  std::string_view s = __PRETTY_FUNCTION__;
  s = s.substr(s.find("E = ") + 4);
  s.remove_suffix(1);
  s = s.substr(s.rfind(':') + 1);
  return s.contains(')') ? std::string_view() : s;  // "(Color)3": no enumerator has this value
}
inline constexpr int kEnumeratorLimit = 128;
// By value; "" where there is no enumerator.
template <class E>
constexpr auto enumerators = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{enumerator_raw<static_cast<E>(I)>()...};
}(std::make_index_sequence<kEnumeratorLimit>());

}  // namespace temporal::detail
