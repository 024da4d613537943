// The worker's own life on the real server: cache, shutdown, restart, a server that goes away.
#include <temporal/activity.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "fixture.h"
#include "looping.h"

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr WorkflowType<int(int)> steps_type{"Steps"};
constexpr ActivityType<int(int)> step{"step"};
constexpr SignalType<void()> go{"go"};
struct Steps {  // so many activities one after another, a timer between them
  static auto definition() { return workflow_definition(steps_type, &Steps::run); }
  Task<int> run(int count) {
    int sum = 0;
    for (int i = 1; i <= count; ++i) {
      sum += co_await workflow::execute_activity(step, {.start_to_close_timeout = 10s}, i);
      co_await workflow::sleep(1ms);
    }
    co_return sum;
  }
};

constexpr WorkflowType<int()> gate_type{"Gate"};
struct Gate {
  static auto definition() {
    return workflow_definition(gate_type, &Gate::run).signal(go, &Gate::on_go);
  }
  Task<int> run() {
    auto before = co_await workflow::execute_activity(step, {.start_to_close_timeout = 10s}, 1);
    co_await workflow::wait_until([this] { return open_; });
    co_return before +
        co_await workflow::execute_activity(step, {.start_to_close_timeout = 10s}, 2);
  }
  void on_go() { open_ = true; }
  bool open_ = false;
};

Registry stepping() {
  Registry registry;
  registry.activity(step, [](int n) { return n; });
  return registry;
}

class Workers : public ServerTest {};

TEST_F(Workers, WithoutACache) {
  work_on<Steps>(stepping(), {.max_cached_workflows = 0});
  EXPECT_EQ(run(steps_type, 4), 10);
}

TEST_F(Workers, WithACacheOfOneForManyWorkflows) {
  auto& worker = work_on<Steps>(stepping(), {.max_cached_workflows = 1});
  std::vector<WorkflowHandle<int>> handles;
  for (int i = 0; i < 5; ++i) handles.push_back(start(steps_type, 3));
  for (auto& handle : handles) EXPECT_EQ(result(handle), 6);
  EXPECT_LE(worker.status().cached_workflows, 1u);
}

TEST_F(Workers, AnotherWorkerGoesOnWhereOneEnded) {
  work_on<Gate>(stepping()).shutdown();
  auto handle = start(gate_type);
  {
    std::promise<void> ran;
    Registry registry;
    registry.workflow<Gate>().activity(step, [&ran](int n) {
      ran.set_value();
      return n;
    });
    auto other = connect();
    Worker first(other, {.task_queue = queue, .registry = registry});
    first.start();
    ran.get_future().wait();
    eventually([&] { return first.status().completed_workflow_tasks >= 2; }, "the second task");
  }
  handle.signal(go).get();
  auto second = connect();
  Registry registry = stepping();
  registry.workflow<Gate>();
  Worker worker(second, {.task_queue = queue, .registry = registry});
  worker.start();
  EXPECT_EQ(result(handle), 3);
}

TEST_F(Workers, AnEagerStartBringsTheFirstTaskToTheWorkerOfItsClient) {
  auto& worker = work_on<Steps>(stepping());
  eventually([&] { return worker.status().state == WorkerState::running; }, "a running worker");
  auto started_eagerly = [this](const std::string& id) {
    auto handle =
        client
            .start_workflow(steps_type,
                            {.id = id, .task_queue = queue, .request_eager_start = true}, 2)
            .get();
    EXPECT_EQ(handle.result().get(), 3);
    return handle.fetch_history().get().to_json().contains("\"eagerExecutionAccepted\":true");
  };
  // Core gives away a slot only once it polls.
  int tries = 0;
  eventually([&] { return started_eagerly(queue + std::to_string(++tries)); }, "an eager start");
}

TEST_F(Workers, TwoOnTheSameQueueOfAClientAreRefused) {
  work_on<Steps>(stepping());
  Registry registry = stepping();
  registry.workflow<Steps>();
  try {
    Worker second(client, {.task_queue = queue, .registry = registry});
    FAIL() << "no exception";
  } catch (const std::logic_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr(queue));
  }
}

TEST_F(Workers, TwoBuildsOfOneNameAreTheSame) {
  auto build = [&](std::string deployment, std::string id) {
    return WorkerOptions{.task_queue = queue,
                         .registry = stepping(),
                         .deployment = {{.version = {std::move(deployment), std::move(id)}}}};
  };
  Worker first(client, build("one", "1.0"));
  EXPECT_THROW(Worker(client, build("another", "1.0")), std::logic_error);
  EXPECT_NO_THROW(Worker(client, build("one", "1.1")));
  EXPECT_THROW(Worker(client, build("1.1", "one")),
               std::invalid_argument);  // the server takes none
}

TEST_F(Workers, AWorkflowOfAnUnknownTypeWaitsForAWorkerThatKnowsIt) {
  work_on<Gate>(stepping());
  auto handle = start(steps_type, 1);
  eventually(
      [&] {
        return handle.fetch_history().get().to_json().contains(
            "\\\"Steps\\\" is not registered with this worker; registered are: Gate");
      },
      "a failed task");
  handle.terminate({.reason = "enough"}).get();
}

TEST_F(Workers, AWorkflowThatBlocksFailsItsTaskAndTheOthersGoOn) {
  looping = true;
  work_on<Loop, Steps>(stepping(), {.workflow_threads = 1, .deadlock_timeout = 100ms});
  auto stuck = start(loop_type);
  EXPECT_EQ(run(steps_type, 2), 3);
  eventually([&] { return stuck.fetch_history().get().to_json().contains("[TMPRL1101]"); },
             "the failed task");
  looping = false;
  result(stuck);
}

// --- Shutdown

constexpr WorkflowType<std::string()> once_type{"Once"};
constexpr ActivityType<std::string()> slow{"slow"};
struct Once {
  static auto definition() { return workflow_definition(once_type, &Once::run); }
  Task<std::string> run() {
    co_return co_await workflow::execute_activity(
        slow, {.start_to_close_timeout = 20s, .retry_policy = {{.initial_interval = 10ms}}});
  }
};

TEST_F(Workers, AShutdownWaitsForItsActivitiesAndTheirAnswersCount) {
  std::latch running(1), finish(1);
  Registry registry;
  registry.activity(slow, [&] {
    running.count_down();
    finish.wait();
    return std::string("finished");
  });
  auto& worker = work_on<Once>(registry, {.graceful_shutdown_timeout = 20s});
  auto handle = start(once_type);
  running.wait();
  std::jthread stopping([&] { worker.shutdown(); });
  eventually([&] { return worker.status().state == WorkerState::stopping; }, "the shutdown");
  EXPECT_EQ(worker.status().running_activities, 1u);
  finish.count_down();
  stopping.join();
  EXPECT_EQ(worker.status().state, WorkerState::stopped);
  auto other = connect();
  Worker next(other, {.task_queue = queue, .registry = std::move(registry.workflow<Once>())});
  next.start();
  EXPECT_EQ(result(handle), "finished");
}

TEST_F(Workers, AfterTheGraceActivitiesAreToldWhy) {
  std::latch running(1);
  std::atomic<int> attempts = 0;
  Registry registry;
  registry.activity(slow, [&](activity::Context context) -> std::string {
    if (++attempts > 1) return "again";
    running.count_down();
    while (!context.cancel_reason()) activity::sleep(5ms, context).get();
    EXPECT_EQ(context.cancel_reason(), activity::CancelReason::worker_shutdown);
    context.throw_if_canceled();
    return "not told";
  });
  auto& worker = work_on<Once>(registry, {.graceful_shutdown_timeout = 50ms});
  auto handle = start(once_type);
  running.wait();
  worker.shutdown();
  auto other = connect();
  Registry again = registry;
  again.workflow<Once>();
  Worker next(other, {.task_queue = queue, .registry = again});
  next.start();
  EXPECT_EQ(result(handle), "again");
}

TEST_F(Workers, TheShutdownIsToldBeforeTheGraceIsOver) {
  std::latch running(1);
  Registry registry;
  registry.activity(slow, [&](activity::Context context) -> std::string {
    running.count_down();
    const auto ending = context.worker_shutdown_token();
    while (!ending.stop_requested()) activity::sleep(5ms, context).get();
    return context.stop_token().stop_requested() ? "cancelled" : "told";
  });
  auto& worker = work_on<Once>(registry, {.graceful_shutdown_timeout = 60s});
  auto handle = start(once_type);
  running.wait();
  worker.shutdown();
  auto other = connect();
  Worker next(other, {.task_queue = queue, .registry = Registry(registry).workflow<Once>()});
  next.start();
  EXPECT_EQ(result(handle), "told");
}

constexpr WorkflowType<std::string()> both_type{"Both"};
struct Both {  // an activity as a local one, and from the queue, where nobody takes it
  static auto definition() { return workflow_definition(both_type, &Both::run); }
  Task<std::string> run() {
    const auto near =
        co_await workflow::execute_local_activity(step, {.start_to_close_timeout = 10s}, 7);
    auto far = workflow::execute_activity(
        step, {.start_to_close_timeout = 10s, .schedule_to_start_timeout = 1s}, 8);
    const auto end = co_await far.settled();
    co_return std::to_string(near) + (end ? " taken" : " " + end.error().root().message());
  }
};

TEST_F(Workers, MayServeLocalActivitiesAlone) {
  auto& worker = work_on<Both>(stepping(), {.local_activities_only = true});
  EXPECT_EQ(run(both_type), "7 activity ScheduleToStart timeout");
  EXPECT_EQ(worker.status().not_ready, "");
}

TEST_F(Workers, HasOneLife) {
  auto& worker = work_on<Steps>(stepping());
  EXPECT_THROW(worker.start(), std::logic_error);
  worker.shutdown();
  worker.shutdown();
  EXPECT_THROW(worker.start(), std::logic_error);
}

TEST_F(Workers, RunReturnsWhenAStopIsRequested) {
  auto other = connect();
  Registry registry = stepping();
  registry.workflow<Steps>();
  Worker worker(other, {.task_queue = queue, .registry = registry});
  std::stop_source stop;
  std::jthread running([&] { worker.run(stop.get_token()); });
  EXPECT_EQ(run(steps_type, 1), 1);
  stop.request_stop();
  running.join();
  EXPECT_EQ(worker.status().state, WorkerState::stopped);
}

TEST_F(Workers, OneThatWasNeverStartedMayBeDestroyed) {
  Worker worker(client, {.task_queue = queue, .registry = stepping()});
  EXPECT_EQ(worker.status().state, WorkerState::created);
}

// --- A server that is away

TEST_F(Workers, ALazyClientsWorkerStartsBeforeTheServer) {
  auto& server = Server::shared();
  server.stop();
  auto lazy = Client::lazy({.target = server.address()});
  Registry registry = stepping();
  registry.workflow<Steps>();
  Worker worker(lazy, {.task_queue = queue, .registry = registry});
  worker.start();
  eventually([&] { return !worker.status().last_error.empty(); }, "what is wrong");
  EXPECT_EQ(worker.status().state, WorkerState::connecting);
  server.start();
  eventually([&] { return worker.status().state == WorkerState::running; }, "the connection");
  EXPECT_EQ(worker.status().last_error, "");
  EXPECT_EQ(run(steps_type, 1), 1);
}

TEST_F(Workers, OneWaitsForItsNamespaceAndGoesOnWhenItIsThere) {
  auto later = Client::connect({.target = Server::shared().address(), .name_space = queue}).get();
  Registry registry = stepping();
  registry.workflow<Steps>();
  const WorkerOptions options{.task_queue = queue, .registry = registry};
  {
    Worker given_up(later, options);
    given_up.start();
    eventually([&] { return !given_up.status().last_error.empty(); }, "what is wrong");
  }
  Worker worker(later, options);
  worker.start();
  eventually([&] { return !worker.status().last_error.empty(); }, "what is wrong");
  EXPECT_THAT(worker.status().last_error, testing::HasSubstr(queue));
  client.register_namespace({.name = queue}).get();
  eventually([&] { return worker.status().state == WorkerState::running; }, "the namespace");
}

TEST_F(Workers, OneThatLosesTheServerGoesOnWhenItIsBack) {
  auto& server = Server::shared();
  work_on<Gate>(stepping());
  auto handle = start(gate_type);
  server.stop();
  server.start();
  handle.signal(go).get();
  EXPECT_EQ(result(handle), 3);
}

}  // namespace
}  // namespace temporal::tests
