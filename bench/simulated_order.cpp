// What the SDK's simulator costs: milliseconds for one order of the shop, its services mocked.
//
//   build/release/bench/bench_simulated_order [ORDERS]      200 unless said
#include <temporal/testing.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "contract/activities.h"
#include "contract/task_queues.h"
#include "order/order_saga.h"

namespace {

using namespace ordering;
using Clock = std::chrono::steady_clock;

temporal::Registry shop() {
  temporal::Registry registry;
  registry.workflow<order::OrderSaga>();
  registry.activity(charge_payment, [](ChargeInput in) { return Charged{in.order_id, in.amount}; });
  registry.activity(reserve_inventory, [](StepInput in) { return Reserved{in.order_id, "item"}; });
  registry.activity(start_delivery, [](temporal::activity::Context context, StepInput in) {
    temporal::activity::sleep(std::chrono::seconds(5), context).get();
    return Delivered{in.order_id};
  });
  return registry;
}

void place(const temporal::testing::Environment& env, int number) {
  auto id = "order-" + std::to_string(number);
  env.client()
      .execute_workflow(
          OrderWorkflow::type, {.id = id, .task_queue = std::string(kOrderTaskQueue)},
          OrderInput{.order_id = *OrderId::parse(id), .amount = Money::from_minor(10'000)})
      .get();
}

double milliseconds(Clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int orders = argc > 1 ? std::atoi(argv[1]) : 200;
  auto began = Clock::now();
  auto env = temporal::testing::Environment::simulated({.registry = shop()});
  place(env, 0);
  std::printf("environment and first order  %7.2f ms\n", milliseconds(Clock::now() - began));
  began = Clock::now();
  for (int i = 1; i <= orders; ++i) place(env, i);
  std::printf("one order, of %6d         %7.3f ms\n", orders,
              milliseconds(Clock::now() - began) / orders);
  return 0;
}
