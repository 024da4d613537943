#include "http/negotiation.h"

#include <gtest/gtest.h>

#include "http/problem.h"

namespace http {
namespace {

TEST(Accepts, TheMostSpecificRangeDecides) {
  EXPECT_TRUE(accepts("", "application/json"));
  EXPECT_TRUE(accepts("*/*", "application/json"));
  EXPECT_TRUE(accepts("text/html, APPLICATION/JSON", "application/json"));
  EXPECT_TRUE(accepts("application/*;q=0.001", "application/json"));
  EXPECT_TRUE(accepts("*/*;q=0, application/json", "application/json"));
  EXPECT_FALSE(accepts("*/*, application/*;q=0", "application/json"));
  EXPECT_FALSE(accepts("text/html", "application/json"));
  EXPECT_FALSE(accepts("application/json;q=0.0", "application/json"));
  EXPECT_FALSE(accepts("application/json;q=2", "application/json"));
  EXPECT_FALSE(accepts("app/*", "application/json"));
}

TEST(Language, KoreanWhenPreferred) {
  EXPECT_EQ(preferred_language(""), Language::english);
  EXPECT_EQ(preferred_language("ko"), Language::korean);
  EXPECT_EQ(preferred_language("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"), Language::korean);
  EXPECT_EQ(preferred_language("en-US,en;q=0.9,ko;q=0.8"), Language::english);
  EXPECT_EQ(preferred_language("ko, en"), Language::korean);
  EXPECT_EQ(preferred_language("en, ko"), Language::english);
  EXPECT_EQ(preferred_language("de, ko;q=0.2"), Language::korean);
  EXPECT_EQ(preferred_language("ko;q=0"), Language::english);
  EXPECT_EQ(preferred_language("*"), Language::english);
  EXPECT_EQ(preferred_language("kok"), Language::english);
  EXPECT_EQ(preferred_language(",;q=,;;=,"), Language::english);
}

TEST(Accept, WhatIsWantedMost) {
  const auto of = [](std::string_view accept) {
    return preferred_type(accept, {"application/json", "text/html"});
  };
  EXPECT_EQ(of(""), "application/json");
  EXPECT_EQ(of("*/*"), "application/json");
  EXPECT_EQ(of("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), "text/html");
  EXPECT_EQ(of("text/*;q=0.5, application/json;q=0.4"), "text/html");
  EXPECT_EQ(of("text/html, application/json"), "application/json");
  EXPECT_EQ(of("text/html;q=0, */*;q=0.1"), "application/json");
  EXPECT_EQ(of("text/plain"), "");
  EXPECT_EQ(of("*/*;q=0"), "");
}

TEST(ContentType, ParametersAndCase) {
  EXPECT_TRUE(is_of_type("application/json", "application/json"));
  EXPECT_TRUE(is_of_type("application/json ; charset=utf-8; x=y", "application/json"));
  EXPECT_FALSE(is_of_type("application/json; charset=latin1", "application/json"));
  EXPECT_FALSE(is_of_type("application/jsonx", "application/json"));
  EXPECT_FALSE(is_of_type("", "application/json"));
}

}  // namespace
}  // namespace http
