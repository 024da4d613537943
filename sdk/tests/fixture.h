// What every test against the server starts from: a client, a task queue of its own, workers that
// end with the test.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/client.h>
#include <temporal/worker.h>
#include <temporal/workflow.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server.h"

namespace temporal::tests {

using namespace std::chrono_literals;

inline constexpr auto kPatience = 30s;  // for what takes milliseconds on a quiet machine

// Waits for what no call can wait for. Fails the test when it does not come.
void eventually(const std::function<bool()>& condition, const std::string& what);

class ServerTest : public ::testing::Test {
 protected:
  ServerTest();
  static Client connect();

  Client client = connect();
  const std::string queue;  // the test's name

  // Runs until the test ends; `options` are all but queue and registry.
  Worker& work(Registry registry, WorkerOptions options = {});
  template <class... C>
  Worker& work_on(Registry registry = {}, WorkerOptions options = {}) {
    (registry.workflow<C>(), ...);
    return work(std::move(registry), std::move(options));
  }

  template <class R, class... A>
  WorkflowHandle<R> start(const WorkflowType<R(A...)>& type, std::type_identity_t<A>... args) {
    return client
        .start_workflow(type, {.id = queue + "-" + std::to_string(++started_), .task_queue = queue},
                        std::move(args)...)
        .get();
  }
  // A workflow that stands still fails the test.
  template <class R>
  static R result(const WorkflowHandle<R>& handle) {
    return handle.result({.rpc = {.timeout = kPatience}}).get();
  }
  template <class R, class... A>
  R run(const WorkflowType<R(A...)>& type, std::type_identity_t<A>... args) {
    return result(start(type, std::move(args)...));
  }
  // The failure that ended the workflow; fails the test if it completed.
  template <class R>
  Failure failure_of(const WorkflowHandle<R>& handle) {
    try {
      result(handle);
    } catch (const WorkflowFailedError& e) {
      return e.failure();
    }
    ADD_FAILURE() << "the workflow completed";
    return Failure({});
  }

 private:
  int started_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace temporal::tests
