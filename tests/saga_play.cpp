#include "saga_play.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "contract/compensation.h"
#include "contract/order_repair.h"
#include "contract/order_workflow.h"
#include "order/order_saga.h"
#include "order/repair_workflow.h"

namespace ordering::order {
namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_commands::ScheduleActivity;
using coresdk::workflow_commands::WorkflowCommand;
using temporal::Instance;

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
  if (update.completed().data().empty()) return "Answered";
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

void add_start(WorkflowActivation& activation, const Played& workflow) {
  auto& init = *activation.add_jobs()->mutable_initialize_workflow();
  init.set_workflow_type(workflow.type);
  init.set_workflow_id("order-1");
  add_json(*init.add_arguments(), workflow.input);
}

void add_update(WorkflowActivation& activation, const std::string& name, std::string input) {
  auto& update = *activation.add_jobs()->mutable_do_update();
  update.set_id(name);
  update.set_protocol_instance_id(name);
  update.set_name(name);
  update.set_run_validator(true);
  add_json(*update.add_input(), std::move(input));
}

void add_cancel(WorkflowActivation& activation, const Plan& plan) {
  if (plan.how == How::request) {
    activation.add_jobs()->mutable_cancel_workflow()->set_reason("from the Web UI");
    return;
  }
  add_update(activation, "cancel", "{}");
}

class Player {
 public:
  Player(const Plan& plan, const Played& workflow)
      : plan_(plan), workflow_(workflow), run_(workflow.definition) {}

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
    if (k == 0) add_start(activation, workflow_);
    const bool cancel = k == plan_.cancel_at;
    const bool ask = k == plan_.ask_at;
    if (k > 0 && !((cancel || ask) && plan_.alone)) add_answers(activation);
    if (cancel) add_cancel(activation, plan_);
    if (ask) add_update(activation, plan_.ask, R"({"name":")" + plan_.ask_of + "\"}");
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
    if (c.has_cancel_timer()) timer_.reset();
    ended_ |= c.has_complete_workflow_execution() || c.has_fail_workflow_execution() ||
              c.has_cancel_workflow_execution();
  }

  Plan plan_;
  const Played& workflow_;
  Instance run_;
  Story story_;
  std::vector<Scheduled> out_;
  std::optional<std::uint32_t> timer_;
  int deliveries_ = 0;
  bool undo_failed_ = false;
  bool ended_ = false;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Plan& p) {
  return out << "failing " << p.failing << " departs " << p.departs << " cancel at " << p.cancel_at
             << " alone " << p.alone << " how " << static_cast<int>(p.how) << " race "
             << static_cast<int>(p.race) << " undo failing " << p.undo_failing << " ask " << p.ask
             << " of " << p.ask_of << " at " << p.ask_at;
}

Played order_saga() {
  return {
      .definition = OrderSaga::definition(),
      .type = std::string(OrderWorkflow::type.name),
      .input =
          R"({"orderId":"order-1","amountMinor":100,"stepDeadlineMs":600000,"deliveryTimeMs":5000})"};
}

Played order_repair() {
  return {.definition = RepairWorkflow::definition(),
          .type = std::string(OrderRepair::type.name),
          .input = R"({"orderId":"order-1","deliveryTimeMs":5000})"};
}

Story play(const Plan& plan, const Played& workflow) {
  return Player(plan, workflow).play();
}

std::string outline(const Story& story) {
  std::string text;
  for (const auto& made : story.made)
    for (const auto& word : made) text += (text.empty() ? "" : " ") + word;
  return text;
}

namespace {

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

}  // namespace

int evict_everywhere(const Plan& plan, const Story& story, const Played& workflow) {
  const Story replay = as_replayed(story);
  for (std::size_t evicted = 1; evicted <= story.fed.size(); ++evicted) {
    Instance first(workflow.definition);
    for (std::size_t i = 0; i < evicted; ++i)
      EXPECT_EQ(words(first.activate(story.fed[i])), story.made[i]) << plan;
    WorkflowActivation eviction;
    eviction.set_run_id("run");
    eviction.add_jobs()->mutable_remove_from_cache();
    EXPECT_TRUE(words(first.activate(eviction)).empty()) << plan;

    Instance again(workflow.definition);
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

}  // namespace ordering::order
