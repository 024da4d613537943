// Every outcome of the order saga, cancelled at every moment, evicted at every await and replayed on
// other threads to the same commands.
#include <algorithm>
#include <thread>

#include "workflow/test_order.h"
#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

using Command = coresdk::workflow_commands::WorkflowCommand;
using Commands = std::vector<Command>;

enum class Race { delivery_first, cancel_first, together };
enum class How { update, request, update_twice };
struct Plan {
  std::string failing = {}, code = {};  // the step that fails, and how
  bool departs = false;                 // cancelDelivery answers D005
  int cancel_at = -1;
  bool alone = true;  // the cancel comes in an activation of its own
  How how = How::update;
  Race race = Race::delivery_first;
};

struct Activity {  // scheduled, not yet resolved
  unsigned seq = 0;
  std::string name = {};
  bool canceled = false;
};

struct Story {
  std::vector<std::vector<Job>> fed;
  std::vector<Commands> made;
};

Job succeeded(unsigned seq, const std::string& json) {
  Job j = ok(seq, "");
  j.mutable_resolve_activity()->mutable_result()->mutable_completed()->mutable_result()->set_data(
      json);
  return j;
}
Job refused(unsigned seq, const std::string& code) {
  Job j = bad(seq, "refused");
  auto& cause = *j.mutable_resolve_activity()
                     ->mutable_result()
                     ->mutable_failed()
                     ->mutable_failure()
                     ->mutable_cause();
  cause.mutable_application_failure_info()->set_type(code);
  cause.mutable_application_failure_info()->set_non_retryable(true);
  return j;
}

// The three services, as far as the saga sees them, and the server between.
class Shop {
 public:
  explicit Shop(const Plan& plan) : plan_(plan), run_(OrderSaga::definition(), {}) {}

  Story play() {
    for (int k = 0; k < 20; ++k) {
      auto jobs = jobs_at(k);
      story_.fed.push_back(jobs);
      auto done = run_.activate(activation(jobs));
      EXPECT_TRUE(done.has_successful()) << done.failed().failure().message();
      const auto& made = done.successful().commands();
      story_.made.emplace_back(made.begin(), made.end());
      for (const auto& c : made)
        if (take(c)) return story_;
    }
    ADD_FAILURE() << "the order never ended";
    return story_;
  }

 private:
  std::vector<Job> jobs_at(int k) {
    std::vector<Job> jobs;
    if (k == 0) jobs.push_back(init(R"({"order_id":"order-1","amount":{"minor":100}})"));
    const bool now = k == plan_.cancel_at;
    if (k > 0 && !(now && plan_.alone)) {
      const bool other =
          out_.size() > 1 && out_[0].name == "startDelivery" && plan_.race != Race::delivery_first;
      jobs.push_back(resolve(other ? 1 : 0));
      if (!out_.empty() && plan_.race == Race::together) jobs.push_back(resolve(0));
    }
    if (now && plan_.how == How::request)
      jobs.push_back(cancel("from the UI"));
    else if (now)
      jobs.push_back(updated("u1", "cancel", {R"({"by":"me"})"}));
    if (plan_.how == How::update_twice && plan_.cancel_at >= 0 && k == plan_.cancel_at + 1)
      jobs.push_back(updated("u2", "cancel", {R"({"by":"me"})"}));
    return jobs;
  }
  Job resolve(std::size_t i) {
    EXPECT_LT(i, out_.size());
    auto activity = out_.at(i);
    out_.erase(out_.begin() + static_cast<long>(i));
    if (activity.canceled) return gone(activity.seq);
    const bool again = activity.name == "startDelivery" && ++deliveries_ > 1;
    if (activity.name == plan_.failing && !again) return refused(activity.seq, plan_.code);
    if (activity.name == "cancelDelivery" && plan_.departs) return refused(activity.seq, "D005");
    return succeeded(activity.seq,
                     activity.name == "chargePayment" ? R"({"payment_id":"p"})" : "{}");
  }
  bool take(const Command& c) {  // whether the run has ended
    if (c.has_schedule_activity())
      out_.push_back({c.schedule_activity().seq(), c.schedule_activity().activity_type()});
    if (c.has_request_cancel_activity())
      std::ranges::find(out_, c.request_cancel_activity().seq(), &Activity::seq)->canceled = true;
    return c.has_complete_workflow_execution() || c.has_fail_workflow_execution() ||
           c.has_cancel_workflow_execution();
  }

  Plan plan_;
  Instance run_;
  Story story_;
  std::vector<Activity> out_;
  int deliveries_ = 0;
};

std::string outline(const Story& s) {
  std::string t;
  for (const auto& made : s.made)
    for (const auto& c : made) {
      if (!t.empty()) t += ' ';
      if (c.has_schedule_activity())
        t += c.schedule_activity().activity_type();
      else if (c.has_request_cancel_activity())
        t += "RequestCancel";
      else if (c.has_update_response())
        t += (c.update_response().has_accepted()   ? "Accepted:"
              : c.update_response().has_rejected() ? "Rejected:"
                                                   : "Completed:") +
             c.update_response().protocol_instance_id();
      else if (c.has_fail_workflow_execution())
        t += "Fail:" + c.fail_workflow_execution().failure().application_failure_info().type();
      else if (c.has_complete_workflow_execution())
        t += "Complete";
      else if (c.has_cancel_workflow_execution())
        t += "Cancel:" + c.cancel_workflow_execution().details().payloads(0).data();
    }
  return t;
}

TEST(Order, Outcomes) {
  auto story = [](Plan p) { return outline(Shop(p).play()); };
  EXPECT_EQ(story({}), "chargePayment reserveInventory startDelivery Complete");
  EXPECT_EQ(story({.failing = "chargePayment", .code = "P001"}),
            "chargePayment refundPayment Fail:P001");
  EXPECT_EQ(story({.failing = "reserveInventory", .code = "I003"}),
            "chargePayment reserveInventory restockInventory refundPayment Fail:I003");
  EXPECT_EQ(story({.failing = "startDelivery", .code = "D002"}),
            "chargePayment reserveInventory startDelivery cancelDelivery restockInventory "
            "refundPayment Fail:D002");
  EXPECT_EQ(story({.failing = "startDelivery", .code = "TIMEOUT", .departs = true}),
            "chargePayment reserveInventory startDelivery cancelDelivery startDelivery Complete");
  EXPECT_EQ(story({.cancel_at = 0}), R"(Accepted:u1 Completed:u1 Cancel:"ORD004")");
  EXPECT_EQ(
      story({.cancel_at = 1}),
      R"(chargePayment Accepted:u1 RequestCancel Completed:u1 refundPayment Cancel:"ORD004")");
  EXPECT_EQ(story({.cancel_at = 3, .race = Race::cancel_first}),
            "chargePayment reserveInventory startDelivery Accepted:u1 cancelDelivery Completed:u1 "
            R"(restockInventory refundPayment Cancel:"ORD004")");
  EXPECT_EQ(story({.departs = true, .cancel_at = 3}),
            "chargePayment reserveInventory startDelivery Accepted:u1 cancelDelivery Completed:u1 "
            "Complete");
  EXPECT_EQ(story({.failing = "reserveInventory", .code = "I003", .cancel_at = 3}),
            "chargePayment reserveInventory restockInventory Rejected:u1 refundPayment Fail:I003");
  EXPECT_EQ(story({.cancel_at = 3, .how = How::request}),
            "chargePayment reserveInventory startDelivery cancelDelivery restockInventory "
            R"(refundPayment Cancel:"ORD004")");
}

struct Judged {
  std::vector<std::string> forward = {}, undone = {};
  bool accepted = false, departed = false, rejected = false;
  Command end = {};
};
Judged look(const Plan& plan, const Story& s) {
  Judged j;
  for (const auto& made : s.made)
    for (const auto& c : made) {
      if (c.has_schedule_activity()) {
        const auto& name = c.schedule_activity().activity_type();
        const bool step =
            name == "chargePayment" || name == "reserveInventory" || name == "startDelivery";
        (step ? j.forward : j.undone).push_back(name);
        j.departed |= name == "cancelDelivery" && plan.departs;
      }
      j.accepted |= c.has_update_response() && c.update_response().has_completed() &&
                    c.update_response().completed().data().contains("true");
      j.rejected |= c.has_update_response() && c.update_response().has_rejected();
      j.end = c;
    }
  return j;
}

void judge(const Plan& plan, const Story& s) {
  auto j = look(plan, s);
  if (j.departed) {  // the order can only complete, and nothing else is undone
    EXPECT_TRUE(j.end.has_complete_workflow_execution() && !j.accepted);
    EXPECT_EQ(j.undone, std::vector<std::string>{"cancelDelivery"});
    return;
  }
  if (j.end.has_complete_workflow_execution()) {
    EXPECT_TRUE(!j.accepted && j.undone.empty() && plan.failing.empty());
    return;
  }
  std::vector<std::string> expected;
  for (const auto& step : j.forward)  // last in, first out
    expected.insert(expected.begin(), step == "chargePayment"      ? "refundPayment"
                                      : step == "reserveInventory" ? "restockInventory"
                                                                   : "cancelDelivery");
  EXPECT_EQ(j.undone, expected);
  if (j.end.has_fail_workflow_execution()) {
    const auto& failure = j.end.fail_workflow_execution().failure();
    EXPECT_TRUE(!j.accepted && failure.application_failure_info().type() == plan.code);
  } else {
    EXPECT_EQ(j.end.cancel_workflow_execution().details().payloads(0).data(), R"("ORD004")");
    EXPECT_FALSE(j.rejected);
  }
}

std::vector<std::string> bytes(const auto& commands) {
  std::vector<std::string> b;
  for (const Command& c : commands) b.push_back(c.SerializeAsString());
  return b;
}

// As Core replays it: a refused update is not in the history, and validators do not run.
Story as_history(Story s) {
  for (std::size_t i = 0; i < s.fed.size(); ++i) {
    auto refusal = [](const Command& c) {
      return c.has_update_response() && c.update_response().has_rejected();
    };
    for (const auto& c : s.made[i])
      if (refusal(c))
        std::erase_if(s.fed[i], [&](const Job& j) {
          return j.has_do_update() &&
                 j.do_update().id() == c.update_response().protocol_instance_id();
        });
    std::erase_if(s.made[i], refusal);
    for (auto& j : s.fed[i])
      if (j.has_do_update()) j.mutable_do_update()->set_run_validator(false);
  }
  return s;
}

void evict_everywhere(const Story& s) {
  const Story history = as_history(s);
  for (std::size_t k = 1; k <= s.fed.size(); ++k) {
    {
      Instance first(OrderSaga::definition(), {});
      for (std::size_t i = 0; i < k; ++i)
        ASSERT_EQ(bytes(first.activate(activation(s.fed[i])).successful().commands()),
                  bytes(s.made[i]));
      auto done = first.activate(activation({evicted()}));
      ASSERT_TRUE(done.has_successful() && done.successful().commands().empty());
    }
    Instance again(OrderSaga::definition(), {});
    for (std::size_t i = 0; i < history.fed.size(); ++i) {
      if (history.fed[i].empty()) continue;
      WorkflowActivationCompletion done;
      std::thread([&] { done = again.activate(activation(history.fed[i], i < k)); }).join();
      ASSERT_EQ(bytes(done.successful().commands()), bytes(history.made[i]));
    }
  }
}

struct Step {
  const char* failing;
  const char* code;
};
class OrderOf : public ::testing::TestWithParam<Step> {};

TEST_P(OrderOf, EachPlanEndsRightAndIsReplayedFromEachAwait) {
  for (bool departs : {false, true})
    for (int at = -1; at < 8; ++at)
      for (bool alone : {true, false})
        for (How how : {How::update, How::request, How::update_twice})
          for (Race race : {Race::delivery_first, Race::cancel_first, Race::together}) {
            Plan plan{GetParam().failing, GetParam().code, departs, at, alone, how, race};
            Story s = Shop(plan).play();
            judge(plan, s);
            evict_everywhere(s);
            ASSERT_FALSE(HasFailure()) << outline(s);
          }
}
INSTANTIATE_TEST_SUITE_P(Failing, OrderOf,
                         ::testing::Values(Step{"", ""}, Step{"chargePayment", "P001"},
                                           Step{"reserveInventory", "I003"},
                                           Step{"startDelivery", "D002"}),
                         [](const auto& p) {
                           return *p.param.failing ? std::string(p.param.failing)
                                                   : std::string("nothing");
                         });

TEST(Sagas, RefuseBadOptionsBeforeTheStep) {
  Play p([](Probe*) -> Task<std::string> {
    workflow::Saga saga;
    saga.compensate_with(echo, {.start_to_close_timeout = 1s, .heartbeat_timeout = -1s}, "");
    co_return co_await call("the step");
  });
  EXPECT_EQ(p(init()), "task failed: activity echo: heartbeat_timeout is negative");
}

}  // namespace
}  // namespace temporal::testing
