// The order's saga at every moment: each outcome, a cancel before each step and amid it, every
// order of two answers, and an eviction at every await, replayed with the same commands.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "saga_play.h"

namespace ordering::order {
namespace {

using coresdk::workflow_commands::ScheduleActivity;

const std::map<std::string, std::string> kUndoOf{{"chargePayment", "refundPayment"},
                                                 {"reserveInventory", "restockInventory"},
                                                 {"startDelivery", "cancelDelivery"}};

struct Told {
  Made steps, undone;
  std::string end, answer;
  bool rejected = false;
};

Told tell(const Story& story) {
  Told told;
  for (const auto& made : story.made) {
    for (const auto& word : made) {
      if (kUndoOf.contains(word)) told.steps.push_back(word);
      if (std::ranges::any_of(kUndoOf, [&](auto& pair) { return pair.second == word; }))
        told.undone.push_back(word);
      if (word.starts_with("Answer:")) told.answer = word.substr(7);
      told.rejected |= word == "Rejected";
      told.end = word;
    }
  }
  return told;
}

// Rules R2, R5, R8 and R10 of docs/orders.md, whatever happened.
void judge(const Plan& plan, const Story& story) {
  auto told = tell(story);
  bool refused = plan.departs && !told.undone.empty() && told.undone[0] == "cancelDelivery";
  if (refused) {
    EXPECT_EQ(told.end, "Completed") << plan;
    EXPECT_EQ(told.undone, Made{"cancelDelivery"}) << plan;
    EXPECT_NE(told.answer, "yes") << plan;
    return;
  }
  if (told.end == "Completed") {
    EXPECT_TRUE(told.undone.empty() && plan.failing.empty()) << plan;
    EXPECT_NE(told.answer, "yes") << plan;
    return;
  }
  Made expected;
  for (const auto& step : told.steps) expected.insert(expected.begin(), kUndoOf.at(step));
  EXPECT_EQ(told.undone, expected) << plan;
  if (told.answer == "yes") EXPECT_EQ(told.end, "Canceled") << plan;
  if (told.end != "Canceled") EXPECT_EQ(told.end, "Failed:" + plan.code) << plan;
  if (told.end == "Canceled") EXPECT_FALSE(told.rejected) << plan;
}

TEST(Saga, CompletesInThreeSteps) {
  EXPECT_EQ(outline(play({})), "chargePayment reserveInventory startDelivery Completed");
}

TEST(Saga, TheFailingStepsUndoIsTheFirst) {
  EXPECT_EQ(outline(play({.failing = "chargePayment", .code = "P001"})),
            "chargePayment refundPayment Failed:P001");
  EXPECT_EQ(outline(play({.failing = "reserveInventory", .code = "I003"})),
            "chargePayment reserveInventory restockInventory refundPayment Failed:I003");
  EXPECT_EQ(outline(play({.failing = "startDelivery", .code = "D002"})),
            "chargePayment reserveInventory startDelivery cancelDelivery restockInventory "
            "refundPayment Failed:D002");
}

TEST(Saga, OnceDepartedItCanOnlyComplete) {
  EXPECT_EQ(outline(play({.failing = "startDelivery", .code = "X", .departs = true})),
            "chargePayment reserveInventory startDelivery cancelDelivery startDelivery Completed");
}

TEST(Saga, ACancelBeforeTheFirstStepUndoesNothing) {
  EXPECT_EQ(outline(play({.cancel_at = 0})), "Accepted Answer:yes Canceled");
}

TEST(Saga, ACancelIsDecidedByTheDeliverysRow) {
  EXPECT_EQ(outline(play({.cancel_at = 3, .race = Race::cancel_first})),
            "chargePayment reserveInventory startDelivery Accepted cancelDelivery RequestCancel "
            "Answer:yes restockInventory refundPayment Canceled");
  EXPECT_EQ(outline(play({.departs = true, .cancel_at = 3, .race = Race::cancel_first})),
            "chargePayment reserveInventory startDelivery Accepted cancelDelivery Answer:D005 "
            "Completed");
}

TEST(Saga, ACancelAmidTheCompensationsIsTooLate) {
  auto story = play({.failing = "reserveInventory", .code = "I003", .cancel_at = 3});
  EXPECT_TRUE(tell(story).rejected);
  EXPECT_EQ(tell(story).end, "Failed:I003");
}

TEST(Saga, AStepThatCameAfterItsCompensationEndsTheOrderAsRepaired) {
  EXPECT_EQ(outline(play({.failing = "reserveInventory", .code = "FENCED"})),
            "chargePayment reserveInventory restockInventory refundPayment Failed:ORD003");
}

TEST(Saga, AnUndoThatFailsForGoodIsTriedAgain) {
  EXPECT_EQ(
      outline(play(
          {.failing = "reserveInventory", .code = "I003", .undo_failing = "restockInventory"})),
      "chargePayment reserveInventory restockInventory StartTimer restockInventory "
      "refundPayment Failed:I003");
}

// The times of an activity, in seconds; 0: none.
struct Times {
  std::int64_t deadline, attempt, heartbeat, retry_cap;
  friend bool operator==(const Times&, const Times&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Times& t) {
    return out << t.deadline << ' ' << t.attempt << ' ' << t.heartbeat << ' ' << t.retry_cap;
  }
};

Times times_of(const ScheduleActivity& a) {
  EXPECT_EQ(a.retry_policy().initial_interval().seconds(), 1) << a.activity_type();
  EXPECT_EQ(a.retry_policy().backoff_coefficient(), 2) << a.activity_type();
  EXPECT_EQ(a.retry_policy().maximum_attempts(), 0) << a.activity_type();
  return {.deadline = a.schedule_to_close_timeout().seconds(),
          .attempt = a.start_to_close_timeout().seconds(),
          .heartbeat = a.heartbeat_timeout().seconds(),
          .retry_cap = a.retry_policy().maximum_interval().seconds()};
}

TEST(Saga, EachActivityHasItsTimes) {
  constexpr Times kStep{.deadline = 600, .attempt = 10, .heartbeat = 0, .retry_cap = 30};
  constexpr Times kUndo{.deadline = 0, .attempt = 10, .heartbeat = 0, .retry_cap = 60};
  const auto undone = play({.failing = "startDelivery", .code = "D002"}).scheduled;
  ASSERT_EQ(undone.size(), 6u);
  for (std::size_t i : {0, 1}) EXPECT_EQ(times_of(undone[i]), kStep) << i;
  EXPECT_EQ(times_of(undone[2]), (Times{605, 15, 10, 30}));
  for (std::size_t i : {3, 4, 5}) EXPECT_EQ(times_of(undone[i]), kUndo) << i;
  const auto finished = play({.failing = "startDelivery", .code = "X", .departs = true}).scheduled;
  ASSERT_EQ(finished.size(), 5u);
  EXPECT_EQ(times_of(finished[4]), (Times{0, 15, 10, 60})) << "no deadline: it can only complete";
}

// The plan space is small enough to play all of it.
TEST(Saga, EveryMomentAndEveryEviction) {
  int stories = 0;
  int evictions = 0;
  const std::vector<std::pair<std::string, std::string>> failures{
      {"", ""}, {"chargePayment", "P001"}, {"reserveInventory", "I003"}, {"startDelivery", "D002"}};
  for (const auto& [failing, code] : failures)
    for (bool departs : {false, true})
      for (int cancel_at = -1; cancel_at < 7; ++cancel_at)
        for (bool alone : {true, false})
          for (How how : {How::update, How::request})
            for (Race race : {Race::delivery_first, Race::cancel_first, Race::together}) {
              Plan plan{failing, code, departs, cancel_at, alone, how, race};
              auto story = play(plan);
              judge(plan, story);
              evictions += evict_everywhere(plan, story);
              ++stories;
            }
  EXPECT_EQ(stories, 4 * 2 * 8 * 2 * 2 * 3);
  EXPECT_GT(evictions, 2 * stories);
}

}  // namespace
}  // namespace ordering::order
