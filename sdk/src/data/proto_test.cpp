#include "data/proto.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

using namespace temporal;
using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

namespace {

constexpr TextKey kNote{"Note"};
constexpr KeywordKey kCode{"OrderCode"};
constexpr IntKey kAmount{"Amount"};
constexpr DoubleKey kRate{"Rate"};
constexpr BoolKey kPaid{"Paid"};
constexpr DatetimeKey kDue{"Due"};
constexpr KeywordListKey kTags{"Tags"};

const auto kTime =
    Clock::time_point(std::chrono::sys_days(std::chrono::January / 2 / 2026)) + 3h + 123456789ns;

detail::common::SearchAttributes parsed(const std::string& text) {
  detail::common::SearchAttributes out;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &out));
  return out;
}
std::string field(const std::string& name, const std::string& type, const std::string& data) {
  return "indexed_fields { key: \"" + name +
         "\" value { metadata { key: \"encoding\" value: \"json/plain\" } " +
         (type.empty() ? "" : "metadata { key: \"type\" value: \"" + type + "\" } ") + "data: '" +
         data + "' } }";
}

}  // namespace

TEST(SearchAttributes, ComeBackWithTheirTypes) {
  const SearchAttributes all = {kNote.is("two words"), kCode.is("A1"),      kAmount.is(-5),
                                kRate.is(0.5),         kPaid.is(true),      kDue.is(kTime),
                                kTags.is({"a", "b"}),  IntKey{"Zero"}.is(0)};
  const auto proto = detail::to_proto(all);
  const auto& due = proto.indexed_fields().at("Due");
  EXPECT_EQ(due.metadata().at("encoding"), "json/plain");
  EXPECT_EQ(due.metadata().at("type"), "Datetime");
  EXPECT_EQ(due.data(), R"("2026-01-02T03:00:00.123456789Z")");
  EXPECT_EQ(proto.indexed_fields().at("Tags").data(), R"(["a","b"])");
  EXPECT_EQ(detail::from_proto(proto), all);
  EXPECT_EQ(all.get(kAmount), -5);
  EXPECT_EQ(all.get(kTags), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(all.get(KeywordKey{"Other"}), std::nullopt);
  EXPECT_EQ(all.get(IntKey{"OrderCode"}), std::nullopt);
}

TEST(SearchAttributes, AreUnsetByANullOfTheirType) {
  const auto proto = detail::to_proto(SearchAttributes{kCode.unset()});
  const auto& payload = proto.indexed_fields().at("OrderCode");
  EXPECT_EQ(payload.metadata().at("encoding"), "binary/null");
  EXPECT_EQ(payload.metadata().at("type"), "Keyword");
  EXPECT_EQ(payload.data(), "");
  EXPECT_TRUE(detail::from_proto(proto).empty());
}

TEST(SearchAttributes, ChangesAreApplied) {
  SearchAttributes now = {kCode.is("A1"), kPaid.is(false)};
  now.apply({kCode.unset(), kPaid.is(true), kAmount.is(1)});
  EXPECT_EQ(now, (SearchAttributes{kPaid.is(true), kAmount.is(1)}));
}

TEST(SearchAttributes, OfOtherSdksAndOlderOnesAreRead) {
  const auto read = detail::from_proto(
      parsed(field("Paid", "", "true") + field("Amount", "", "7") + field("Rate", "Double", "2") +
             field("OrderCode", "Keyword", "[\"A1\"]") + field("Tags", "KeywordList", "\"a\"") +
             field("Due", "Datetime", "\"2026-01-02T12:00:00+09:00\"") +
             field("Broken", "Int", "\"x\"") + field("Unknown", "Geo", "\"x\"") +
             field("Emptied", "Keyword", "[]") + field("NoJson", "Keyword", "{")));
  EXPECT_EQ(read.get(kPaid), true);
  EXPECT_EQ(read.get(kAmount), 7);
  EXPECT_EQ(read.get(kRate), 2.0);
  EXPECT_EQ(read.get(kCode), "A1");
  EXPECT_EQ(read.get(kTags), (std::vector<std::string>{"a"}));
  EXPECT_EQ(read.get(kDue),
            Clock::time_point(std::chrono::sys_days(std::chrono::January / 2 / 2026)) + 3h);
  EXPECT_EQ(read.get(KeywordKey{"Unknown"}), "x");
  EXPECT_EQ(read.entries().size(), 7U);
}

TEST(Proto, TimesKeepTheirSigns) {
  EXPECT_EQ(detail::to_proto(-1500ms).seconds(), -1);
  EXPECT_EQ(detail::to_proto(-1500ms).nanos(), -500'000'000);
  const auto before_1970 = detail::to_proto(Clock::time_point(-1ns));
  EXPECT_EQ(before_1970.seconds(), -1);
  EXPECT_EQ(before_1970.nanos(), 999'999'999);
  google::protobuf::Duration huge;
  huge.set_seconds(315'576'000'000);  // protobuf's own limit
  EXPECT_GT(detail::from_proto(huge), std::chrono::hours(24 * 365 * 200));
}

RC_GTEST_PROP(ProtoProperty, TimesComeBack, (std::int64_t n)) {
  const Clock::time_point time{Clock::duration(n)};
  RC_PRE(n > std::numeric_limits<std::int64_t>::min() + 2'000'000'000);
  RC_PRE(n < std::numeric_limits<std::int64_t>::max() - 2'000'000'000);
  RC_ASSERT(detail::from_proto(detail::to_proto(time)) == time);
  const std::chrono::milliseconds duration(n / 1'000'000);
  RC_ASSERT(detail::from_proto(detail::to_proto(duration)) == duration);
}

TEST(Proto, PayloadsComeBack) {
  const Payload payload{{{"encoding", "x"}, {"k", std::string("\0\xff", 2)}}, "d", {5, 6}};
  detail::common::Payload proto;
  detail::to_proto(payload, &proto);
  EXPECT_EQ(detail::from_proto(proto), payload);
  detail::PayloadList list;
  detail::to_proto(std::vector{payload, Payload{}}, &list);
  EXPECT_EQ(detail::from_proto(list), (std::vector{payload, Payload{}}));
  detail::PayloadMap map;
  detail::to_proto(Headers{{"a", payload}}, &map);
  EXPECT_EQ(detail::from_proto(map), (Headers{{"a", payload}}));
}

TEST(Proto, OptionsComeBack) {
  const RetryPolicy policy{.initial_interval = 200ms,
                           .backoff_coefficient = 1.5,
                           .maximum_interval = 5s,
                           .maximum_attempts = 3,
                           .non_retryable_error_types = {"A", "B"}};
  EXPECT_EQ(detail::from_proto(detail::to_proto(policy)), policy);
  EXPECT_EQ(detail::from_proto(detail::to_proto(RetryPolicy())), RetryPolicy());
  EXPECT_FALSE(detail::to_proto(RetryPolicy()).has_maximum_interval());
  const Priority priority{2, "tenant", 0.5F};
  EXPECT_EQ(detail::from_proto(detail::to_proto(priority)), priority);
  using Kind = VersioningOverride::Kind;
  for (const auto kind : {Kind::pinned, Kind::one_time}) {
    const VersioningOverride override{kind, {"orders", "1.2"}};
    EXPECT_EQ(detail::from_proto(detail::to_proto(override)), override);
  }
  EXPECT_EQ(detail::from_proto(detail::to_proto(VersioningOverride())), VersioningOverride());
}
