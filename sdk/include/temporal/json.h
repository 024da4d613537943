// Json<T>: aggregates by their member names, enums by their enumerators. Boost.JSON stays in
// json.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "temporal/failure.h"

namespace temporal {

class JsonOut {  // a place in a document being written
 public:
  explicit JsonOut(void* value) : value_(value) {}
  void null(), boolean(bool), integer(std::int64_t), natural(std::uint64_t), number(double);
  void string(std::string_view), object(), array();
  JsonOut member(std::string_view key), element();  // valid until the next sibling

 private:
  void* value_;
};

class JsonIn {  // a place in a parsed document; knows its path through its parents
 public:
  explicit JsonIn(const void* value) : value_(value) {}
  bool is_null() const, boolean() const;
  std::int64_t integer() const;
  std::uint64_t natural() const;
  double number() const;
  std::string_view string() const;
  void expect_object() const;
  std::size_t size() const;
  JsonIn at(std::size_t) const;
  std::optional<JsonIn> find(std::string_view key) const;
  std::string path() const;
  [[noreturn]] void fail(std::string_view what) const;

 private:
  JsonIn(const void* v, const JsonIn* p, std::string_view k, std::size_t i)
      : value_(v), parent_(p), key_(k), index_(i) {}
  const void* value_;
  const JsonIn* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
};

namespace detail {

template <class T>
consteval std::string_view type_name() {
  std::string_view s = __PRETTY_FUNCTION__;
  return s.substr(s.find("T = ") + 4, s.size() - s.find("T = ") - 5);
}

struct AnyMember {  // never called; has a body because std::optional's constructor is instantiated
                    // with it
  template <class U>
  operator U() const {
    std::terminate();
  }
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

template <std::size_t N>
constexpr auto tie_members(auto& v) {
  if constexpr (N == 0) return std::tuple<>();
#include "temporal/json_members.inc"
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
template <class E>
constexpr auto enumerators = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{enumerator_raw<static_cast<E>(I)>()...};
}(std::make_index_sequence<kEnumeratorLimit>());

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

}  // namespace detail

template <class T>
struct Json {  // specialise for a type with private state
  static void write(JsonOut out, const T& v) {
    if constexpr (std::is_same_v<T, bool>)
      out.boolean(v);
    else if constexpr (std::is_enum_v<T>)
      out.string(name_of(v));
    else if constexpr (std::is_floating_point_v<T>)
      out.number(v);
    else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      out.integer(v);
    else if constexpr (std::is_integral_v<T>)
      out.natural(v);
    else if constexpr (std::is_convertible_v<T, std::string_view>)
      out.string(v);
    else if constexpr (detail::is_optional<T>)
      v ? Json<typename T::value_type>::write(out, *v) : out.null();
    else if constexpr (detail::is_vector<T>) {
      out.array();
      for (const auto& e : v) Json<typename T::value_type>::write(out.element(), e);
    } else
      write_members(out, v, members());
  }
  static T read(const JsonIn& in) {
    if constexpr (std::is_same_v<T, bool>)
      return in.boolean();
    else if constexpr (std::is_enum_v<T>)
      return enum_of(in);
    else if constexpr (std::is_floating_point_v<T>)
      return static_cast<T>(in.number());
    else if constexpr (std::is_integral_v<T>)
      return whole_number(in);
    else if constexpr (std::is_same_v<T, std::string>)
      return T(in.string());
    else if constexpr (detail::is_optional<T>) {
      return in.is_null() ? T() : T(Json<typename T::value_type>::read(in));
    } else if constexpr (detail::is_vector<T>) {
      T v;
      for (std::size_t i = 0, n = in.size(); i < n; ++i)
        v.push_back(Json<typename T::value_type>::read(in.at(i)));
      return v;
    } else
      return read_members(in, members());
  }

 private:
  static constexpr auto members() {
    static_assert(std::is_aggregate_v<T> && !std::is_array_v<T>,
                  "temporal::Json<T>: T is no aggregate; specialise temporal::Json<T> for it");
    static_assert(detail::member_count<T>() <= 32,
                  "temporal::Json<T>: T has more than 32 members; specialise temporal::Json<T>");
    return std::make_index_sequence<detail::member_count<T>()>();
  }
  template <std::size_t... I>
  static void write_members(JsonOut out, const T& v, std::index_sequence<I...>) {
    out.object();
    auto m = detail::tie_members<sizeof...(I)>(v);
    (Json<std::remove_cvref_t<decltype(std::get<I>(m))>>::write(
         out.member(detail::member_name<T, I>()), std::get<I>(m)),
     ...);
  }
  template <std::size_t... I>
  static T read_members(const JsonIn& in, std::index_sequence<I...>) {
    using Members = decltype(detail::tie_members<sizeof...(I)>(std::declval<const T&>()));
    in.expect_object();
    return T{read_member<std::remove_cvref_t<std::tuple_element_t<I, Members>>>(
        in, detail::member_name<T, I>())...};
  }
  template <class M>
  static M read_member(const JsonIn& in, std::string_view name) {
    if (auto v = in.find(name)) return Json<M>::read(*v);
    if constexpr (detail::is_optional<M>)
      return M();
    else
      in.fail("has no member \"" + std::string(name) + "\"");
  }
  static T whole_number(const JsonIn& in) {
    if constexpr (std::is_signed_v<T>) {
      auto n = in.integer();
      if (n < std::numeric_limits<T>::min() || n > std::numeric_limits<T>::max())
        in.fail("is out of range");
      return static_cast<T>(n);
    } else {
      auto n = in.natural();
      if (n > std::numeric_limits<T>::max()) in.fail("is out of range");
      return static_cast<T>(n);
    }
  }
  static std::string_view name_of(T e) {
    static_assert(std::is_scoped_enum_v<T>,
                  "temporal::Json<T>: only an enum class has names to read");
    auto i = static_cast<std::int64_t>(e);
    if (i < 0 || i >= detail::kEnumeratorLimit || detail::enumerators<T>[i].empty())
      throw ConversionError("no enumerator of " + std::string(detail::type_name<T>()) +
                            " has the value " + std::to_string(i));
    return detail::enumerators<T>[i];
  }
  static T enum_of(const JsonIn& in) {
    auto name = in.string();
    for (std::size_t i = 0; i < detail::enumerators<T>.size(); ++i)
      if (!name.empty() && detail::enumerators<T>[i] == name) return static_cast<T>(i);
    in.fail("is no enumerator of " + std::string(detail::type_name<T>()) + ": " +
            std::string(name));
  }
};

namespace detail {
std::string write_json(void (*write)(JsonOut, const void*), const void* value);
void read_json(std::string_view text, void (*read)(const JsonIn&, void*), void* out);
}  // namespace detail

template <class T>
std::string to_json(const T& v) {
  return detail::write_json(
      [](JsonOut o, const void* p) { Json<T>::write(o, *static_cast<const T*>(p)); }, &v);
}
template <class T>
T from_json(std::string_view text) {
  std::optional<T> v;
  detail::read_json(
      text,
      [](const JsonIn& in, void* p) {
        static_cast<std::optional<T>*>(p)->emplace(Json<T>::read(in));
      },
      &v);
  return std::move(*v);
}

}  // namespace temporal
