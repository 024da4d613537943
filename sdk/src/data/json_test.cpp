#include "temporal/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>

using temporal::ConversionError;
using temporal::from_json;
using temporal::to_json;
using namespace std::chrono_literals;

namespace {

enum class Color { red, green = 5 };
struct Line {
  std::string item;
  std::optional<int> count;
  bool operator==(const Line&) const = default;
};
struct Basket {
  Line first;
  std::vector<Line> lines;
  Color color = Color::red;
  double price = 0;
  bool paid = false;
  std::uint64_t big = 0;
  std::optional<Line> gift = {};
  const std::string fixed = {};
  bool operator==(const Basket&) const = default;
};
struct Small {
  std::int8_t n;
};
struct Tree {
  std::string name;
  std::vector<Tree> children;
  bool operator==(const Tree&) const = default;
};
struct Empty {};
struct M32 {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2,
      c3, c4, c5, c6, c7, c8, c9, d0, d1;
};
class Counter {
 public:
  Counter() = default;
  explicit Counter(int count) : count_(count) {}
  bool operator==(const Counter&) const = default;

 private:
  int count_ = 0;
  std::optional<std::string> note_ = {};
  // NOLINTNEXTLINE(readability-identifier-naming): without the underscore, as it is written
  std::vector<std::string> tags = {"a"};
  TEMPORAL_JSON(Counter, count_, note_, tags);
};
class OrderId {
 public:
  explicit OrderId(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};
struct Order {
  OrderId order_id;
  Color color;
};

template <class T>
std::string error(std::string_view text) {
  try {
    from_json<T>(text);
  } catch (const ConversionError& e) {
    return e.what();
  }
  return "none";
}
template <class T>
std::string write_error(const T& value) {
  try {
    return "none: " + to_json(value);
  } catch (const ConversionError& e) {
    return e.what();
  }
}

}  // namespace

template <>
struct temporal::Json<OrderId> {
  static void write(JsonOut out, const OrderId& id) { out.string(id.text()); }
  static OrderId read(const JsonIn& in) { return OrderId(std::string(in.string())); }
};

TEST(Json, AggregatesNeedNothing) {
  const Basket b{{"x", 3}, {{"y", {}}, {"\"z\"", 1}}, Color::green, 1.5, true, ~0ull, Line{"g", 0},
                 "f"};
  const auto text = to_json(b);
  EXPECT_EQ(text, R"({"first":{"item":"x","count":3},"lines":[{"item":"y","count":null},)"
                  R"({"item":"\"z\"","count":1}],"color":"green","price":1.5,"paid":true,)"
                  R"("big":18446744073709551615,"gift":{"item":"g","count":0},"fixed":"f"})");
  EXPECT_EQ(from_json<Basket>(text), b);
}

TEST(Json, LocalAndEmptyAndLargeAggregates) {
  struct Local {
    int here;
    Color color;
  };
  EXPECT_EQ(to_json(Local{1, Color::red}), R"({"here":1,"color":"red"})");
  EXPECT_EQ(to_json(Empty{}), "{}");
  from_json<Empty>(R"({"unknown":1})");
  EXPECT_TRUE(to_json(M32{}).ends_with(R"("d1":0})"));
  EXPECT_EQ(from_json<M32>(to_json(M32{.d1 = 4})).d1, 4);
}

TEST(Json, RecursiveAggregates) {
  const Tree t{"a", {{"b", {{"c", {}}}}, {"d", {}}}};
  EXPECT_EQ(from_json<Tree>(to_json(t)), t);
}

TEST(Json, MissingOptionalIsEmptyAndUnknownIsIgnored) {
  EXPECT_EQ(from_json<Line>(R"({"unknown":[1,{"a":2}],"item":"x"})"), (Line{"x", {}}));
  EXPECT_EQ(from_json<Line>(R"({"count":2,"item":"x"})"), (Line{"x", 2}));
}

TEST(Json, ErrorsNameThePlace) {
  EXPECT_EQ(error<Line>("{}"), R"($ has no member "item")");
  EXPECT_EQ(error<Line>("[]"), "$ is no object");
  EXPECT_EQ(error<Basket>(R"({"first":{"item":"x"},"lines":[{"item":"a"},{"item":7}]})"),
            "$.lines[1].item is no string");
  EXPECT_EQ(error<Small>(R"({"n":200})"), "$.n is out of range");
  EXPECT_TRUE(error<Color>(R"("blue")").starts_with("$ is no enumerator of"));
  EXPECT_EQ(error<Color>(R"("")").substr(0, 20), "$ is no enumerator o");
  EXPECT_TRUE(error<Line>("{").starts_with("no JSON: "));
  EXPECT_TRUE(error<Line>("").starts_with("no JSON: "));
  EXPECT_TRUE(error<int>("1 2").starts_with("no JSON: "));
  EXPECT_EQ(write_error(std::map<std::string, std::vector<double>>{{"a", {1, NAN}}}),
            "$.a[1] is NaN or infinite, which JSON has not");
  EXPECT_TRUE(write_error(std::vector{static_cast<Color>(3)})
                  .starts_with("$[0] is 3, which is no enumerator of "));
}

TEST(Json, WholeNumbersComeFromWholeNumbersOnly) {
  EXPECT_EQ(error<int>("1.0"), "$ is no whole number");
  EXPECT_EQ(error<int>("1e3"), "$ is no whole number");
  EXPECT_EQ(error<int>("true"), "$ is no whole number");
  EXPECT_EQ(error<int>("\"1\""), "$ is no whole number");
  EXPECT_EQ(error<unsigned>("-1"), "$ is no natural number");
  EXPECT_EQ(error<std::int64_t>("9223372036854775808"), "$ is out of range");
  EXPECT_EQ(error<std::uint64_t>("18446744073709551616"), "$ is no natural number");
  EXPECT_EQ(from_json<std::int64_t>("-9223372036854775808"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(from_json<std::uint64_t>("18446744073709551615"), ~0ull);
  EXPECT_EQ(from_json<double>("3"), 3.0);
}

TEST(Json, NumbersAreWrittenAsOtherSdksDo) {
  EXPECT_EQ(to_json(1.5), "1.5");
  EXPECT_EQ(to_json(3.0), "3");
  EXPECT_EQ(to_json(-0.1), "-0.1");
  EXPECT_EQ(to_json(0.1f), "0.1");
  EXPECT_EQ(to_json(0.000001), "0.000001");
  EXPECT_EQ(to_json(1e20), "100000000000000000000");
  EXPECT_EQ(to_json(1e21), "1e+21");
  EXPECT_EQ(to_json(123456789012.5), "123456789012.5");
  EXPECT_TRUE(write_error(std::numeric_limits<float>::infinity()).starts_with("$ is NaN"));
  EXPECT_TRUE(error<double>("1e999").starts_with("no JSON: "));
  EXPECT_TRUE(error<double>("NaN").starts_with("no JSON: "));
  EXPECT_EQ(from_json<double>("1e-999"), 0.0);
}

TEST(Json, StringsAreUtf8) {
  EXPECT_EQ(to_json(std::string("a\"\\\b\f\n\r\t\x01\x1f/주문\xf0\x9f\x98\x80")),
            R"("a\"\\\b\f\n\r\t\u0001\u001f/주문😀")");
  EXPECT_EQ(from_json<std::string>(R"("\u00e9\ud83d\ude00\/")"), "é😀/");
  EXPECT_EQ(from_json<std::string>(R"("x\u0000y")"), std::string("x\0y", 3));
  for (const auto* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                          "\x80", "\xc3(", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_TRUE(write_error(Line{bad, {}}).starts_with("$.item is no valid UTF-8")) << bad;
    EXPECT_TRUE(error<std::string>("\"" + std::string(bad) + "\"").starts_with("no JSON: ")) << bad;
  }
  EXPECT_TRUE(error<std::string>(R"("\ud83d")").starts_with("no JSON: "));
  EXPECT_TRUE(error<std::string>("\"a\nb\"").starts_with("no JSON: "));
}

TEST(Json, EscapedStringsKeepApart) {  // the parser's buffer is used again for each of them
  const auto v = from_json<std::vector<std::string>>(R"(["a\nb","plain","c\nd","\u00e9"])");
  EXPECT_EQ(v, (std::vector<std::string>{"a\nb", "plain", "c\nd", "é"}));
  EXPECT_EQ(from_json<Line>(R"({"it\u0065m":"x"})").item, "x");
}

TEST(Json, Containers) {
  using Map = std::map<std::string, int>;
  EXPECT_EQ(to_json(Map{{"b", 2}, {"a\n", 1}}), R"({"a\n":1,"b":2})");
  EXPECT_EQ(from_json<Map>(R"({"a\n":1,"b":2})"), (Map{{"b", 2}, {"a\n", 1}}));
  EXPECT_EQ(error<Map>(R"({"a":1,"b":"x"})"), "$.b is no whole number");
  EXPECT_EQ(to_json(std::array{1, 2}), "[1,2]");
  EXPECT_EQ((from_json<std::array<int, 2>>("[1,2]")), (std::array{1, 2}));
  EXPECT_EQ((error<std::array<int, 2>>("[1]")), "$ has 1 elements, not 2");
  using Mixed = std::tuple<int, std::string, std::optional<bool>>;
  EXPECT_EQ(to_json(Mixed{1, "a", true}), R"([1,"a",true])");
  EXPECT_EQ(from_json<Mixed>(R"([1,"a",null])"), (Mixed{1, "a", {}}));
  EXPECT_EQ((error<std::pair<int, int>>(R"([1,"a"])")), "$[1] is no whole number");
  EXPECT_EQ(to_json(std::vector<bool>{true, false}), "[true,false]");
  EXPECT_EQ(from_json<std::vector<bool>>("[true,false]"), (std::vector<bool>{true, false}));
  EXPECT_EQ(to_json(std::set<int>{2, 1}), "[1,2]");
  EXPECT_EQ(to_json(std::vector<std::vector<int>>{{}, {1}, {}}), "[[],[1],[]]");
  EXPECT_EQ(to_json(std::vector<Empty>(2)), "[{},{}]");
}

TEST(Json, ClassesListTheirMembers) {
  EXPECT_EQ(to_json(Counter(3)), R"({"count":3,"note":null,"tags":["a"]})");
  EXPECT_EQ(from_json<Counter>(R"({"count":3,"tags":["a"]})"), Counter(3));
  EXPECT_EQ(error<Counter>("{}"), R"($ has no member "count")");
  EXPECT_EQ(to_json(Order{OrderId("o"), Color::red}), R"({"order_id":"o","color":"red"})");
  EXPECT_EQ(from_json<Order>(R"({"order_id":"o","color":"green"})").order_id.text(), "o");
}

TEST(Json, Bytes) {
  EXPECT_EQ(to_json(temporal::Bytes{std::string("\0\xff\x10", 3)}), R"("AP8Q")");
  EXPECT_EQ(to_json(temporal::Bytes{"ab"}), R"("YWI=")");
  EXPECT_EQ(from_json<temporal::Bytes>(R"("YWI")").data, "ab");
  EXPECT_EQ(from_json<temporal::Bytes>(R"("_-8=")").data, "\xff\xef");
  EXPECT_EQ(error<temporal::Bytes>(R"("Y")"), "$ is no base64");
  EXPECT_EQ(error<temporal::Bytes>(R"("YW!=")"), "$ is no base64");
}

TEST(Json, Durations) {
  EXPECT_EQ(to_json(1500ms), R"("1.5s")");
  EXPECT_EQ(to_json(-90min), R"("-5400s")");
  EXPECT_EQ(to_json(-1ns), R"("-0.000000001s")");
  EXPECT_EQ(from_json<std::chrono::milliseconds>(R"("1.5s")"), 1500ms);
  EXPECT_EQ(from_json<std::chrono::milliseconds>(R"("-0.25s")"), -250ms);
  EXPECT_EQ(error<std::chrono::seconds>(R"("1.5s")"), "$ is too precise or too long");
  EXPECT_EQ(error<std::chrono::seconds>(R"("1.5")"), R"($ is no duration like "1.5s")");
  EXPECT_EQ(error<std::chrono::seconds>(R"("s")"), R"($ is no duration like "1.5s")");
  EXPECT_TRUE(write_error(std::chrono::hours::max()).starts_with("$ is beyond"));
}

TEST(Json, Times) {
  const auto time = std::chrono::sys_days(std::chrono::January / 2 / 2026) + 3h + 4min + 5s;
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;
  EXPECT_EQ(to_json(time), R"("2026-01-02T03:04:05Z")");
  EXPECT_EQ(to_json(time + 500ms), R"("2026-01-02T03:04:05.5Z")");
  EXPECT_EQ(from_json<Time>(R"("2026-01-02T03:04:05.500Z")"), time + 500ms);
  EXPECT_EQ(from_json<Time>(R"("2026-01-02T12:04:05+09:00")"), time);
  EXPECT_EQ(from_json<Time>(R"("2026-01-01T19:34:05-07:30")"), time);
  EXPECT_EQ(to_json(std::chrono::system_clock::time_point(-1ns)),
            R"("1969-12-31T23:59:59.999999999Z")");
  for (const auto* bad : {"2026-02-30T00:00:00Z", "2026-01-02", "2026-01-02T03:04:05", "x",
                          "2026-01-02T24:00:00Z", "2026-01-02T03:04:05.Z", "0001-01-01T00:00:00Z"})
    EXPECT_TRUE(error<Time>("\"" + std::string(bad) + "\"").starts_with("$ is no time")) << bad;
}

TEST(Json, DepthIsBounded) {
  Tree t{"x", {}};
  for (int i = 0; i < 40; ++i) {
    Tree parent{"x", {}};
    parent.children.push_back(std::move(t));
    t = std::move(parent);
  }
  EXPECT_TRUE(write_error(t).ends_with("is nested too deep"));
  EXPECT_TRUE(error<int>(std::string(100'000, '[')).starts_with("no JSON: "));
}

TEST(Json, AFailedWriteLeavesNothing) {
  std::string out = "before";
  const double nan = NAN;
  EXPECT_THROW(temporal::detail::write_json(
                   out,
                   [](temporal::JsonOut o, const void* p) {
                     temporal::Json<std::vector<double>>::write(
                         o, {1, *static_cast<const double*>(p)});
                   },
                   &nan),
               ConversionError);
  EXPECT_EQ(out, "before");
}

RC_GTEST_PROP(JsonProperty, DoublesComeBackToTheBit, (std::uint64_t bits)) {
  const auto d = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(d));
  RC_ASSERT(from_json<double>(to_json(d)) == d);
}
RC_GTEST_PROP(JsonProperty, FloatsComeBack, (std::uint32_t bits)) {
  const auto f = std::bit_cast<float>(bits);
  RC_PRE(std::isfinite(f));
  RC_ASSERT(from_json<float>(to_json(f)) == f);
}
RC_GTEST_PROP(JsonProperty, IntegersComeBack, (std::int64_t i, std::uint64_t u)) {
  RC_ASSERT(from_json<std::int64_t>(to_json(i)) == i);
  RC_ASSERT(from_json<std::uint64_t>(to_json(u)) == u);
}
RC_GTEST_PROP(JsonProperty, TextComesBackOrIsRefused, (const std::string& bytes)) {
  std::string text;
  try {
    text = to_json(bytes);
  } catch (const ConversionError&) {  // then no reader takes it either
    RC_ASSERT(error<std::string>("\"" + bytes + "\"") != "none");
    return;
  }
  RC_ASSERT(from_json<std::string>(text) == bytes);
}
RC_GTEST_PROP(JsonProperty, MapsComeBack, (const std::map<std::string, std::vector<int>>& map)) {
  std::string text;
  try {
    text = to_json(map);
  } catch (const ConversionError&) {
    return;  // a key that is no UTF-8
  }
  RC_ASSERT((from_json<std::map<std::string, std::vector<int>>>(text)) == map);
}
RC_GTEST_PROP(JsonProperty, BytesComeBack, (const std::string& bytes)) {
  RC_ASSERT(from_json<temporal::Bytes>(to_json(temporal::Bytes{bytes})).data == bytes);
}
RC_GTEST_PROP(JsonProperty, TimesAndDurationsComeBack, (std::int64_t n)) {
  const std::chrono::nanoseconds duration(n);
  RC_ASSERT(from_json<std::chrono::nanoseconds>(to_json(duration)) == duration);
  const std::chrono::sys_time<std::chrono::nanoseconds> time(duration);
  RC_ASSERT(from_json<std::chrono::sys_time<std::chrono::nanoseconds>>(to_json(time)) == time);
}
RC_GTEST_PROP(JsonProperty, AnyTextIsReadOrRefused, (const std::string& text)) {
  (void)error<Basket>(text);  // ASan and UBSan watch
}
