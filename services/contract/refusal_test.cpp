#include "contract/refusal.h"

#include <gtest/gtest.h>

#include <set>

namespace ordering {
namespace {

TEST(Refusal, EveryCodeIsWholeAndUnique) {
  std::set<std::string_view> names, sentences;
  for (const CodeEntry& entry : all_codes()) {
    EXPECT_FALSE(entry.code.empty());
    EXPECT_FALSE(entry.korean.empty()) << entry.code;
    EXPECT_GE(entry.http_status, 400) << entry.code;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    // refusal_in tells P001's two names apart by their sentences.
    EXPECT_TRUE(sentences.insert(entry.english).second) << entry.english;
    EXPECT_EQ(explain(entry.id).name, entry.name);
    EXPECT_EQ(find_name(entry.name), entry.id);
    EXPECT_EQ(explain(find_code(entry.code).value()).code, entry.code);
  }
}

TEST(Refusal, OnlyARefusedRestockIsTriedAgain) {
  for (const CodeEntry& entry : all_codes())
    EXPECT_EQ(entry.retryable, entry.code == "I006") << entry.code;
}

TEST(Refusal, AnUnknownCodeIsNone) {
  EXPECT_FALSE(find_code("P003"));
  EXPECT_FALSE(find_code(""));
  EXPECT_FALSE(find_code("p001"));
}

}  // namespace
}  // namespace ordering
