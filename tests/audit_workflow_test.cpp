// The audit's workflow over many pages and runs: all is read, nothing is forgotten on the way from
// one run to the next, and rows are read only after their orders are known to have ended.
#include "order/audit_workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/api.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "contract/audit.h"
#include "workflow/instance.h"

namespace ordering::order {
namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_commands::ScheduleActivity;
using temporal::Instance;
using ::testing::ElementsAre;

// A shop of so many orders, all completed, and what is wrong with it.
struct World {
  int orders = 0;
  bool continue_as_new_suggested = false;
  std::string lost_capture = {};  // an order whose money is gone
  std::string unknown = {};       // one that Temporal does not know
  std::string unpaid = {};        // one without a payment
  bool away = false;              // inventory gives up
};

std::string id_of(int n) {
  return "order-" + std::to_string(100'000 + n);
}
int number_of(const std::string& id) {
  return id.empty() ? -1 : std::stoi(id.substr(6)) - 100'000;
}

// What the services and Temporal answer.
class Answers {
 public:
  explicit Answers(World world) : world_(std::move(world)) {}

  std::string to(const std::string& activity, const std::string& argument) const {
    if (activity == audit_payment.name) return own({"M1", "M2", "M3", "M6"});
    if (activity == audit_inventory.name) return own({"S1", "S2", "S3"});
    if (activity == audit_delivery.name) return own({"D1", "D4"});
    if (activity == list_ended_orders.name)
      return ended(temporal::from_json<OrdersRequest>(argument));
    if (activity == list_late_orders.name) return temporal::to_json(LatePage{});
    if (activity == look_up_orders.name)
      return known(temporal::from_json<std::vector<std::string>>(argument));
    return rows(activity, temporal::from_json<RowsRequest>(argument));
  }

 private:
  static std::string own(std::vector<std::string> ids) {
    OwnAudit own{.sums = {{ids.front(), 1}}};
    for (auto& id : ids) own.checks.push_back({.id = std::move(id)});
    return temporal::to_json(own);
  }
  std::string ended(const OrdersRequest& request) const {
    EndedPage page;
    const int first = request.page.data.empty() ? 0 : std::stoi(request.page.data);
    const int last = std::min(world_.orders, first + kOrdersAPage);
    for (int n = first; n < last; ++n)
      page.runs.push_back({.order_id = id_of(n),
                           .chain = "run",
                           .latest_chain = "run",
                           .latest = true,
                           .shown = "COMPLETED",
                           .temporal = "completed",
                           .amount_minor = 100});
    if (last < world_.orders) page.next_page.data = std::to_string(last);
    return temporal::to_json(page);
  }
  std::string known(const std::vector<std::string>& ids) const {
    KnownOrders known;
    for (const auto& id : ids)
      known.orders.push_back(
          {.order_id = id,
           .amount_minor = id == world_.unknown ? std::nullopt : std::optional<std::int64_t>(100)});
    return temporal::to_json(known);
  }
  std::string rows(const std::string& activity, const RowsRequest& request) const {
    AuditRows page;
    const auto add = [&](const std::string& id) {
      if (activity != read_payments.name || id != world_.unpaid)
        page.rows.push_back(row(activity, id));
    };
    if (request.order_ids) {
      EXPECT_LE(request.order_ids->size(), kRowsAPage);
      for (const auto& id : *request.order_ids) add(id);
    } else {
      for (int n = number_of(request.after) + 1; n < world_.orders && page.rows.size() < kRowsAPage;
           ++n)
        add(id_of(n));
    }
    return temporal::to_json(page);
  }
  AuditRow row(const std::string& activity, const std::string& id) const {
    if (activity == read_payments.name)
      return {.order_id = id,
              .state = "CAPTURED",
              .changed_at_ms = 1,
              .amount_minor = 100,
              .net_minor = id == world_.lost_capture ? 0 : 100};
    return {.order_id = id,
            .state = activity == read_reservations.name ? "RESERVED" : "DELIVERED",
            .changed_at_ms = 1};
  }

  World world_;
};

// Plays runs until one ends, as worker and server do.
class Player {
 public:
  explicit Player(const World& world) : world_(world), answers_(world) {}

  void play() {
    std::string input = temporal::to_json(AuditProgress{});
    while (!ended) {
      ++runs;
      ASSERT_LT(runs, 100);
      input = play_run(input);
    }
  }
  AuditResult result;
  bool ended = false, failed = false;
  int runs = 0;
  std::vector<std::string> asked;  // the activities, in order

 private:
  static void add_json(temporal::api::common::v1::Payload& payload, std::string json) {
    (*payload.mutable_metadata())["encoding"] = "json/plain";
    payload.set_data(std::move(json));
  }
  // Gives the next run's input where there is one.
  std::string play_run(const std::string& input) {
    Instance run(Audit::definition());
    WorkflowActivation activation;
    auto& init = *activation.add_jobs()->mutable_initialize_workflow();
    init.set_workflow_type("AuditWorkflow");
    init.set_workflow_id("order-audit");
    add_json(*init.add_arguments(), input);
    for (int k = 0; k < 200; ++k) {
      activation.set_run_id("run-" + std::to_string(runs));
      activation.mutable_timestamp()->set_seconds(1000 * runs + k);
      activation.set_continue_as_new_suggested(world_.continue_as_new_suggested);
      const auto completion = run.activate(activation);
      EXPECT_TRUE(completion.has_successful()) << completion.failed().failure().message();
      activation.Clear();
      for (const auto& command : completion.successful().commands()) {
        if (command.has_continue_as_new_workflow_execution())
          return command.continue_as_new_workflow_execution().arguments(0).data();
        if (command.has_schedule_activity()) answer(command.schedule_activity(), activation);
        if (command.has_complete_workflow_execution())
          result = temporal::from_json<AuditResult>(
              command.complete_workflow_execution().result().data());
        failed |= command.has_fail_workflow_execution();
        ended |= failed || command.has_complete_workflow_execution();
      }
      if (ended) return {};
    }
    ADD_FAILURE() << "the run never ended";
    ended = true;
    return {};
  }
  void answer(const ScheduleActivity& activity, WorkflowActivation& next) {
    asked.push_back(activity.activity_type());
    auto& job = *next.add_jobs()->mutable_resolve_activity();
    job.set_seq(activity.seq());
    if (world_.away && activity.activity_type() == audit_inventory.name) {
      auto& failure = *job.mutable_result()->mutable_failed()->mutable_failure();
      failure.mutable_activity_failure_info();
      failure.mutable_cause()->mutable_timeout_failure_info();
      return;
    }
    const auto argument =
        activity.arguments_size() == 0 ? std::string() : activity.arguments(0).data();
    add_json(*job.mutable_result()->mutable_completed()->mutable_result(),
             answers_.to(activity.activity_type(), argument));
  }

  World world_;
  Answers answers_;
};

std::vector<std::string> red(const AuditResult& result) {
  std::vector<std::string> found;
  for (const auto& check : result.checks)
    for (const auto& violation : check.violations)
      found.push_back(check.id + " " + violation.subject);
  return found;
}

TEST(AuditWorkflow, AnEmptyShopIsRight) {
  Player player({});
  player.play();
  EXPECT_TRUE(player.result.ok) << temporal::to_json(player.result);
  EXPECT_EQ(player.result.checks.size(), 24U);
  EXPECT_EQ(player.result.sums.at("completed"), 0);
  EXPECT_EQ(player.result.sums.at("M1"), 1) << "a service's own sums";
}

TEST(AuditWorkflow, RowsAreReadAfterTheirOrdersHaveEndedAndOrdersLookedUpAfterTheirRows) {
  Player player({.orders = 1});
  player.play();
  EXPECT_THAT(player.asked,
              ElementsAre("auditPayment", "auditInventory", "auditDelivery", "listEndedOrders",
                          "readPayments", "readReservations", "readDeliveries", "listLateOrders",
                          "readPayments", "lookUpOrders", "readReservations", "readPayments",
                          "readDeliveries", "readPayments", "readReservations"));
}

TEST(AuditWorkflow, EveryPageIsJudged) {
  Player player({.orders = 1103, .lost_capture = id_of(702), .unknown = id_of(1101)});
  player.play();
  EXPECT_EQ(player.runs, 1);
  EXPECT_EQ(player.result.sums.at("completed"), 1103);
  EXPECT_THAT(red(player.result), ElementsAre("M4 " + id_of(702), "X1 " + id_of(1101)));
  EXPECT_FALSE(player.result.ok);
}

TEST(AuditWorkflow, WhatHasNoPaymentIsLookedUpForItself) {
  Player player({.orders = 3, .unknown = id_of(1), .unpaid = id_of(1)});
  player.play();
  EXPECT_THAT(red(player.result),
              ElementsAre("M4 " + id_of(1), "X1 " + id_of(1), "X1 " + id_of(1)));
}

// A full last page may be followed by an empty one.
TEST(AuditWorkflow, AFullLastPageIsTheLast) {
  Player player({.orders = 500});
  player.play();
  EXPECT_TRUE(player.result.ok) << temporal::to_json(player.result);
  EXPECT_EQ(player.result.sums.at("completed"), 500);
}

TEST(AuditWorkflow, ManyRunsFindWhatOneFinds) {
  World world{.orders = 1103, .lost_capture = id_of(2), .unknown = id_of(1101)};
  Player one(world);
  one.play();
  world.continue_as_new_suggested = true;
  Player many(world);
  many.play();
  EXPECT_GT(many.runs, 15) << "a page each";
  many.result.at = one.result.at;  // they began at other times
  EXPECT_EQ(temporal::to_json(many.result), temporal::to_json(one.result));
  EXPECT_EQ(many.asked, one.asked);
}

TEST(AuditWorkflow, BeganWithItsFirstRun) {
  Player player({.orders = 300, .continue_as_new_suggested = true});
  player.play();
  EXPECT_EQ(player.result.at, "1970-01-01T00:16:40.000Z");
}

TEST(AuditWorkflow, APartThatIsAwayIsNoResult) {
  Player player({.orders = 1, .away = true});
  player.play();
  EXPECT_TRUE(player.failed);
}

}  // namespace
}  // namespace ordering::order
