#include "fixture.h"

#include <thread>

namespace temporal::tests {

void eventually(const std::function<bool()>& condition, const std::string& what) {
  auto limit = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) FAIL() << "never came: " << what;
    std::this_thread::sleep_for(10ms);
  }
}

ServerTest::ServerTest()
    : queue(
          std::string(::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()) +
          "." + ::testing::UnitTest::GetInstance()->current_test_info()->name()) {}

Client ServerTest::connect() {
  return Client::connect({.target = Server::shared().address()}).get();
}

Worker& ServerTest::work(Registry registry, WorkerOptions options) {
  options.task_queue = queue;
  options.registry = std::move(registry);
  workers_.push_back(std::make_unique<Worker>(client, std::move(options)));
  workers_.back()->start();
  return *workers_.back();
}

}  // namespace temporal::tests
