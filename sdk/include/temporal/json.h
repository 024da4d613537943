// JSON of C++ types, read and written without a line of code for most of them:
//
//   struct Line { std::string item; std::optional<int> count; };
//   temporal::to_json(Line{"bolt", 3});                     // {"item":"bolt","count":3}
//   temporal::from_json<Line>(R"({"item":"bolt"})");        // count is empty
//
// Aggregates need nothing, up to 32 members, nested, local and in unnamed namespaces too: their
// members' names are read at compile time. Likewise the enumerators of an enum class whose values
// are 0…127. These names are the wire names: renaming one changes the payloads of running
// histories, and a new member that is not optional makes old payloads an error.
//
//   bool, numbers, std::string      as they are; a whole number is read from a whole number only
//   std::optional                   null, and a missing member, when empty
//   vector, deque, array, set       an array
//   std::map, string keys           an object
//   std::pair, std::tuple           an array
//   std::chrono durations           "1.5s", as protobuf's JSON has it; what does not fit is refused
//   system_clock time_points        RFC 3339: "2026-01-02T03:04:05.5Z"
//   temporal::Bytes                 base64
//
// A class with private members writes TEMPORAL_JSON in its body; what is more than its members, or
// must keep a wire name, specialises Json<T>:
//
//   class Counter {
//     int count_ = 0;  // wire name: "count"
//     TEMPORAL_JSON(Counter, count_);
//   };
//   template <>
//   struct temporal::Json<OrderId> {
//     static void write(JsonOut out, const OrderId& id) { out.string(id.text()); }
//     static OrderId read(const JsonIn& in) { return OrderId(std::string(in.string())); }
//   };
//
// Unknown members are ignored, of several with one name the first counts. Refused, with a
// ConversionError that names the place: a missing member that is not optional, a wrong type, NaN
// and infinity, invalid UTF-8, more than kJsonDepthLimit levels. Thread-safe: nothing is shared.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "temporal/detail/reflect.h"
#include "temporal/json_document.h"

namespace temporal {

template <class T>
struct Json;

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> ||
    std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>;

template <class T>
T whole_number(const JsonIn& in) {
  if constexpr (std::is_signed_v<T>) {
    const auto n = in.integer();
    if (n < std::numeric_limits<T>::min() || n > std::numeric_limits<T>::max())
      in.fail("is out of range");
    return static_cast<T>(n);
  } else {
    const auto n = in.natural();
    if (n > std::numeric_limits<T>::max()) in.fail("is out of range");
    return static_cast<T>(n);
  }
}

void write_enumerator(JsonOut out, std::int64_t value, const std::string_view* names,
                      std::string_view type);
std::size_t read_enumerator(const JsonIn& in, const std::string_view* names, std::string_view type);

[[noreturn]] void fail_missing(const JsonIn& in, std::string_view member);

template <class M>
M read_member(const JsonIn& in, std::string_view name) {
  if (const auto found = in.find(name)) return Json<M>::read(*found);
  if constexpr (is_optional<M>)
    return M();
  else
    fail_missing(in, name);
}

template <class T>
struct AggregateJson {
  static constexpr auto members() {
    static_assert(std::is_aggregate_v<T> && !std::is_array_v<T> && !std::is_union_v<T>,
                  "temporal::Json<T>: T is no aggregate; specialise temporal::Json<T> for it");
    static_assert(!has_base<T>(),
                  "temporal::Json<T>: T has a base class; specialise temporal::Json<T> for it");
    static_assert(member_count<T>() <= 32,
                  "temporal::Json<T>: T has more than 32 members; specialise temporal::Json<T>");
    static_assert(!has_array<T>(),
                  "temporal::Json<T>: T has a C array; make it a std::array, or specialise "
                  "temporal::Json<T>");
    return std::make_index_sequence<member_count<T>()>();
  }
  template <std::size_t... I>
  static void write(JsonOut out, const T& v, std::index_sequence<I...>) {
    out.object();
    [[maybe_unused]] const auto m = tie_members<sizeof...(I)>(v);
    (Json<std::remove_cvref_t<decltype(std::get<I>(m))>>::write(out.member(member_name<T, I>()),
                                                                std::get<I>(m)),
     ...);
  }
  template <std::size_t... I>
  static T read(const JsonIn& in, std::index_sequence<I...>) {
    using Members = decltype(tie_members<sizeof...(I)>(std::declval<const T&>()));
    in.expect_object();
    return T{read_member<std::remove_cvref_t<std::tuple_element_t<I, Members>>>(
        in, member_name<T, I>())...};
  }
};

// What TEMPORAL_JSON lists: wire names and members, of a class that has a default constructor.
template <class T, class M>
struct ListedMember {
  std::string_view name;
  M T::* member;
};
template <class T>
struct JsonOf {};
template <class T>
concept ListsMembers = requires { temporal_json_members(JsonOf<T>()); };

consteval std::string_view listed_name(std::string_view member) {  // "count_" is "count"
  if (member.ends_with('_')) member.remove_suffix(1);
  return member;
}
template <class T, class M>
consteval ListedMember<T, M> listed(std::string_view name, M T::* member) {
  return {listed_name(name), member};
}

template <class T>
struct ListedJson {
  static void write(JsonOut out, const T& v) {
    out.object();
    std::apply([&](const auto&... m) { (write_one(out.member(m.name), v.*m.member), ...); },
               temporal_json_members(JsonOf<T>()));
  }
  static T read(const JsonIn& in) {
    in.expect_object();
    T v;
    std::apply(
        [&](const auto&... m) {
          ((v.*m.member = read_member<std::remove_cvref_t<decltype(v.*m.member)>>(in, m.name)),
           ...);
        },
        temporal_json_members(JsonOf<T>()));
    return v;
  }

 private:
  template <class M>
  static void write_one(JsonOut out, const M& value) {
    Json<M>::write(out, value);
  }
};

}  // namespace detail

template <class T>
struct Json {  // scalars, enums, aggregates, and classes with TEMPORAL_JSON; specialise for others
  static void write(JsonOut out, const T& v) {
    static_assert(!detail::is_character<T>,
                  "temporal::Json<T>: a character is no JSON; use std::string");
    if constexpr (std::is_same_v<T, bool>)
      out.boolean(v);
    else if constexpr (std::is_enum_v<T>)
      detail::write_enumerator(out, checked_enum(v), detail::enumerators<T>.data(),
                               detail::type_name<T>());
    else if constexpr (std::is_same_v<T, float>)
      out.single(v);
    else if constexpr (std::is_floating_point_v<T>)
      out.number(static_cast<double>(v));
    else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      out.integer(v);
    else if constexpr (std::is_integral_v<T>)
      out.natural(v);
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
      out.string(v);
    else if constexpr (detail::ListsMembers<T>)
      detail::ListedJson<T>::write(out, v);
    else
      detail::AggregateJson<T>::write(out, v, detail::AggregateJson<T>::members());
  }

  static T read(const JsonIn& in) {
    static_assert(!detail::is_character<T>,
                  "temporal::Json<T>: a character is no JSON; use std::string");
    if constexpr (std::is_same_v<T, bool>)
      return in.boolean();
    else if constexpr (std::is_enum_v<T>)
      return (void)checked_enum(T()),
             static_cast<T>(detail::read_enumerator(in, detail::enumerators<T>.data(),
                                                    detail::type_name<T>()));
    else if constexpr (std::is_floating_point_v<T>)
      return static_cast<T>(in.number());
    else if constexpr (std::is_integral_v<T>)
      return detail::whole_number<T>(in);
    else if constexpr (std::is_same_v<T, std::string>)
      return T(in.string());
    else if constexpr (detail::ListsMembers<T>)
      return detail::ListedJson<T>::read(in);
    else
      return detail::AggregateJson<T>::read(in, detail::AggregateJson<T>::members());
  }

 private:
  static std::int64_t checked_enum(T e) {
    static_assert(std::is_scoped_enum_v<T>,
                  "temporal::Json<T>: only an enum class has names to read");
    return static_cast<std::int64_t>(e);
  }
};

template <>
struct Json<std::monostate> {
  static void write(JsonOut out, std::monostate) { out.null(); }
  static std::monostate read(const JsonIn&) { return {}; }
};

template <class T>
struct Json<std::optional<T>> {
  static void write(JsonOut out, const std::optional<T>& v) {
    if (v)
      Json<T>::write(out, *v);
    else
      out.null();
  }
  static std::optional<T> read(const JsonIn& in) {
    if (in.is_null()) return std::nullopt;
    return Json<T>::read(in);
  }
};

namespace detail {
template <class Sequence>
struct SequenceJson {
  using Element = typename Sequence::value_type;
  static void write(JsonOut out, const Sequence& v) {
    out.array();
    for (const Element& e : v) Json<Element>::write(out.element(), e);
  }
  static Sequence read(const JsonIn& in) {
    Sequence v;
    if constexpr (requires { v.reserve(1); }) v.reserve(in.size());
    in.for_each_element([&](const JsonIn& e) { v.insert(v.end(), Json<Element>::read(e)); });
    return v;
  }
};
}  // namespace detail

template <class T, class A>
struct Json<std::vector<T, A>> : detail::SequenceJson<std::vector<T, A>> {};
template <class T, class A>
struct Json<std::deque<T, A>> : detail::SequenceJson<std::deque<T, A>> {};
template <class T, class C, class A>
struct Json<std::set<T, C, A>> : detail::SequenceJson<std::set<T, C, A>> {};

namespace detail {
void expect_size(const JsonIn& in, std::size_t wanted);

template <class Tuple>
struct TupleJson {
  static void write(JsonOut out, const Tuple& v) {
    out.array();
    std::apply([&](const auto&... e) { (write_one(out.element(), e), ...); }, v);
  }
  static Tuple read(const JsonIn& in) {
    expect_size(in, std::tuple_size_v<Tuple>);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Tuple{Json<std::tuple_element_t<I, Tuple>>::read(in.at(I))...};
    }(std::make_index_sequence<std::tuple_size_v<Tuple>>());
  }

 private:
  template <class E>
  static void write_one(JsonOut out, const E& e) {
    Json<E>::write(out, e);
  }
};
}  // namespace detail

template <class... T>
struct Json<std::tuple<T...>> : detail::TupleJson<std::tuple<T...>> {};
template <class A, class B>
struct Json<std::pair<A, B>> : detail::TupleJson<std::pair<A, B>> {};

template <class T, std::size_t N>
struct Json<std::array<T, N>> {
  static void write(JsonOut out, const std::array<T, N>& v) {
    out.array();
    for (const T& e : v) Json<T>::write(out.element(), e);
  }
  static std::array<T, N> read(const JsonIn& in) {
    detail::expect_size(in, N);
    std::array<T, N> v{};
    std::size_t i = 0;
    in.for_each_element([&](const JsonIn& e) { v[i++] = Json<T>::read(e); });
    return v;
  }
};

template <class T, class C, class A>
struct Json<std::map<std::string, T, C, A>> {
  static void write(JsonOut out, const std::map<std::string, T, C, A>& v) {
    out.object();
    for (const auto& [key, value] : v) Json<T>::write(out.member(key), value);
  }
  static std::map<std::string, T, C, A> read(const JsonIn& in) {
    in.expect_object();
    std::map<std::string, T, C, A> v;
    in.for_each_member([&](std::string_view key, const JsonIn& value) {
      v.emplace(std::string(key), Json<T>::read(value));
    });
    return v;
  }
};

template <>
struct Json<Bytes> {
  static void write(JsonOut out, const Bytes& v);
  static Bytes read(const JsonIn& in);
};

namespace detail {
void write_duration(JsonOut out, std::chrono::nanoseconds value);
std::chrono::nanoseconds read_duration(const JsonIn& in);
void write_time(JsonOut out, std::chrono::sys_time<std::chrono::nanoseconds> value);
std::chrono::sys_time<std::chrono::nanoseconds> read_time(const JsonIn& in);

// To and from nanoseconds; what has no exact counterpart is refused.
template <class To, class From, class Fail>
To exact(From from, Fail fail) {
  using Wide = std::chrono::duration<long double, typename To::period>;
  const Wide wide = std::chrono::duration_cast<Wide>(from);
  if (wide < Wide(To::min()) || wide > Wide(To::max())) fail();
  const auto to = std::chrono::duration_cast<To>(from);
  if (Wide(to) != wide) fail();
  return to;
}
}  // namespace detail

template <class Rep, class Period>
  requires std::is_integral_v<Rep>
struct Json<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static void write(JsonOut out, Duration v) {
    detail::write_duration(
        out, detail::exact<std::chrono::nanoseconds>(v, [&] { out.fail("is beyond 292 years"); }));
  }
  static Duration read(const JsonIn& in) {
    return detail::exact<Duration>(detail::read_duration(in),
                                   [&] { in.fail("is too precise or too long"); });
  }
};

template <class Duration>
struct Json<std::chrono::sys_time<Duration>> {
  static void write(JsonOut out, std::chrono::sys_time<Duration> v) {
    detail::write_time(out, std::chrono::sys_time<std::chrono::nanoseconds>(
                                detail::exact<std::chrono::nanoseconds>(
                                    v.time_since_epoch(), [&] { out.fail("is beyond 2262"); })));
  }
  static std::chrono::sys_time<Duration> read(const JsonIn& in) {
    return std::chrono::sys_time<Duration>(detail::exact<Duration>(
        detail::read_time(in).time_since_epoch(), [&] { in.fail("is too precise or too far"); }));
  }
};

namespace detail {
void copy_json(const JsonIn& in, JsonOut out);  // any value, as it is
// Appends to `out`; when it throws, what it appended is taken back.
void write_json(std::string& out, void (*write)(JsonOut, const void*), const void* value);
void read_json(std::string_view text, void (*read)(const JsonIn&, void*), void* out);
}  // namespace detail

// Both throw ConversionError.
template <class T>
std::string to_json(const T& v) {
  std::string out;
  detail::write_json(
      out, [](JsonOut o, const void* p) { Json<T>::write(o, *static_cast<const T*>(p)); }, &v);
  return out;
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

// In the body of class T, which needs a default constructor: its members that travel, by the names
// they have, a trailing "_" dropped. At most 64.
#define TEMPORAL_JSON(T, ...)                                                                   \
  [[maybe_unused]] friend consteval auto temporal_json_members(::temporal::detail::JsonOf<T>) { \
    return std::tuple(__VA_OPT__(TEMPORAL_JSON_LIST_(T, __VA_ARGS__)));                         \
  }                                                                                             \
  friend struct ::temporal::detail::ListedJson<T>
#define TEMPORAL_JSON_ONE_(T, member) ::temporal::detail::listed(#member, &T::member)
#define TEMPORAL_JSON_LIST_(T, ...) \
  TEMPORAL_JSON_4_(TEMPORAL_JSON_4_(TEMPORAL_JSON_4_(TEMPORAL_JSON_STEP_(T, __VA_ARGS__))))
#define TEMPORAL_JSON_4_(...) TEMPORAL_JSON_2_(TEMPORAL_JSON_2_(TEMPORAL_JSON_2_(__VA_ARGS__)))
#define TEMPORAL_JSON_2_(...) TEMPORAL_JSON_1_(TEMPORAL_JSON_1_(__VA_ARGS__))
#define TEMPORAL_JSON_1_(...) __VA_ARGS__
#define TEMPORAL_JSON_STEP_(T, member, ...) \
  TEMPORAL_JSON_ONE_(T, member)             \
  __VA_OPT__(, TEMPORAL_JSON_AGAIN_ TEMPORAL_JSON_PARENS_(T, __VA_ARGS__))
#define TEMPORAL_JSON_PARENS_ ()
#define TEMPORAL_JSON_AGAIN_() TEMPORAL_JSON_STEP_
