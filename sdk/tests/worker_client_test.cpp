// What a worker is to its client and to the server: replaced clients, reports of itself, runs with an
// end.
#include <temporal/activity.h>
#include <temporal/api.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "fixture.h"
#include "looping.h"

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr ActivityType<int(int)> step{"step"};
constexpr WorkflowType<int(int)> steps_type{"Steps"};
struct Steps {
  static auto definition() { return workflow_definition(steps_type, &Steps::run); }
  Task<int> run(int count) {
    int sum = 0;
    for (int i = 1; i <= count; ++i)
      sum += co_await workflow::execute_activity(step, {.start_to_close_timeout = 10s}, i);
    co_return sum;
  }
};

Registry stepping() {
  Registry registry;
  registry.workflow<Steps>().activity(step, [](int n) { return n; });
  return registry;
}

// Stays in its worker's cache, and keeps a thread of it while it is held.
constexpr WorkflowType<void()> cached_type{"Cached"};
constexpr SignalType<void()> go{"go"}, hold{"hold"};
struct Cached {
  static auto definition() {
    return workflow_definition(cached_type, &Cached::run)
        .signal(go, &Cached::on_go)
        .signal(hold, &Cached::on_hold);
  }
  Task<> run() {
    co_await workflow::wait_until([this] { return go_; });
  }
  void on_go() { go_ = true; }
  void on_hold() {
    while (looping) std::this_thread::yield();
  }
  bool go_ = false;
};

class WorkerAndClient : public ServerTest {
 protected:
  ~WorkerAndClient() override { looping = false; }  // before the worker, whatever has failed
  static ClientOptions named(std::string identity) {
    return {.target = Server::shared().address(), .identity = std::move(identity)};
  }
  WorkerOptions options() const { return {.task_queue = queue, .registry = stepping()}; }
  // How long tasks waited in vain for the worker that has the run cached.
  static std::vector<std::chrono::nanoseconds> waits_for_the_cache(
      const WorkflowHandle<void>& handle) {
    api::history::v1::History history;
    EXPECT_TRUE(history.ParseFromString(handle.fetch_history().get().bytes()));
    const auto time = [](const api::history::v1::HistoryEvent& event) {
      return std::chrono::seconds(event.event_time().seconds()) +
             std::chrono::nanoseconds(event.event_time().nanos());
    };
    std::vector<std::chrono::nanoseconds> waits;
    for (const auto& event : history.events()) {
      if (!event.has_workflow_task_timed_out_event_attributes()) continue;
      const auto& timeout = event.workflow_task_timed_out_event_attributes();
      if (timeout.timeout_type() == api::enums::v1::TIMEOUT_TYPE_SCHEDULE_TO_START)
        waits.push_back(time(event) -
                        time(history.events(static_cast<int>(timeout.scheduled_event_id()) - 1)));
    }
    return waits;
  }
};

TEST_F(WorkerAndClient, AnotherClientUnderARunningWorker) {
  auto first = Client::connect(named("first")).get();
  auto second = Client::connect(named("second")).get();
  Worker worker(first, options());
  worker.start();
  EXPECT_EQ(run(steps_type, 1), 1);
  worker.replace_client(second).get();
  eventually(
      [&] {
        auto handle = start(steps_type, 1);
        EXPECT_EQ(result(handle), 1);
        return handle.fetch_history().get().to_json().contains("\"identity\":\"second\"");
      },
      "a poll of the second client");
  EXPECT_THROW(Worker(second, options()), std::logic_error);  // its place is taken
  EXPECT_NO_THROW(Worker(first, options()));                  // this one is free
  worker.replace_client(second).get();                        // once more: nothing
  worker.shutdown();
  EXPECT_THROW(worker.replace_client(first).get(), std::logic_error);
}

TEST_F(WorkerAndClient, AWorkerThatCannotConnectIsSavedByAnotherClient) {
  auto lost = Client::lazy({.target = "127.0.0.1:1"});
  Worker worker(lost, options());
  worker.start();
  eventually([&] { return !worker.status().last_error.empty(); }, "what is wrong");
  EXPECT_THAT(worker.status().not_ready, testing::StartsWith("the worker connects: "));
  worker.replace_client(client).get();
  EXPECT_EQ(run(steps_type, 2), 3);
}

TEST_F(WorkerAndClient, AClientThatCannotReplaceItChangesNothing) {
  auto& worker = work(stepping());
  auto elsewhere = Client::lazy({.target = Server::shared().address(), .name_space = "other"});
  EXPECT_THROW(worker.replace_client(elsewhere).get(), std::invalid_argument);
  auto options = named("apart");
  options.runtime = Runtime::create();
  EXPECT_THROW(worker.replace_client(Client::lazy(options)).get(), std::invalid_argument);
  EXPECT_THROW(worker.replace_client(Client::lazy({.target = "127.0.0.1:1"})).get(), RpcError);
  EXPECT_EQ(run(steps_type, 2), 3);
}

TEST_F(WorkerAndClient, RunUntilSomethingHasEnded) {
  Worker asked(client, options());
  EXPECT_EQ(
      asked.run_until(client.execute_workflow(steps_type, {.id = queue, .task_queue = queue}, 3)),
      6);
  EXPECT_EQ(asked.status().state, WorkerState::stopped);
  Worker called(client, options());
  EXPECT_EQ(called.run_until([&] { return run(steps_type, 2); }), 3);
  Worker thrown(client, options());
  EXPECT_THROW(thrown.run_until([] { throw std::out_of_range("enough"); }), std::out_of_range);
  EXPECT_EQ(thrown.status().state, WorkerState::stopped);
}

TEST_F(WorkerAndClient, ADebuggerMayHoldAWorkflow) {
  ::setenv("TEMPORAL_DEBUG", "1", 1);
  looping = true;
  auto registry = stepping();
  registry.workflow<Loop>();
  auto& worker = work(registry, {.workflow_threads = 2, .deadlock_timeout = 20ms});
  eventually([&] { return worker.status().ready(); }, "the worker");
  ::unsetenv("TEMPORAL_DEBUG");
  auto held = start(loop_type);
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < begin + 300ms) run(steps_type, 1);
  looping = false;
  result(held);
  EXPECT_FALSE(held.fetch_history().get().to_json().contains("TMPRL1101"));
}

// --- What the server's list of workers has of it

class WorkerReports : public WorkerAndClient {
 protected:
  // The first one of this queue.
  std::optional<api::worker::v1::WorkerHeartbeat> report(const Client& client) {
    api::workflowservice::v1::ListWorkersRequest list;
    list.set_namespace_("default");
    list.set_query("TaskQueue=\"" + queue + "\"");
    api::workflowservice::v1::ListWorkersResponse listed;
    listed.ParseFromString(
        client.call(RpcService::workflow, "ListWorkers", list.SerializeAsString()).get());
    if (listed.workers().empty()) return {};
    api::workflowservice::v1::DescribeWorkerRequest describe;
    describe.set_namespace_("default");
    describe.set_worker_instance_key(listed.workers(0).worker_instance_key());
    api::workflowservice::v1::DescribeWorkerResponse described;
    described.ParseFromString(
        client.call(RpcService::workflow, "DescribeWorker", describe.SerializeAsString()).get());
    return described.worker_info().worker_heartbeat();
  }
  // The first one that is as `expected`.
  api::worker::v1::WorkerHeartbeat reported(
      RuntimeOptions runtime, WorkerOptions options,
      bool (*expected)(const api::worker::v1::WorkerHeartbeat&) = nullptr) {
    auto with = named("reporter");
    runtime.worker_heartbeat_interval = 1s;
    with.runtime = Runtime::create(std::move(runtime));
    auto reporter = Client::connect(with).get();
    Worker worker(reporter, std::move(options));
    worker.start();
    std::optional<api::worker::v1::WorkerHeartbeat> heartbeat;
    eventually([&] { return (heartbeat = report(client)) && (!expected || expected(*heartbeat)); },
               "the report");
    return heartbeat.value_or(api::worker::v1::WorkerHeartbeat());
  }
};

TEST_F(WorkerReports, SayOnWhatItRuns) {
  auto heartbeat = reported({}, options());
  EXPECT_EQ(heartbeat.worker_identity(), "reporter");
  EXPECT_EQ(heartbeat.sdk_name(), "temporal-cpp");
  ASSERT_EQ(heartbeat.environment().runtimes_size(), 1);
  EXPECT_THAT(heartbeat.environment().runtimes(0).version(), testing::StartsWith("C++ "));
  EXPECT_TRUE(heartbeat.environment().has_platform());
}

TEST_F(WorkerReports, OrDoNotWhereThatIsDisabled) {
  auto heartbeat = reported({.disable_environment_info = true}, options());
  EXPECT_EQ(heartbeat.worker_identity(), "reporter");
  EXPECT_FALSE(heartbeat.has_environment());
}

// Of ten polls, three are for workflows that any worker may have.
TEST_F(WorkerReports, TheShareOfPollsThatIsForAnyWorkflow) {
  auto shared = options();
  shared.workflow_task_pollers = SimplePollers{.maximum = 10};
  shared.nonsticky_to_sticky_poll_ratio = 0.3;
  auto heartbeat = reported({}, shared, [](const auto& report) {
    return report.workflow_poller_info().current_pollers() +
               report.workflow_sticky_poller_info().current_pollers() ==
           10;
  });
  EXPECT_EQ(heartbeat.workflow_poller_info().current_pollers(), 3);
}

// --- Limits

TEST_F(WorkerAndClient, ActivitiesASecondAreLimited) {
  work(stepping(), {.activity_pollers = SimplePollers{.maximum = 1},
                    .max_activities_per_second = 4.0,
                    .max_eager_activities_per_workflow_task = 0});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(steps_type, 8), 36);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1500ms);  // without a limit, some 100 ms
}

TEST_F(WorkerAndClient, AQueuesActivitiesASecondAreLimitedByTheServer) {
  work(stepping(), {.max_task_queue_activities_per_second = 7.5});
  api::workflowservice::v1::DescribeTaskQueueRequest ask;
  ask.set_namespace_("default");
  ask.mutable_task_queue()->set_name(queue);
  ask.set_task_queue_type(api::enums::v1::TASK_QUEUE_TYPE_ACTIVITY);
  ask.set_report_config(true);
  api::workflowservice::v1::DescribeTaskQueueResponse described;
  eventually(
      [&] {
        described.ParseFromString(
            client.call(RpcService::workflow, "DescribeTaskQueue", ask.SerializeAsString()).get());
        return described.effective_rate_limit().rate_limit_source() ==
               api::enums::v1::RATE_LIMIT_SOURCE_WORKER;
      },
      "the worker's rate");
  EXPECT_EQ(described.effective_rate_limit().requests_per_second(), 7.5F);
}

TEST_F(WorkerAndClient, PollersScaleWhereTheyAreToldTo) {
  // More than the five that Core begins with where it is told nothing.
  auto& scaling = work(stepping(), {.workflow_task_pollers = AutoscalingPollers{.initial = 8},
                                    .activity_pollers = AutoscalingPollers{.initial = 9}});
  eventually([&] { return scaling.status().activities.polling >= 9; }, "polls for activities");
  eventually([&] { return scaling.status().workflow_tasks.polling >= 8; }, "polls for workflows");
  EXPECT_EQ(run(steps_type, 3), 6);
}

// The test's server has pollerAutoscalingAutoEnroll.
TEST_F(WorkerAndClient, PollersScaleWithTheBacklogWhereTheNamespaceWantsIt) {
  constexpr std::size_t kBacklog = 60, kCoreBeginsWith = 5;
  Registry workflows;
  workflows.workflow<Steps>();
  auto& scheduling = work(workflows);
  std::vector<WorkflowHandle<int>> handles;
  while (handles.size() < kBacklog) handles.push_back(start(steps_type, 1));
  eventually([&] { return scheduling.status().completed_workflow_tasks >= kBacklog; }, "a backlog");
  Registry activities;
  activities.activity(step, [](int n) { return n; });
  auto other = connect();
  Worker enrolled(other, {.task_queue = queue, .registry = activities});
  enrolled.start();
  eventually([&] { return enrolled.status().activities.polling > kCoreBeginsWith; },
             "more pollers than Core begins with");
  for (auto& handle : handles) EXPECT_EQ(result(handle), 1);
}

// --- The cache

TEST_F(WorkerAndClient, AnotherTakesOverWhatABusyOneHasCached) {
  Registry registry;
  registry.workflow<Cached>().workflow<Loop>();
  auto& busy = work(registry, {.max_concurrent_workflow_tasks = 2,
                               .sticky_schedule_to_start_timeout = 300ms,
                               .workflow_threads = 2,
                               .deadlock_timeout = 0ms});
  auto handle = start(cached_type), holding = start(cached_type);
  eventually([&] { return busy.status().completed_workflow_tasks >= 2; }, "the first tasks");
  looping = true;
  // Its polls for what it has cached, and for what is new, have a task each.
  holding.signal(hold).get();
  auto held = start(loop_type);
  eventually([&] { return busy.status().workflow_tasks.used == 2; }, "a worker without room");
  auto another = connect();
  Worker next(another, {.task_queue = queue, .registry = registry});
  next.start();
  handle.signal(go).get();
  result(handle);
  looping = false;
  result(held);
  holding.signal(go).get();
  result(holding);
  EXPECT_THAT(waits_for_the_cache(handle),
              ::testing::ElementsAre(::testing::AllOf(::testing::Ge(290ms), ::testing::Lt(5s))));
}

}  // namespace
}  // namespace temporal::tests
