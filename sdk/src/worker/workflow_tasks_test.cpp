#include "worker/workflow_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "temporal/workflow.h"
#include "worker/test_completions.h"
#include "worker/thread_stack.h"

namespace temporal::detail {
namespace {

using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;
using namespace std::chrono_literals;

class Port final : public WorkflowPort {
 public:
  void complete_activation(std::string_view bytes) override { completions_.add(bytes); }
  WorkflowActivationCompletion next() { return completions_.next(); }

 private:
  Completions<WorkflowActivationCompletion> completions_;
};

constexpr WorkflowType<void()> nap_type{"Nap"};
struct Nap {
  static auto definition() { return workflow_definition(nap_type, &Nap::run); }
  workflow::Task<> run() { co_await workflow::sleep(1s); }
};

std::atomic<bool> spinning = false;
constexpr WorkflowType<void()> spin_type{"Spin"};
struct Spin {
  static auto definition() { return workflow_definition(spin_type, &Spin::run); }
  workflow::Task<> run() {
    while (spinning) std::this_thread::yield();
    co_return;
  }
};

// What a workflow should not do, under a name for its stack.
std::mutex block;
std::condition_variable unblock;
bool blocked = false;
}  // namespace
[[gnu::noinline]] void waits_for_a_colleague() {
  std::unique_lock lock(block);
  unblock.wait(lock, [] { return !blocked; });
  lock.unlock();
}
namespace {
constexpr WorkflowType<void()> block_type{"Block"};
struct Block {
  static auto definition() { return workflow_definition(block_type, &Block::run); }
  workflow::Task<> run() {
    waits_for_a_colleague();
    co_return;
  }
};

class Lines final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    std::lock_guard lock(mutex_);
    for (const auto& field : record.fields)
      text_ += record.message + ": " + field.key + "=" + field.value + "\n";
  }
  std::string text() const {
    std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class WorkflowTasksTest : public ::testing::Test {
 protected:
  void start(std::chrono::milliseconds deadlock_timeout = 10s, InstanceOptions instance = {},
             int stack_signal = 0) {
    Registry registry;
    registry.workflow<Nap>().workflow<Spin>().workflow<Block>();
    tasks.emplace(WorkflowTasksOptions{.registry = registry,
                                       .instance = std::move(instance),
                                       .logger = Logger(log, "worker"),
                                       .threads = 1,
                                       .deadlock_timeout = deadlock_timeout,
                                       .stack_signal = stack_signal},
                  port);
  }
  void give(const WorkflowActivation& activation) { tasks->handle(activation.SerializeAsString()); }
  static WorkflowActivation begin(const std::string& run, const std::string& type) {
    WorkflowActivation a;
    a.set_run_id(run);
    a.mutable_timestamp()->set_seconds(1);
    auto* init = a.add_jobs()->mutable_initialize_workflow();
    init->set_workflow_type(type);
    init->set_workflow_id("id of " + run);
    return a;
  }
  static WorkflowActivation evict(const std::string& run) {
    WorkflowActivation a;
    a.set_run_id(run);
    a.add_jobs()->mutable_remove_from_cache();
    return a;
  }

  std::shared_ptr<Lines> log = std::make_shared<Lines>();
  Port port;
  std::optional<WorkflowTasks> tasks;
};

TEST_F(WorkflowTasksTest, ARunIsKeptUntilItIsEvicted) {
  start();
  give(begin("a", "Nap"));
  auto first = port.next();
  EXPECT_EQ(first.run_id(), "a");
  ASSERT_EQ(first.successful().commands_size(), 1);
  EXPECT_TRUE(first.successful().commands(0).has_start_timer());
  EXPECT_EQ(tasks->cached(), 1u);
  WorkflowActivation fired;
  fired.set_run_id("a");
  fired.mutable_timestamp()->set_seconds(2);
  fired.add_jobs()->mutable_fire_timer()->set_seq(1);
  give(fired);
  EXPECT_TRUE(port.next().successful().commands(0).has_complete_workflow_execution());
  give(evict("a"));
  auto last = port.next();
  EXPECT_TRUE(last.has_successful());
  EXPECT_EQ(last.successful().commands_size(), 0);
  EXPECT_EQ(tasks->cached(), 0u);
}

TEST_F(WorkflowTasksTest, AnUnknownTypeNamesTheKnownOnes) {
  start();
  give(begin("a", "Other"));
  EXPECT_EQ(port.next().failed().failure().message(),
            "workflow type \"Other\" is not registered with this worker; registered are: Block, "
            "Nap, Spin");
  give(evict("a"));
  EXPECT_TRUE(port.next().has_successful());
}

TEST_F(WorkflowTasksTest, AnythingThatAnInterceptorsFactoryThrowsFailsTheTask) {
  start(10s, {.interceptors = {[]() -> workflow::Interceptors { throw 7; }}});
  give(begin("a", "Nap"));
  EXPECT_EQ(port.next().failed().failure().message(), "an exception of a type that is not known");
}

TEST_F(WorkflowTasksTest, ARunThatIsNotCachedFailsItsTask) {
  start();
  WorkflowActivation fired;
  fired.set_run_id("a");
  fired.add_jobs()->mutable_fire_timer()->set_seq(1);
  give(fired);
  EXPECT_THAT(port.next().failed().failure().message(), testing::HasSubstr("not in this worker"));
}

TEST_F(WorkflowTasksTest, AStuckRunFailsAloneAndItsEvictionWaits) {
  spinning = true;
  start(20ms);
  give(begin("stuck", "Spin"));
  auto failed = port.next();
  EXPECT_EQ(failed.run_id(), "stuck");
  EXPECT_THAT(failed.failed().failure().message(), testing::HasSubstr("[TMPRL1101]"));
  give(evict("stuck"));
  give(begin("b", "Nap"));  // on a thread in the stuck one's place
  EXPECT_EQ(port.next().run_id(), "b");
  spinning = false;
  auto evicted = port.next();
  EXPECT_EQ(evicted.run_id(), "stuck");
  EXPECT_TRUE(evicted.has_successful());
}

TEST_F(WorkflowTasksTest, AStuckRunsLogHasTheStackOfItsThread) {
  blocked = true;
  take_stack_signal(SIGRTMIN + 3);
  start(20ms, {}, SIGRTMIN + 3);
  give(begin("stuck", "Block"));
  EXPECT_THAT(port.next().failed().failure().message(), testing::HasSubstr("[TMPRL1101]"));
  {
    std::lock_guard lock(block);
    blocked = false;
  }
  unblock.notify_all();
  give(evict("stuck"));
  EXPECT_TRUE(port.next().has_successful());
  EXPECT_THAT(log->text(), testing::HasSubstr("[TMPRL1101] a workflow blocks its thread: stack="));
  EXPECT_THAT(log->text(), testing::HasSubstr("temporal::detail::waits_for_a_colleague() ("));
}

TEST_F(WorkflowTasksTest, WithoutASignalThereIsNoStack) {
  spinning = true;
  start(20ms);
  give(begin("stuck", "Spin"));
  port.next();
  EXPECT_THAT(log->text(), testing::Not(testing::HasSubstr("stack=")));
  spinning = false;
}

TEST_F(WorkflowTasksTest, WhatIsNotInTheHistoryIsLoggedWithTheWayToReplayIt) {
  start();
  give(begin("a", "Nap"));
  port.next();
  WorkflowActivation ended;
  ended.set_run_id("a");
  ended.add_jobs()->mutable_resolve_activity()->set_seq(7);
  give(ended);
  EXPECT_TRUE(port.next().has_failed());
  EXPECT_THAT(log->text(), testing::HasSubstr("reason=[TMPRL1100] an activity ended that was not"));
  EXPECT_THAT(log->text(), testing::ContainsRegex("place=after the co_await at "
                                                  ".*workflow_tasks_test.cpp:"));
  EXPECT_THAT(log->text(),
              testing::HasSubstr("--workflow-id 'id of a' --run-id 'a' > history.json"));
}

TEST_F(WorkflowTasksTest, CoresOwnFindingIsLoggedToo) {
  start();
  give(begin("a", "Nap"));
  port.next();
  auto eviction = evict("a");
  auto& job = *eviction.mutable_jobs(0)->mutable_remove_from_cache();
  job.set_reason(coresdk::workflow_activation::RemoveFromCache::NONDETERMINISM);
  job.set_message("[TMPRL1100] No command scheduled for event 5");
  give(eviction);
  EXPECT_TRUE(port.next().has_successful());
  EXPECT_THAT(log->text(), testing::HasSubstr("reason=[TMPRL1100] No command scheduled"));
}

TEST_F(WorkflowTasksTest, ManyRunsOnFewThreads) {
  start();
  for (int i = 0; i < 200; ++i) give(begin(std::to_string(i), "Nap"));
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(port.next().has_successful());
  EXPECT_EQ(tasks->cached(), 200u);
}

}  // namespace
}  // namespace temporal::detail
