// Where a worker's slots come from, on the real server.
#include <temporal/activity.h>
#include <temporal/worker_group.h>

#include <atomic>
#include <deque>
#include <latch>
#include <mutex>
#include <thread>

#include "fixture.h"
#include "summing_meter.h"

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr ActivityType<int(int)> step{"step"};
constexpr WorkflowType<int(int)> spread_type{"Spread"};
struct Spread {  // so many activities at once
  static auto definition() { return workflow_definition(spread_type, &Spread::run); }
  Task<int> run(int count) {
    std::vector<workflow::Future<int>> steps;
    for (int i = 1; i <= count; ++i)
      steps.push_back(workflow::execute_activity(step, {.start_to_close_timeout = 20s}, i));
    int sum = 0;
    for (auto& s : steps) sum += co_await s;
    co_return sum;
  }
};
constexpr WorkflowType<int(int)> local_type{"SpreadLocally"};
struct SpreadLocally {
  static auto definition() { return workflow_definition(local_type, &SpreadLocally::run); }
  Task<int> run(int count) {
    std::vector<workflow::Future<int>> steps;
    for (int i = 1; i <= count; ++i)
      steps.push_back(workflow::execute_local_activity(step, {.start_to_close_timeout = 20s}, i));
    int sum = 0;
    for (auto& s : steps) sum += co_await s;
    co_return sum;
  }
};

// Notices how many of its calls run at a time.
struct Crowd {
  std::mutex mutex;
  int now = 0;
  int most = 0;
  int step(int n) {
    {
      std::lock_guard lock(mutex);
      most = std::max(most, ++now);
    }
    activity_gap();
    std::lock_guard lock(mutex);
    --now;
    return n;
  }
  static void activity_gap() { std::this_thread::yield(); }
};

// So many slots, first come first served.
class Limited final : public SlotSupplier {
 public:
  Limited(int slots, std::shared_ptr<Executor> executor)
      : free_(slots), executor_(std::move(executor)) {}

  Async<SlotPermit> reserve(SlotRequest request) override {
    return {executor_, [this, request = std::move(request)](std::stop_token stop,
                                                            Callback<SlotPermit> done) mutable {
              auto waiter = std::make_shared<Waiter>(std::move(done));
              {
                std::lock_guard lock(mutex);
                asked.push_back(request);
                waiting_.push_back(waiter);
              }
              waiter->on_stop.emplace(std::move(stop), [this, w = waiter.get()] { give_up(w); });
              serve();
            }};
  }
  std::optional<SlotPermit> try_reserve(SlotRequest request) override {
    std::lock_guard lock(mutex);
    asked.push_back(std::move(request));
    if (free_ == 0) return {};
    --free_;
    return SlotPermit{std::make_shared<int>(++given)};
  }
  void mark_used(const SlotPermit& permit, const SlotUse& use) override {
    std::lock_guard lock(mutex);
    EXPECT_TRUE(permit.data);
    ++used[use.workflow_type + use.activity_type];
  }
  void release(SlotPermit permit) override {
    {
      std::lock_guard lock(mutex);
      EXPECT_TRUE(permit.data);
      ++free_;
      ++released;
    }
    serve();
  }

  std::mutex mutex;
  int given = 0, released = 0, given_up = 0;
  std::vector<SlotRequest> asked;
  std::map<std::string, int> used;

 private:
  struct Waiter {
    Callback<SlotPermit> done;
    std::optional<std::stop_callback<std::function<void()>>> on_stop = {};
  };
  void serve() {
    std::shared_ptr<Waiter> first;
    SlotPermit permit;
    {
      std::lock_guard lock(mutex);
      if (free_ == 0 || waiting_.empty()) return;
      --free_;
      first = waiting_.front();
      waiting_.pop_front();
      permit.data = std::make_shared<int>(++given);
    }
    first->done(std::move(permit));
  }
  void give_up(Waiter* waiter) {
    Callback<SlotPermit> done;
    {
      std::lock_guard lock(mutex);
      auto found = std::ranges::find(waiting_, waiter, &std::shared_ptr<Waiter>::get);
      if (found == waiting_.end()) return;
      done = std::move((*found)->done);
      waiting_.erase(found);
      ++given_up;
    }
    done(std::unexpected(std::make_exception_ptr(CanceledFailure("not wanted"))));
  }

  int free_;
  const std::shared_ptr<Executor> executor_;
  std::deque<std::shared_ptr<Waiter>> waiting_;
};

class Slots : public ServerTest {
 protected:
  Registry crowded() {
    Registry registry;
    registry.activity(step, &Crowd::step, crowd);
    return registry;
  }
  std::shared_ptr<Limited> limited(int slots) const {
    return std::make_shared<Limited>(slots, client.runtime().executor());
  }
  static void all_returned(Limited& slots) {
    eventually(
        [&] {
          std::lock_guard lock(slots.mutex);
          return slots.given == slots.released;
        },
        "the last release");
  }
  std::shared_ptr<Crowd> crowd = std::make_shared<Crowd>();
};

TEST_F(Slots, AStatusCountsThemAndSaysWhyAWorkerIsNotReady) {
  std::latch running(2), finish(1);
  Registry registry;
  registry.workflow<Spread>().activity(step, [&](int n) {
    running.count_down();
    finish.wait();
    return n;
  });
  Worker worker(client, {.task_queue = queue,
                         .registry = registry,
                         .max_cached_workflows = 7,
                         .max_concurrent_activities = 4,
                         .activity_pollers = SimplePollers{.maximum = 1},
                         .max_eager_activities_per_workflow_task = 0});
  EXPECT_EQ(worker.status().not_ready, "the worker was not started");
  worker.start();
  eventually([&] { return worker.status().ready(); }, "readiness");
  auto handle = start(spread_type, 2);
  running.wait();
  auto busy = worker.status();
  EXPECT_EQ(busy.activities.used, 2u);
  EXPECT_EQ(busy.max_cached_workflows, 7u);
  EXPECT_EQ(busy.cached_workflows, 1u);
  EXPECT_EQ(busy.local_activities.used, 0u);
  EXPECT_EQ(busy.local_activities.polling + busy.local_activities.available.value(), 100u);
  EXPECT_GE(busy.workflow_tasks.polling, 1u);
  eventually(
      [&] {
        auto slots = worker.status().activities;
        return slots.polling + slots.available.value() == 2;
      },
      "the next poll");
  finish.count_down();
  EXPECT_EQ(result(handle), 3);
  worker.shutdown();
  EXPECT_EQ(worker.status().not_ready, "the worker has stopped");
}

TEST_F(Slots, ByResourcesOfOneControllerForTwoWorkers) {
  ResourceController machine({.memory = 1.0, .cpu = 1.0});
  auto tuner = Tuner{.workflow_tasks = ResourceSlots{.controller = machine},
                     .activities = ResourceSlots{.controller = machine, .maximum = 20},
                     .local_activities = ResourceSlots{.controller = machine, .minimum = 3}};
  auto& worker = work_on<Spread, SpreadLocally>(crowded(), {.tuner = tuner});
  auto other = connect();
  Registry registry = crowded();
  registry.workflow<Spread>();
  Worker second(other, {.task_queue = queue + "-2", .registry = registry, .tuner = tuner});
  second.start();
  EXPECT_EQ(run(spread_type, 4), 10);
  EXPECT_EQ(run(local_type, 4), 10);
  auto handle =
      client.start_workflow(spread_type, {.id = queue + "-2", .task_queue = queue + "-2"}, 3).get();
  EXPECT_EQ(result(handle), 6);
  EXPECT_LE(worker.status().activities.available.value(), 20u);
}

// Of a runtime of its own, whose metrics have what its controller measures: Core gives that to the
// worker that asks the controller first.
struct Measured {
  Measured(const std::string& queue, const Registry& registry, const ResourceController& controller)
      : worker(Client::connect({.target = Server::shared().address(),
                                .runtime = Runtime::create({.meter = meter})})
                   .get(),
               {.task_queue = queue,
                .registry = registry,
                .tuner = {.activities = ResourceSlots{.controller = controller}}}) {
    worker.start();
    eventually([&] { return worker.status().activities.polling > 0; }, "a poll");
  }
  bool measures() const { return meter->sum("temporal_resource_slots_mem_usage") > 0; }
  std::shared_ptr<SummingMeter> meter = std::make_shared<SummingMeter>();
  Worker worker;
};
TEST_F(Slots, AControllerMeasuresOnceForAllItsWorkers) {
  ResourceController machine, another;
  Measured first(queue + "-1", crowded(), machine);
  eventually([&] { return first.measures(); }, "its measurements");
  Measured second(queue + "-2", crowded(), machine);
  Measured third(queue + "-3", crowded(), another);
  eventually([&] { return third.measures(); }, "those of another controller");
  EXPECT_FALSE(second.measures());
}

TEST_F(Slots, AFullMachineLeavesTheMinimumToEachWorker) {
  ResourceController full({.memory = 0.000'001, .cpu = 1.0});
  const Tuner tuner{.activities = ResourceSlots{.controller = full, .minimum = 1}};
  work_on<Spread>(crowded(), {.max_eager_activities_per_workflow_task = 0, .tuner = tuner});
  auto crowd_of_second = std::make_shared<Crowd>();
  Registry registry;
  registry.workflow<Spread>().activity(step, &Crowd::step, crowd_of_second);
  auto other = connect();
  Worker second(other, {.task_queue = queue + "-2",
                        .registry = registry,
                        .max_eager_activities_per_workflow_task = 0,
                        .tuner = tuner});
  second.start();
  auto handle =
      client.start_workflow(spread_type, {.id = queue + "-2", .task_queue = queue + "-2"}, 5).get();
  EXPECT_EQ(run(spread_type, 5), 15);
  EXPECT_EQ(result(handle), 15);
  EXPECT_EQ(crowd->most, 1);
  EXPECT_EQ(crowd_of_second->most, 1);
}

TEST_F(Slots, ACustomSupplierIsAskedToldAndGivenBack) {
  auto slots = limited(2);
  auto& worker = work_on<Spread>(crowded(), {.tuner = {.activities = slots}});
  EXPECT_EQ(run(spread_type, 6), 21);
  EXPECT_LE(crowd->most, 2);
  EXPECT_EQ(worker.status().activities.available, std::nullopt);
  worker.shutdown();
  all_returned(*slots);
  EXPECT_EQ(slots->used["step"], 6);
  ASSERT_FALSE(slots->asked.empty());
  EXPECT_EQ(slots->asked[0].kind, SlotKind::activity);
  EXPECT_EQ(slots->asked[0].task_queue, queue);
  EXPECT_EQ(slots->asked[0].worker_identity, client.identity());
}

TEST_F(Slots, CustomOnesOfEachKind) {
  auto workflows = limited(4), locals = limited(1);
  auto& worker = work_on<SpreadLocally>(
      crowded(), {.tuner = {.workflow_tasks = workflows, .local_activities = locals}});
  EXPECT_EQ(run(local_type, 4), 10);
  EXPECT_EQ(crowd->most, 1);
  worker.shutdown();
  all_returned(*workflows);
  all_returned(*locals);
  EXPECT_GE(workflows->used["SpreadLocally"], 1);
  EXPECT_EQ(locals->used["step"], 4);
}

TEST_F(Slots, ASupplierThatThrowsIsAskedAgain) {
  struct Unsure final : SlotSupplier {
    std::atomic<int> asked = 0;
    Async<SlotPermit> reserve(SlotRequest) override {
      if (++asked == 1) throw std::runtime_error("not now");
      co_return SlotPermit();
    }
    void mark_used(const SlotPermit&, const SlotUse&) override { throw std::runtime_error("?"); }
    void release(SlotPermit) override { throw std::runtime_error("!"); }
  };
  auto unsure = std::make_shared<Unsure>();
  work_on<Spread>(crowded(), {.activity_pollers = SimplePollers{.maximum = 1},
                              .max_eager_activities_per_workflow_task = 0,
                              .tuner = {.activities = unsure}});
  EXPECT_EQ(run(spread_type, 2), 3);
  EXPECT_GE(unsure->asked, 3);
}

// --- Groups

class Groups : public Slots {
 protected:
  WorkerOptions on(std::string suffix) {
    auto registry = crowded();
    registry.workflow<Spread>();
    return {.task_queue = queue + std::move(suffix), .registry = std::move(registry)};
  }
  WorkflowHandle<int> start_on(const std::string& suffix, int count) {
    return client
        .start_workflow(spread_type, {.id = queue + suffix, .task_queue = queue + suffix}, count)
        .get();
  }
};

TEST_F(Groups, ManyQueuesHaveOneTunerOnePoolAndOneStatus) {
  WorkerGroup group(client,
                    {.tuner = {.workflow_tasks = FixedSlots{6}, .activities = FixedSlots{3}},
                     .activity_threads = 2},
                    {on("-a"), on("-b"), on("-c")});
  EXPECT_EQ(group.status().not_ready, "task queue \"" + queue + "-a\": the worker was not started");
  group.start();
  eventually([&] { return group.status().ready(); }, "readiness");
  std::vector<WorkflowHandle<int>> handles;
  for (const auto* suffix : {"-a", "-b", "-c"}) handles.push_back(start_on(suffix, 5));
  for (auto& handle : handles) EXPECT_EQ(result(handle), 15);
  EXPECT_LE(crowd->most, 2);  // threads
  for (const auto& worker : group.status().workers) {
    EXPECT_LE(worker.activities.polling, 1u);
    EXPECT_LE(worker.workflow_tasks.polling, 2u);
    EXPECT_EQ(worker.completed_activities, 5u);
  }
  group.shutdown();
  for (const auto& worker : group.status().workers) EXPECT_EQ(worker.state, WorkerState::stopped);
}

TEST_F(Groups, OneQueueMayHaveAllTheSlotsButItsNeighboursPolls) {
  std::latch running(3), finish(1);
  Registry registry;
  registry.workflow<Spread>().activity(step, [&](int n) {
    running.count_down();
    finish.wait();
    return n;
  });
  auto busy = on("-busy");
  busy.registry = registry;
  busy.max_eager_activities_per_workflow_task = 0;
  WorkerGroup group(client, {.tuner = {.activities = FixedSlots{4}}}, {on("-idle"), busy});
  group.start();
  auto handle = start_on("-busy", 3);
  running.wait();  // while the other polls
  EXPECT_EQ(result(start_on("-idle", 1)), 1);
  finish.count_down();
  EXPECT_EQ(result(handle), 6);
}

TEST_F(Groups, RunUntilAStop) {
  WorkerGroup group(client, {}, {on("-a"), on("-b")});
  std::stop_source stop;
  std::jthread running([&] { group.run(stop.get_token()); });
  EXPECT_EQ(result(start_on("-b", 2)), 3);
  stop.request_stop();
  running.join();
  EXPECT_FALSE(group.status().ready());
}

TEST_F(Groups, RefuseWhatCannotBe) {
  auto refused = [&](WorkerGroupOptions options, std::vector<WorkerOptions> workers) {
    try {
      WorkerGroup group(client, std::move(options), std::move(workers));
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  EXPECT_EQ(refused({}, {}), "WorkerGroup: there are no workers");
  EXPECT_EQ(refused({.tuner = {.workflow_tasks = FixedSlots{3}}}, {on("-a"), on("-b")}),
            "WorkerGroup: tuner.workflow_tasks has 3 slots for 2 workers: it needs 4");
  auto tuned = on("-a");
  tuned.tuner.activities = FixedSlots{1};
  EXPECT_EQ(
      refused({.tuner = {.activities = FixedSlots{3}}}, {tuned}),
      "WorkerGroup: tuner.activities is set by the group and by the worker of \"" + queue + "-a\"");
  EXPECT_EQ(refused({.tuner = {.activities = std::shared_ptr<SlotSupplier>()}}, {on("-a")}),
            "WorkerOptions::tuner.activities.supplier is null");
}

}  // namespace
}  // namespace temporal::tests
