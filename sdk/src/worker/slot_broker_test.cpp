#include "worker/slot_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>

namespace temporal::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Runs what was posted when the test says.
struct ByHand final : Executor {
  void post(std::move_only_function<void()> work) override {
    std::lock_guard lock(mutex);
    posted.push_back(std::move(work));
    came.notify_all();
  }
  bool run_one() {
    std::move_only_function<void()> work;
    {
      std::lock_guard lock(mutex);
      if (posted.empty()) return false;
      work = std::move(posted.front());
      posted.pop_front();
    }
    work();
    return true;
  }
  void run() {
    while (run_one()) {
    }
  }
  void wait_and_run() {
    {
      std::unique_lock lock(mutex);
      came.wait_for(lock, std::chrono::seconds(30), [this] { return !posted.empty(); });
    }
    run();
  }
  std::mutex mutex;
  std::condition_variable came;
  std::deque<std::move_only_function<void()>> posted;
};

struct One final : SlotSupplier {  // has one slot
  Async<SlotPermit> reserve(SlotRequest) override { co_return SlotPermit(); }
  std::optional<SlotPermit> try_reserve(SlotRequest request) override {
    calls.push_back("try of " + request.task_queue);
    if (!free) return {};
    free = false;
    return SlotPermit();
  }
  void mark_used(const SlotPermit&, const SlotUse& use) override {
    calls.push_back("use by " + use.activity_type);
  }
  void release(SlotPermit) override {
    free = true;
    calls.push_back("release");
  }
  bool free = true;
  std::vector<std::string> calls;
};

class Broker : public testing::Test {
 protected:
  void TearDown() override { executor->run(); }
  std::uint64_t try_reserve() {
    tb_slot_request request = {.kind = TB_SLOT_ACTIVITY, .task_queue = bridge::bytes("orders")};
    return broker->try_reserve(request);
  }
  std::shared_ptr<ByHand> executor = std::make_shared<ByHand>();
  std::shared_ptr<One> supplier = std::make_shared<One>();
  std::shared_ptr<SlotBroker> broker = std::make_shared<SlotBroker>(
      supplier, SlotBroker::Places{.executor = executor, .timers = std::make_shared<TimerQueue>()});
};

TEST_F(Broker, CallsNothingOfTheUsersOnItsCallersThread) {
  EXPECT_EQ(try_reserve(), 0u);
  EXPECT_THAT(supplier->calls, IsEmpty());
  executor->run();
  EXPECT_THAT(supplier->calls, ElementsAre("try of orders"));
}

TEST_F(Broker, ASpareSlotAnswersTheNextTryAndUseComesBeforeRelease) {
  EXPECT_EQ(try_reserve(), 0u);
  executor->run();
  auto permit = try_reserve();
  EXPECT_NE(permit, 0u);
  EXPECT_EQ(try_reserve(), 0u);
  broker->mark_used(permit, {.activity_type = bridge::bytes("charge")});
  broker->release(permit);
  EXPECT_EQ(executor->posted.size(), 1u);  // one post for all
  supplier->calls.clear();
  executor->run();
  EXPECT_THAT(supplier->calls,
              ElementsAre("try of orders", "try of orders", "use by charge", "release"));
}

TEST_F(Broker, ASpareSlotThatNobodyTakesGoesBack) {
  try_reserve();
  executor->run();
  EXPECT_FALSE(supplier->free);
  executor->wait_and_run();
  EXPECT_TRUE(supplier->free);
  EXPECT_EQ(try_reserve(), 0u);
}

TEST_F(Broker, ItsEndGivesTheSpareSlotBackAndFreesTheSupplierOnTheExecutor) {
  try_reserve();
  executor->run();
  std::weak_ptr<SlotBroker> watched = broker;
  auto* slots = broker.get();
  slots->close(std::move(broker));
  EXPECT_FALSE(supplier->free);
  EXPECT_FALSE(watched.expired());
  executor->run();
  EXPECT_TRUE(supplier->free);
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace temporal::detail
