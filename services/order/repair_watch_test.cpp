#include "order/repair_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "contract/order_repair.h"
#include "contract/timestamp.h"
#include "order/fake_temporal.h"

namespace ordering::order {
namespace {

using namespace std::chrono_literals;
using temporal::WorkflowStatus;
using testing::ElementsAre;
using testing::IsEmpty;

class RepairWatchTest : public testing::Test {
 protected:
  void add(std::string_view type, const std::string& workflow_id, WorkflowStatus status,
           std::chrono::milliseconds ended_ago) {
    temporal::WorkflowDescription run;
    run.workflow_id = workflow_id;
    run.run_id = "run-" + std::to_string(server_->runs.size());
    run.workflow_type = type;
    run.status = status;
    run.start_time = now() - ended_ago - 1min;
    run.close_time = now() - ended_ago;
    server_->runs.push_back(std::move(run));
  }
  void end_order(const std::string& id, std::chrono::milliseconds ago) {
    add(OrderWorkflow::type.name, "order-workflow-" + id, WorkflowStatus::terminated, ago);
  }
  // What one round begins.
  std::vector<std::string> look() {
    server_->started.clear();
    boost::asio::io_context io;
    boost::asio::co_spawn(io, watch_.look(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
    io.run();
    return server_->started;
  }

  std::shared_ptr<FakeTemporal> server_ = std::make_shared<FakeTemporal>();
  temporal::Client client_ = server_->client();
  RepairWatch watch_{client_, Orders(client_, {}), {}};
};

TEST_F(RepairWatchTest, EachOrderEndedFromOutsideIsLookedAtOnce) {
  end_order("order-1", 1h);
  end_order("order-2", 1min);
  add(OrderWorkflow::type.name, "order-workflow-order-3", WorkflowStatus::failed, 1min);
  add(OrderWorkflow::type.name, "no-order", WorkflowStatus::terminated, 1min);
  EXPECT_THAT(look(), ElementsAre("order-repair-order-1", "order-repair-order-2"));
  EXPECT_THAT(look(), IsEmpty());
  end_order("order-4", 0s);
  EXPECT_THAT(look(), ElementsAre("order-repair-order-4"));
}

TEST_F(RepairWatchTest, OneThatCannotBeLookedAtHoldsUpNoOtherAndIsLookedAtAgain) {
  end_order("order-1", 2h);
  end_order("order-2", 1h);
  bool broken = true;
  server_->before_describe = [&](const std::string& id) {
    if (broken && id == "order-workflow-order-1")
      throw temporal::RpcError(temporal::RpcCode::deadline_exceeded, "its shard is away");
  };
  EXPECT_THAT(look(), ElementsAre("order-repair-order-2"));
  end_order("order-3", 0s);
  EXPECT_THAT(look(), ElementsAre("order-repair-order-3"));
  broken = false;
  EXPECT_THAT(look(), ElementsAre("order-repair-order-1"));
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(RepairWatchTest, WhereTemporalIsAwayTheRoundEnds) {
  for (int n = 0; n < 100; ++n) end_order("order-" + std::to_string(n), 1h);
  int asked = 0;
  server_->before_describe = [&](const std::string&) {
    ++asked;
    throw temporal::RpcError(temporal::RpcCode::unavailable, "away");
  };
  EXPECT_THROW(look(), temporal::Error);
  EXPECT_EQ(asked, RepairWatch::kFailures + 1);
  server_->before_describe = nullptr;
  EXPECT_EQ(look().size(), 100U);
}

TEST_F(RepairWatchTest, ARepairThatDidNotComeToItsEndIsBegunAgain) {
  end_order("order-1", 1h);
  EXPECT_THAT(look(), ElementsAre("order-repair-order-1"));
  for (const auto status :
       {WorkflowStatus::failed, WorkflowStatus::terminated, WorkflowStatus::timed_out}) {
    add(OrderRepair::type.name, "order-repair-order-1", status, 0s);
    EXPECT_THAT(look(), ElementsAre("order-repair-order-1"));
  }
  add(OrderRepair::type.name, "order-repair-order-1", WorkflowStatus::completed, 0s);
  EXPECT_THAT(look(), IsEmpty());
}

}  // namespace
}  // namespace ordering::order
