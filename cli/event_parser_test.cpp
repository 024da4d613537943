#include "cli/event_parser.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace ordering::cli {
namespace {

constexpr std::string_view kTwo =
    "id: 0-1\nevent: accepted\ndata: {\"a\":1}\n\n:\n\nid: 0-5\nevent: step\ndata: x\ndata:y\n\n";

void expect_both(const std::vector<ServerEvent>& events) {
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, "0-1");
  EXPECT_EQ(events[0].type, "accepted");
  EXPECT_EQ(events[0].data, "{\"a\":1}");
  EXPECT_EQ(events[1].id, "0-5");
  EXPECT_EQ(events[1].type, "step");
  EXPECT_EQ(events[1].data, "x\ny");
}

TEST(EventParser, WholeEventsAndSilences) {
  EventParser parser;
  expect_both(parser.feed(kTwo));
}

TEST(EventParser, CutAnywhere) {
  for (std::size_t cut = 0; cut <= kTwo.size(); ++cut) {
    EventParser parser;
    auto events = parser.feed(kTwo.substr(0, cut));
    for (auto& event : parser.feed(kTwo.substr(cut))) events.push_back(std::move(event));
    expect_both(events);
  }
}

TEST(EventParser, CarriageReturnsAndUnknownFields) {
  EventParser parser;
  const auto events = parser.feed("retry: 5\r\nnonsense\r\ndata: x\r\n\r\n");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, "message");
  EXPECT_EQ(events[0].data, "x");
}

TEST(EventParser, AnEventWithoutIdKeepsTheLastOne) {
  EventParser parser;
  const auto events = parser.feed("id: 7\ndata: x\n\ndata: y\n\n");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].id, "7");
}

TEST(EventParser, WithoutDataThereIsNoEvent) {
  EventParser parser;
  EXPECT_TRUE(parser.feed("id: 7\nevent: step\n\n\n\n").empty());
}

TEST(EventParser, AnEventIsBounded) {
  const std::string much(EventParser::kMostBytes / 2, 'x');
  EventParser line;
  line.feed("data: " + much);
  EXPECT_THROW(line.feed(much), std::length_error);
  EventParser lines;
  lines.feed("data: " + much + '\n');
  EXPECT_THROW(lines.feed("data: " + much + '\n'), std::length_error);
}

}  // namespace
}  // namespace ordering::cli
