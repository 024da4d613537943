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

class WorkerAndClient : public ServerTest {
 protected:
  static ClientOptions named(std::string identity) {
    return {.target = Server::shared().address(), .identity = std::move(identity)};
  }
  WorkerOptions options() const { return {.task_queue = queue, .registry = stepping()}; }
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
  api::worker::v1::WorkerHeartbeat reported(bool disable_environment_info) {
    auto with = named("reporter");
    with.runtime = Runtime::create(
        {.worker_heartbeat_interval = 1s, .disable_environment_info = disable_environment_info});
    auto reporter = Client::connect(with).get();
    Worker worker(reporter, options());
    worker.start();
    std::optional<api::worker::v1::WorkerHeartbeat> heartbeat;
    eventually([&] { return (heartbeat = report(client)).has_value(); }, "a report");
    return heartbeat.value_or(api::worker::v1::WorkerHeartbeat());
  }
};

TEST_F(WorkerReports, SayOnWhatItRuns) {
  auto heartbeat = reported(false);
  EXPECT_EQ(heartbeat.worker_identity(), "reporter");
  EXPECT_EQ(heartbeat.sdk_name(), "temporal-cpp");
  ASSERT_EQ(heartbeat.environment().runtimes_size(), 1);
  EXPECT_THAT(heartbeat.environment().runtimes(0).version(), testing::StartsWith("C++ "));
  EXPECT_TRUE(heartbeat.environment().has_platform());
}

TEST_F(WorkerReports, OrDoNotWhereThatIsDisabled) {
  auto heartbeat = reported(true);
  EXPECT_EQ(heartbeat.worker_identity(), "reporter");
  EXPECT_FALSE(heartbeat.has_environment());
}

// --- Limits

TEST_F(WorkerAndClient, ActivitiesASecondAreLimited) {
  work(stepping(), {.activity_pollers = SimplePollers{.maximum = 1},
                    .max_activities_per_second = 10.0,
                    .max_eager_activities_per_workflow_task = 0});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(steps_type, 6), 21);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 300ms);
}

TEST_F(WorkerAndClient, PollersScaleWhereTheyAreToldTo) {
  auto& scaling = work(stepping(), {.workflow_task_pollers = AutoscalingPollers{.initial = 3},
                                    .activity_pollers = AutoscalingPollers{.initial = 2}});
  eventually([&] { return scaling.status().activities.polling >= 2; }, "the first pollers");
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

}  // namespace
}  // namespace temporal::tests
