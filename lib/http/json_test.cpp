#include "http/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/problem.h"

namespace http {
namespace {

using testing::HasSubstr;

// The sentence a text is refused with; "" when it is taken.
std::string refusal(std::string_view text) {
  try {
    Json::parse(text);
    return "";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status, 400);
    EXPECT_FALSE(problem.message.korean.empty());
    return problem.message.english;
  }
}
template <class Read>
std::string refusal_of(Read read) {
  try {
    read();
    return "";
  } catch (const Problem& problem) {
    return problem.message.english;
  }
}

TEST(Json, NumbersKeepTheirText) {
  for (const char* literal :
       {"999999999999.99", "0.1", "1.000", "-0", "1e2", "1E+2", "12345678901234567890123",
        "0.30000000000000000000000000001", "1e400", "-9223372036854775808", "7"}) {
    const Json body = Json::parse("{\"amount\":" + std::string(literal) + "}");
    EXPECT_EQ(body.number("amount"), literal);
  }
  EXPECT_EQ(Json::parse(" 12.50 ").literal(), "12.50");
}

TEST(Json, ReadsEveryKind) {
  const Json body = Json::parse(
      R"({"s":"주\n문\u0041","n":-1,"t":true,"f":false,"z":null,"a":[1,[],{"x":[{"y":"deep"}]},"e"],"o":{},"":"empty"})");
  EXPECT_EQ(body.text("s"), "주\n문A");
  EXPECT_EQ(body.integer("n"), -1);
  EXPECT_TRUE(body.boolean("t"));
  EXPECT_EQ(body.optional_boolean("f"), false);
  EXPECT_EQ(body.optional_text("z"), std::nullopt);
  EXPECT_EQ(body.optional_number("absent"), std::nullopt);
  EXPECT_EQ(body.text(""), "empty");
  const auto& items = body.find("a")->items();
  ASSERT_EQ(items.size(), 4);
  EXPECT_EQ(items[0].literal(), "1");
  EXPECT_EQ(items[1].kind(), Json::Kind::array);
  EXPECT_EQ(items[2].find("x")->items()[0].text("y"), "deep");
  EXPECT_EQ(items[3].literal(), "e");
  EXPECT_EQ(body.find("z")->kind(), Json::Kind::null);
  EXPECT_EQ(body.members().front().name, "s");
}

TEST(Json, RefusesWithOneClearSentence) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("{\"a\":1"), HasSubstr("not complete"));
  EXPECT_THAT(refusal("{\"a\" 1}"), HasSubstr("not JSON at byte 6"));
  EXPECT_THAT(refusal("{\"a\":1} x"), HasSubstr("goes on after the JSON document, at byte 9"));
  EXPECT_THAT(refusal("{\"a\":\"\xFF\"}"), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal(R"({"a":1,"b":2,"a":1})"), HasSubstr("\"a\" stands twice"));
  EXPECT_THAT(refusal(R"({"a":{"":1,"":1}})"), HasSubstr("\"\" stands twice"));
  EXPECT_THAT(refusal(R"({"a":1,"\u0061":1})"), HasSubstr("\"a\" stands twice"));
  for (const char* bad :
       {"NaN", "Infinity", "01", "1.", ".5", "+1", "1e", "'a'", "{a:1}", "[1,]", "{\"a\":1,}",
        "\"\t\"", "\"\\x\"", "\"\\ud800\"", "tru", "// x\n1", "\xEF\xBB\xBF{}", "1 2"}) {
    EXPECT_NE(refusal(bad), "") << bad;
  }
}

TEST(Json, NestingIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(refusal(nested(Json::kMaxDepth)), "");
  EXPECT_THAT(refusal(nested(Json::kMaxDepth + 1)), HasSubstr("nested deeper than 32"));
  EXPECT_NE(refusal(std::string(60'000, '[')), "");
}

TEST(Json, AWholeNumberMayHaveZerosBehindThePoint) {
  const Json body = Json::parse(R"({"a":128.0,"b":-3.000,"c":1.50,"d":1.0e2})");
  EXPECT_EQ(body.integer("a"), 128);
  EXPECT_EQ(body.integer("b"), -3);
  EXPECT_NE(refusal_of([&] { body.integer("c"); }), "");
  EXPECT_NE(refusal_of([&] { body.integer("d"); }), "");
}

TEST(Json, MembersAreNamedInRefusals) {
  const Json body = Json::parse(R"({"n":1.5,"s":"x","z":null})");
  EXPECT_EQ(refusal_of([&] { body.text("n"); }), "n must be a string");
  EXPECT_EQ(refusal_of([&] { body.text("a"); }), "a is missing: it must be a string");
  EXPECT_EQ(refusal_of([&] { body.number("z"); }), "z is missing: it must be a number");
  EXPECT_EQ(refusal_of([&] { body.integer("n", 1, 9); }), "n must be a whole number, 1 to 9");
  EXPECT_EQ(refusal_of([&] { body.optional_text("n"); }), "n must be a string");
  EXPECT_EQ(refusal_of([] { Json::parse("[]").find("a"); }), "the body must be a JSON object");
}

TEST(Json, ManyMembersAreNoTrap) {
  std::string text = "{";
  for (int i = 0; i < 8000; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  EXPECT_EQ(refusal(text + "}"), "");
}

}  // namespace
}  // namespace http
