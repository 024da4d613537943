// The order's saga at every moment: each outcome, a cancel before each step and amid it, every
// order of two answers, and an eviction at every await, replayed with the same commands.
#include <gtest/gtest.h>
#include <temporal/api.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract/activities.h"
#include "contract/activity_edge.h"
#include "order/order_saga.h"
#include "workflow/instance.h"

namespace ordering::order {
namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_commands::ScheduleActivity;
using coresdk::workflow_commands::WorkflowCommand;
using temporal::Instance;

enum class Race { delivery_first, cancel_first, together };
enum class How { update, request };
struct Plan {
  std::string failing = {};  // the step that fails
  std::string code = {};     // and why
  bool departs = false;      // cancelDelivery answers D005
  int cancel_at = -1;        // the activation in which the cancel comes
  bool alone = true;         // it comes in an activation of its own
  How how = How::update;
  Race race = Race::delivery_first;
  std::string undo_failing = {};  // the compensation that fails for good, once

  friend std::ostream& operator<<(std::ostream& out, const Plan& p) {
    return out << "failing " << p.failing << " departs " << p.departs << " cancel at "
               << p.cancel_at << " alone " << p.alone << " how " << static_cast<int>(p.how)
               << " race " << static_cast<int>(p.race);
  }
};

using Made = std::vector<std::string>;  // an activation's commands, each in one word or two
struct Story {
  std::vector<WorkflowActivation> fed;
  std::vector<Made> made;
  std::vector<ScheduleActivity> scheduled;
};

struct Scheduled {
  std::uint32_t seq = 0;
  std::string activity = {};
  bool canceled = false;
};

std::string word(const WorkflowCommand& c) {
  if (c.has_schedule_activity()) return c.schedule_activity().activity_type();
  if (c.has_request_cancel_activity()) return "RequestCancel";
  if (c.has_start_timer()) return "StartTimer";
  if (c.has_cancel_timer()) return "CancelTimer";
  if (c.has_complete_workflow_execution()) return "Completed";
  if (c.has_fail_workflow_execution())
    return "Failed:" + c.fail_workflow_execution().failure().application_failure_info().type();
  if (c.has_cancel_workflow_execution()) return "Canceled";
  const auto& update = c.update_response();
  if (update.has_accepted()) return "Accepted";
  if (update.has_rejected()) return "Rejected";
  if (!update.has_completed()) return "?";
  auto answer = temporal::from_json<CancelAnswer>(update.completed().data());
  return "Answer:" + (answer.accepted ? "yes" : answer.code.value_or("?"));
}

Made words(const coresdk::workflow_completion::WorkflowActivationCompletion& completion) {
  EXPECT_TRUE(completion.has_successful()) << completion.failed().failure().message();
  Made made;
  for (const auto& c : completion.successful().commands()) made.push_back(word(c));
  return made;
}

void add_failure(temporal::api::failure::v1::Failure& failure, const std::string& type) {
  failure.set_message("activity failed");
  failure.mutable_activity_failure_info();
  auto& info = *failure.mutable_cause()->mutable_application_failure_info();
  info.set_type(type);
  info.set_non_retryable(true);
}

// What the three services answer, as far as the saga sees them.
void resolve(WorkflowActivation& activation, const Scheduled& s, const Plan& plan, int deliveries) {
  auto& job = *activation.add_jobs()->mutable_resolve_activity();
  job.set_seq(s.seq);
  auto& result = *job.mutable_result();
  if (s.canceled) {
    auto& failure = *result.mutable_cancelled()->mutable_failure();
    failure.mutable_canceled_failure_info();
    return;
  }
  if (s.activity == plan.failing && (s.activity != "startDelivery" || deliveries == 1)) {
    return add_failure(*result.mutable_failed()->mutable_failure(), plan.code);
  }
  if (s.activity == "cancelDelivery" && plan.departs)
    return add_failure(*result.mutable_failed()->mutable_failure(), "D005");
  auto& payload = *result.mutable_completed()->mutable_result();
  (*payload.mutable_metadata())["encoding"] = "json/plain";
  payload.set_data(
      R"({"orderId":"order-1","amountMinor":100,"itemId":"ITEM_1","result":"UNDONE"})");
}

void add_json(temporal::api::common::v1::Payload& payload, std::string json) {
  (*payload.mutable_metadata())["encoding"] = "json/plain";
  payload.set_data(std::move(json));
}

void add_start(WorkflowActivation& activation) {
  auto& init = *activation.add_jobs()->mutable_initialize_workflow();
  init.set_workflow_type("OrderWorkflow");
  init.set_workflow_id("order-workflow-order-1");
  add_json(
      *init.add_arguments(),
      R"({"orderId":"order-1","amountMinor":100,"stepDeadlineMs":600000,"deliveryTimeMs":5000})");
}

void add_cancel(WorkflowActivation& activation, const Plan& plan) {
  if (plan.how == How::request) {
    activation.add_jobs()->mutable_cancel_workflow()->set_reason("from the Web UI");
    return;
  }
  auto& update = *activation.add_jobs()->mutable_do_update();
  update.set_id("cancel");
  update.set_protocol_instance_id("cancel");
  update.set_name("cancel");
  update.set_run_validator(true);
  add_json(*update.add_input(), "{}");
}

class Player {
 public:
  explicit Player(const Plan& plan) : plan_(plan), run_(OrderSaga::definition()) {}

  Story play() {
    for (int k = 0; k < kMostActivations && !ended_; ++k) step(k);
    EXPECT_TRUE(ended_) << "the order never ended: " << plan_;
    return std::move(story_);
  }

 private:
  static constexpr int kMostActivations = 20;

  void step(int k) {
    WorkflowActivation activation;
    activation.set_run_id("run");
    activation.mutable_timestamp()->set_seconds(k);
    if (k == 0) add_start(activation);
    bool cancel = k == plan_.cancel_at;
    if (k > 0 && !(cancel && plan_.alone)) add_answers(activation);
    if (cancel) add_cancel(activation, plan_);
    story_.fed.push_back(activation);
    auto completion = run_.activate(activation);
    story_.made.push_back(words(completion));
    for (const auto& c : completion.successful().commands()) note(c);
  }
  void add_answers(WorkflowActivation& activation) {
    if (auto timer = std::exchange(timer_, std::nullopt)) {
      activation.add_jobs()->mutable_fire_timer()->set_seq(*timer);
      return;
    }
    ASSERT_FALSE(out_.empty()) << "nothing is under way, yet the order goes on: " << plan_;
    bool two = out_.size() > 1;
    std::size_t first =
        two && out_[0].activity == "startDelivery" && plan_.race != Race::delivery_first ? 1 : 0;
    add_answer(activation, first);
    if (two && plan_.race == Race::together) add_answer(activation, 0);
  }
  void add_answer(WorkflowActivation& activation, std::size_t which) {
    if (out_[which].activity == plan_.undo_failing && !std::exchange(undo_failed_, true)) {
      auto& job = *activation.add_jobs()->mutable_resolve_activity();
      job.set_seq(out_[which].seq);
      add_failure(*job.mutable_result()->mutable_failed()->mutable_failure(), "I006");
    } else {
      resolve(activation, out_[which], plan_, deliveries_);
    }
    out_.erase(out_.begin() + static_cast<long>(which));
  }
  void note(const WorkflowCommand& c) {
    if (c.has_schedule_activity()) {
      const auto& a = c.schedule_activity();
      out_.push_back({.seq = a.seq(), .activity = a.activity_type()});
      story_.scheduled.push_back(a);
      deliveries_ += a.activity_type() == "startDelivery" ? 1 : 0;
    }
    if (c.has_request_cancel_activity())
      std::ranges::find(out_, c.request_cancel_activity().seq(), &Scheduled::seq)->canceled = true;
    if (c.has_start_timer()) timer_ = c.start_timer().seq();
    ended_ |= c.has_complete_workflow_execution() || c.has_fail_workflow_execution() ||
              c.has_cancel_workflow_execution();
  }

  Plan plan_;
  Instance run_;
  Story story_;
  std::vector<Scheduled> out_;
  std::optional<std::uint32_t> timer_;
  int deliveries_ = 0;
  bool undo_failed_ = false;
  bool ended_ = false;
};

Story play(const Plan& plan) {
  return Player(plan).play();
}

std::string outline(const Story& story) {
  std::string text;
  for (const auto& made : story.made)
    for (const auto& word : made) text += (text.empty() ? "" : " ") + word;
  return text;
}

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

// As Core replays: a rejected update is not in the history, and validators do not run.
Story as_replayed(const Story& story) {
  Story replay = story;
  for (std::size_t i = 0; i < replay.fed.size(); ++i) {
    auto& jobs = *replay.fed[i].mutable_jobs();
    bool rejected = std::ranges::count(replay.made[i], "Rejected") > 0;
    for (int j = jobs.size() - 1; j >= 0; --j) {
      if (!jobs[j].has_do_update()) continue;
      if (rejected)
        jobs.DeleteSubrange(j, 1);
      else
        jobs[j].mutable_do_update()->set_run_validator(false);
    }
    std::erase(replay.made[i], "Rejected");
  }
  return replay;
}

int evict_everywhere(const Plan& plan, const Story& story) {
  const Story replay = as_replayed(story);
  for (std::size_t evicted = 1; evicted <= story.fed.size(); ++evicted) {
    Instance first(OrderSaga::definition());
    for (std::size_t i = 0; i < evicted; ++i)
      EXPECT_EQ(words(first.activate(story.fed[i])), story.made[i]) << plan;
    WorkflowActivation eviction;
    eviction.set_run_id("run");
    eviction.add_jobs()->mutable_remove_from_cache();
    EXPECT_TRUE(words(first.activate(eviction)).empty()) << plan;

    Instance again(OrderSaga::definition());
    for (std::size_t i = 0; i < replay.fed.size(); ++i) {
      if (replay.fed[i].jobs().empty()) continue;
      auto activation = replay.fed[i];
      activation.set_is_replaying(i < evicted);
      EXPECT_EQ(words(again.activate(activation)), replay.made[i])
          << plan << " evicted " << evicted;
    }
  }
  return static_cast<int>(story.fed.size());
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
