// An order's saga in the SDK's simulator: the three services are mocks, the client is real, and ten
// minutes of retries take none. What each moment does is saga_test.cpp's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/replay.h>
#include <temporal/testing.h>

#include <chrono>
#include <string>
#include <vector>

#include "contract/activities.h"
#include "contract/activity_edge.h"
#include "contract/task_queues.h"
#include "order/order_saga.h"
#include "order/repair_workflow.h"

namespace ordering::order {
namespace {

using namespace std::chrono_literals;
using temporal::testing::Environment;
using ::testing::ElementsAre;

const OrderId kOrder = *OrderId::parse("order-1");

struct Services {
  std::vector<std::string> called;
  std::string refused_by;  // this step's activity
  Code code = Code::out_of_stock;

  template <class Answer>
  Answer answer(std::string activity, Answer answer) {
    called.push_back(activity);
    if (activity == refused_by) throw to_failure({code});
    return answer;
  }
};

temporal::Registry registry_of(Services& s) {
  temporal::Registry registry;
  registry.workflow<OrderSaga>();
  registry.activity(charge_payment, [&s](ChargeInput in) {
    return s.answer("charge", Charged{in.order_id, in.amount});
  });
  registry.activity(reserve_inventory, [&s](StepInput in) {
    return s.answer("reserve", Reserved{in.order_id, "item"});
  });
  registry.activity(start_delivery, [&s](temporal::activity::Context context, StepInput in) {
    temporal::activity::sleep(5s, context).get();  // of the saga's time
    return s.answer("deliver", Delivered{in.order_id});
  });
  registry.activity(refund_payment,
                    [&s](StepInput in) { return s.answer("refund", Undone{in.order_id}); });
  registry.activity(restock_inventory,
                    [&s](StepInput in) { return s.answer("restock", Undone{in.order_id}); });
  registry.activity(cancel_delivery,
                    [&s](StepInput in) { return s.answer("cancel", Undone{in.order_id}); });
  return registry;
}

temporal::WorkflowHandle<Completed> place(const Environment& env) {
  return env.client()
      .start_workflow(OrderWorkflow::type,
                      {.id = "order-1", .task_queue = std::string(kOrderTaskQueue)},
                      OrderInput{.order_id = kOrder, .amount = Money::from_minor(10'000)})
      .get();
}

TEST(OrderSimulated, AnOrderCompletes) {
  Services services;
  auto env = Environment::simulated({.registry = registry_of(services)});
  const auto before = env.now();
  EXPECT_EQ(place(env).result().get().order_id, kOrder);
  EXPECT_THAT(services.called, ElementsAre("charge", "reserve", "deliver"));
  EXPECT_EQ(env.now() - before, 5s);
}

TEST(OrderSimulated, WhatWasDoneIsUndoneWhenAStepIsRefused) {
  Services services{.refused_by = "reserve"};
  auto env = Environment::simulated({.registry = registry_of(services)});
  try {
    place(env).result().get();
    FAIL() << "it completed";
  } catch (const temporal::WorkflowFailedError& error) {
    EXPECT_EQ(error.failure().type(), explain(Code::out_of_stock).code);
  }
  EXPECT_THAT(services.called, ElementsAre("charge", "reserve", "restock", "refund"));
}

TEST(OrderSimulated, ACancelAmidTheDeliveryIsTheDeliverysToDecide) {
  Services services;
  auto env = Environment::simulated({.registry = registry_of(services)});
  auto order = place(env);
  EXPECT_TRUE(order.execute_update(OrderWorkflow::cancel, CancelRequest{}).get().accepted);
  EXPECT_THROW(order.result().get(), temporal::WorkflowFailedError);
  EXPECT_EQ(order.describe().get().status, temporal::WorkflowStatus::canceled);
  EXPECT_THAT(services.called, ElementsAre("charge", "reserve", "cancel", "restock", "refund"));
}

// --- The recorded orders, by the same component

temporal::ReplayerOptions today() {
  temporal::Registry registry;
  registry.workflow<OrderSaga>().workflow<RepairWorkflow>();
  return {.registry = registry};
}

TEST(OrderReplay, AFolderOfHistories) {
  // [replay]
  const temporal::Replayer replayer(today());
  auto results = temporal::testing::replay(replayer, JUMUN_HISTORIES);
  EXPECT_GE(results.size(), 12u);
  for (const auto& result : results)
    EXPECT_TRUE(result.ok()) << result.workflow_id << ": " << result.failure;
  // [replay]
}

TEST(OrderReplay, StepByStep) {
  auto history = temporal::testing::read_histories(JUMUN_HISTORIES "/completed.json").front();
  // [stepping]
  temporal::testing::SteppingReplay replay(today(), history);
  EXPECT_THAT(replay.next_events(),
              ElementsAre("1 WORKFLOW_EXECUTION_STARTED", "2 WORKFLOW_TASK_SCHEDULED",
                          "3 WORKFLOW_TASK_STARTED"));
  auto first = replay.step();
  ASSERT_TRUE(first);
  EXPECT_THAT(first->jobs, ElementsAre("initialize_workflow OrderWorkflow"));
  EXPECT_THAT(first->commands, ElementsAre("schedule_activity 1 chargePayment"));
  EXPECT_THAT(first->waits_for, ElementsAre("activity chargePayment (1)"));
  // [stepping]
  auto second = replay.step();
  ASSERT_TRUE(second);
  EXPECT_THAT(second->jobs, ElementsAre("resolve_activity 1"));
  EXPECT_THAT(second->waits_for, ElementsAre("activity reserveInventory (2)"));
  auto result = replay.result();
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.workflow_id, "completed");
  EXPECT_FALSE(replay.step());
  EXPECT_TRUE(replay.next_events().empty());
}

TEST(OrderReplay, MayBeGivenUp) {
  auto history = temporal::testing::read_histories(JUMUN_HISTORIES "/completed.json").front();
  temporal::testing::SteppingReplay replay(today(), history);
  EXPECT_TRUE(replay.step());
  EXPECT_FALSE(replay.next_events().empty());
}

TEST(OrderReplay, WhatIsNoHistoryIsNamed) {
  EXPECT_THROW(temporal::testing::read_histories("no-such-folder"), std::invalid_argument);
  EXPECT_THROW(temporal::testing::read_histories(__FILE__), std::invalid_argument);
}

}  // namespace
}  // namespace ordering::order
