// A worker for a host that runs a program only while there is work, as AWS Lambda or Cloud Run do: it
// connects, works for as long as the host allows, drains, and says what its start and its stop cost.
//
//   TEMPORAL_ADDRESS=localhost:7233 ./serverless 5000     milliseconds until the host's deadline
//
// With a name after it the program also starts a workflow and stops when that has ended, so that one
// can see it work:
//
//   TEMPORAL_ADDRESS=localhost:7233 ./serverless 5000 you
#include <temporal/client.h>
#include <temporal/client_config.h>
#include <temporal/worker.h>
#include <temporal/workflow.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <iostream>
#include <mutex>
#include <string>

namespace workflow = temporal::workflow;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr temporal::ActivityType<std::string(std::string)> greet{"greet"};
constexpr temporal::WorkflowType<std::string(std::string)> hello{"HelloServerless"};

struct Hello {
  static auto definition() { return temporal::workflow_definition(hello, &Hello::run); }
  workflow::Task<std::string> run(std::string name) {
    co_return co_await workflow::execute_activity(
        greet, {.start_to_close_timeout = 10s, .retry_policy = {{.initial_interval = 100ms}}},
        name);
  }
};

namespace {

// Kept back for the drain: activities that still run are asked to cancel after the half of it, and
// are retried by the next invocation.
constexpr auto kDrain = 1s;

std::string since(Clock::time_point start) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  return std::to_string(ms.count()) + " ms";
}

void wait_until_ready(const temporal::Worker& worker, Clock::time_point deadline) {
  std::mutex mutex;
  std::condition_variable pause;
  std::unique_lock lock(mutex);
  while (!worker.status().ready() && Clock::now() < deadline) pause.wait_for(lock, 1ms);
  if (auto status = worker.status(); !status.ready()) throw std::runtime_error(status.not_ready);
}

void invoke(Clock::time_point start, Clock::time_point deadline, const std::string& name) {
  // One connection and no reports of the worker: it is gone before the second one.
  auto options = temporal::load_client_options();
  options.runtime = temporal::Runtime::create({.core_threads = 1, .worker_heartbeat_interval = {}});
  auto client = temporal::Client::connect(std::move(options)).get();
  std::cout << "connected after " << since(start) << "\n";

  temporal::Registry registry;
  registry.workflow<Hello>().activity(greet, [](std::string who) { return "Hello, " + who + "!"; });
  // A few pollers are enough for one invocation, and each must end before the program does.
  temporal::Worker worker(client, {.task_queue = "serverless",
                                   .registry = registry,
                                   .max_cached_workflows = 10,
                                   .workflow_task_pollers = temporal::SimplePollers{.maximum = 2},
                                   .activity_pollers = temporal::SimplePollers{.maximum = 1},
                                   .graceful_shutdown_timeout = kDrain / 2});
  worker.run_until([&] {
    wait_until_ready(worker, deadline);
    std::cout << "ready after " << since(start) << "\n";
    if (name.empty()) {
      std::mutex mutex;
      std::condition_variable over;
      std::unique_lock lock(mutex);
      over.wait_until(lock, deadline, [] { return false; });
      return;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    auto handle =
        client.start_workflow(hello, {.id = "serverless-" + name, .task_queue = "serverless"}, name)
            .get();
    std::cout << handle.result({.rpc = {.timeout = left}}).get() << "\n";
    start = Clock::now();
  });
  const auto status = worker.status();
  std::cout << "drained in " << since(name.empty() ? deadline : start) << " with "
            << status.completed_workflow_tasks << " workflow tasks and "
            << status.completed_activities << " activities done\n";
}

}  // namespace

int main(int argc, char** argv) try {
  const auto start = Clock::now();
  const auto limit = std::chrono::milliseconds(argc > 1 ? std::stol(argv[1]) : 10'000);
  if (limit <= kDrain) throw std::invalid_argument("the deadline is within a second");
  invoke(start, start + limit - kDrain, argc > 2 ? argv[2] : "");
  std::cout << "the whole invocation took " << since(start) << "\n";
} catch (const std::exception& e) {
  std::cerr << "serverless: " << e.what() << "\n";
  return 1;
}
