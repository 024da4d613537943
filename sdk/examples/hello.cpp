// The smallest whole program: a workflow, its activity, a worker and a client.
//
//   TEMPORAL_ADDRESS=localhost:7233 ./hello you
#include <temporal/client.h>
#include <temporal/client_config.h>
#include <temporal/worker.h>
#include <temporal/workflow.h>

#include <exception>
#include <iostream>
#include <string>

namespace workflow = temporal::workflow;
using namespace std::chrono_literals;

// What crosses a process: names and signatures, no code.
struct Person {
  std::string name = {};
};
constexpr temporal::ActivityType<std::string(Person)> greet{"greet"};
constexpr temporal::WorkflowType<std::string(Person)> hello{"Hello"};

// An activity is ordinary code; Temporal calls it again until it succeeds.
std::string say_hello(Person person) {
  return "Hello, " + person.name + "!";
}

// A workflow is a coroutine that survives the end of its process.
struct Hello {
  static auto definition() { return temporal::workflow_definition(hello, &Hello::run); }
  workflow::Task<std::string> run(Person person) {
    co_await workflow::sleep(100ms);
    co_return co_await workflow::execute_activity(greet, {.start_to_close_timeout = 10s}, person);
  }
};

int main(int argc, char** argv) try {
  const std::string name = argc > 1 ? argv[1] : "world";
  auto client = temporal::Client::connect(temporal::load_client_options()).get();

  temporal::Registry registry;
  registry.workflow<Hello>().activity(greet, say_hello);
  temporal::Worker worker(client, {.task_queue = "hello", .registry = registry});
  worker.start();

  auto handle =
      client.start_workflow(hello, {.id = "hello-" + name, .task_queue = "hello"}, {.name = name})
          .get();
  std::cout << handle.result().get() << "\n";
  worker.shutdown();
} catch (const std::exception& e) {
  std::cerr << "hello: " << e.what() << "\n";
  return 1;
}
