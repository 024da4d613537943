// Activities, what a registry binds, the worker and the replayer. A worker needs a server, so its calls
// are compiled and not made.
#include <gtest/gtest.h>
#include <temporal/replayer.h>
#include <temporal/session.h>
#include <temporal/worker.h>
#include <temporal/worker_group.h>
#include <temporal/workflow.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace activity = temporal::activity;
namespace workflow = temporal::workflow;

struct ChargeInput {
  std::string order_id = {};
};
struct Charged {
  std::string payment_id = {};
};
inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge{"charge"};
inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_slowly{"chargeSlowly"};
inline constexpr temporal::ActivityType<int(int)> twice{"twice"};
inline constexpr temporal::ActivityType<int(int)> thrice{"thrice"};
inline constexpr temporal::ActivityType<void()> approve{"approve"};
inline constexpr temporal::ActivityType<std::string(temporal::RawArgs)> raw{"raw"};
inline constexpr temporal::WorkflowType<int(int)> doubling{"doubling"};

class Payments {
 public:
  Charged charge(ChargeInput in) { return {.payment_id = "p-" + in.order_id}; }
  // Sees its context, waits without a thread, obeys a cancellation.
  temporal::Async<Charged> charge_slowly(activity::Context context, ChargeInput in) {
    int done = context.last_details<int>().value_or(0);
    while (done < 3 && !context.stop_token().stop_requested()) {
      co_await activity::sleep(1s, context);
      context.heartbeat(++done);
      context.metric_meter().counter({.name = "steps"}, {})->add(1);
      if (context.worker_shutdown_token().stop_requested()) break;  // the next worker goes on
    }
    if (context.cancel_reason() == activity::CancelReason::worker_shutdown)
      context.logger().warn("the worker ends");
    context.throw_if_canceled();
    co_return Charged{.payment_id = context.info().activity_id + in.order_id};
  }
  void approve(activity::Context context) {
    hand_over(context.info().task_token);
    context.complete_later();
  }

 private:
  static void hand_over(const std::string&) {}
};

int times_three(int n) {
  return 3 * n;
}

struct Doubling {
  static auto definition() { return temporal::workflow_definition(doubling, &Doubling::run); }
  workflow::Task<int> run(int n) {
    co_return co_await workflow::execute_activity(twice, {.start_to_close_timeout = 1s}, n);
  }
};

struct AnyType {
  static auto definition() { return temporal::dynamic_workflow_definition(&AnyType::run); }
  workflow::Task<temporal::RawValue> run(temporal::RawArgs args) {
    co_return args.as<temporal::RawValue>(0);
  }
};

temporal::Registry registry() {
  static Payments outliving;
  auto kept = std::make_shared<Payments>();
  temporal::Registry registry;
  registry.workflow<Doubling>()
      .workflow<AnyType>()
      .activity(charge, &Payments::charge, kept)
      .activity(charge_slowly, &Payments::charge_slowly, kept)
      .activity(approve, &Payments::approve, std::ref(outliving))
      .activity(thrice, times_three)
      .activity(raw, [](temporal::RawArgs args) { return args.as<std::string>(0); })
      .activity(twice, [](int n) { return 2 * n; })
      .dynamic_activity([](activity::Context context, temporal::RawArgs args) {
        return context.info().activity_type + std::to_string(args.size());
      });
  return registry;
}

TEST(ApiWorker, ARegistryBindsEveryKindOfFunction) {
  const auto all = registry();
  EXPECT_EQ(all.activity_names(), (std::vector<std::string>{"approve", "charge", "chargeSlowly",
                                                            "raw", "thrice", "twice"}));
  EXPECT_EQ(all.workflow_names(), std::vector<std::string>{"doubling"});
  EXPECT_NE(all.find_activity("of no name that is bound"), nullptr);  // the dynamic one
  EXPECT_TRUE(all.find_workflow("of no name that is bound")->dynamic);
  EXPECT_FALSE(all.find_workflow("doubling")->dynamic);
  EXPECT_EQ(all.find_workflow("__temporal_x"), nullptr);
  EXPECT_THROW(registry().workflow<AnyType>(), std::logic_error);
  EXPECT_TRUE(all.has_workflows() && all.has_activities());
}

[[maybe_unused]] void works(temporal::Client client, std::stop_token stop) {
  temporal::Worker blocking(
      client, {.task_queue = "orders",
               .registry = registry(),
               .max_cached_workflows = 100,
               .max_concurrent_activities = 10,
               .workflow_task_pollers = temporal::SimplePollers{.maximum = 2},
               .activity_pollers = temporal::AutoscalingPollers{.maximum = 10},
               .max_activities_per_second = 5.0,
               .graceful_shutdown_timeout = 5s,
               .deployment = temporal::WorkerDeploymentOptions{.version = {"shop", "1.2"}},
               .failure_types = {workflow::failure_type<std::out_of_range>()},
               .patch_activation_callback =
                   [](const workflow::PatchActivationInput& in) {
                     return in.patch_id != "not yet" && in.info.workflow_id.starts_with("test-");
                   },
               .workflow_threads = 2,
               .executor = std::make_shared<temporal::ThreadExecutor>(2)});
  blocking.run(stop);
  temporal::Worker beside(client, {.task_queue = "others", .registry = registry()});
  beside.start();
  const temporal::WorkerStatus status = beside.status();
  if (status.state == temporal::WorkerState::connecting)
    client.runtime().logger().warn(status.last_error);
  beside.shutdown();
}

TEST(ApiWorker, AWorkerThatNeverBeganHasAStatus) {
  auto client = temporal::Client::lazy({.target = "127.0.0.1:1"});
  temporal::Worker worker(client, {.task_queue = "orders", .registry = registry()});
  EXPECT_EQ(worker.status().state, temporal::WorkerState::created);
  worker.shutdown();
}

class Connections final : public temporal::SlotSupplier {
 public:
  temporal::Async<temporal::SlotPermit> reserve(temporal::SlotRequest request) override {
    co_return temporal::SlotPermit{std::make_shared<std::string>(request.task_queue)};
  }
  void release(temporal::SlotPermit) override {}
};

[[maybe_unused]] int works_as_one(temporal::Client client, temporal::Client other,
                                  std::stop_token stop) {
  temporal::ResourceController machine({.memory = 0.7, .cpu = 0.9});
  temporal::Worker tuned(
      client,
      {.task_queue = "orders",
       .registry = registry(),
       .tuner = {.workflow_tasks = temporal::FixedSlots{50},
                 .activities = temporal::ResourceSlots{.controller = machine, .maximum = 500},
                 .local_activities = std::make_shared<Connections>()}});
  const int sum =
      tuned.run_until(client.execute_workflow(doubling, {.id = "d", .task_queue = "orders"}, 3));
  temporal::WorkerGroup group(
      client, {.tuner = {.activities = temporal::FixedSlots{20}}, .activity_threads = 8},
      {{.task_queue = "orders", .registry = registry()},
       {.task_queue = "others", .registry = registry()}});
  group.start();
  group.replace_client(other).get();
  const temporal::WorkerGroupStatus status = group.status();
  if (!status.ready()) client.runtime().logger().warn(status.not_ready);
  const temporal::SlotStatus slots = status.workers[0].activities;
  group.run(stop);
  return sum + static_cast<int>(slots.used + slots.polling + slots.available.value_or(0));
}

[[maybe_unused]] workflow::Task<Charged> in_session() {
  auto session = co_await temporal::session::create({.task_queue = "hosts"});
  auto charged = co_await session.execute_activity(charge, {.start_to_close_timeout = 1s},
                                                   {.order_id = session.id()});
  if (session.state() == temporal::session::State::open) session.complete();
  co_return charged;
}

TEST(ApiWorker, AGroupThatNeverBeganHasAStatus) {
  auto client = temporal::Client::lazy({.target = "127.0.0.1:1"});
  temporal::WorkerGroup group(client, {}, {{.task_queue = "orders", .registry = registry()}});
  EXPECT_EQ(group.status().not_ready, "task queue \"orders\": the worker was not started");
  group.shutdown();
  temporal::session::Host host(client, {.task_queue = "hosts", .registry = registry()});
  EXPECT_EQ(host.sessions(), 0U);
}

TEST(ApiWorker, AReplayerIsMadeWithoutIo) {
  temporal::Replayer replayer(
      {.registry = registry(),
       .patch_activation_callback = [](const workflow::PatchActivationInput&) { return true; },
       .deadlock_timeout = 1s});
  const auto history = temporal::History::from_json("w", R"({"events":[]})");
  EXPECT_EQ(history.size(), 0U);
}
[[maybe_unused]] std::string replays(const temporal::Replayer& replayer,
                                     const temporal::History& history) {
  for (const auto& result : replayer.replay(std::vector{history}))
    if (result.nondeterministic) return result.failure;
  const temporal::ReplayResult one = replayer.replay(history);
  return one.ok() ? one.run_id : one.failure;
}

}  // namespace
