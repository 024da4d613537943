#include "order/audit_activities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "order/fake_temporal.h"

namespace ordering::order {
namespace {

using namespace std::chrono_literals;
using temporal::WorkflowStatus;
using testing::ElementsAre;

class AuditActivitiesTest : public testing::Test {
 protected:
  void add(const std::string& id, std::chrono::milliseconds ago, WorkflowStatus status) {
    temporal::WorkflowDescription run;
    run.workflow_id = "order-workflow-" + id;
    run.run_id = id;
    run.workflow_type = OrderWorkflow::type.name;
    run.status = status;
    run.start_time = now() - ago;
    server_->runs.push_back(std::move(run));
  }
  std::vector<std::string> late() {
    const auto page = AuditActivities(client_, Orders(client_, {}), {})
                          .list_late({.started_before_ms = now().time_since_epoch().count()});
    std::vector<std::string> ids;
    for (const auto& order : page.orders) ids.push_back(order.order_id);
    return ids;
  }

  std::shared_ptr<FakeTemporal> server_ = std::make_shared<FakeTemporal>();
  temporal::Client client_ = server_->client();
};

TEST_F(AuditActivitiesTest, AnOrderIsUnderWayForTooLongPausedOrNot) {
  add("running-1", 1h, WorkflowStatus::running);
  add("paused-1", 1h, WorkflowStatus::paused);
  add("young-1", 1min, WorkflowStatus::running);
  add("ended-1", 1h, WorkflowStatus::completed);
  EXPECT_THAT(late(), ElementsAre("running-1", "paused-1"));
}

TEST_F(AuditActivitiesTest, WhatIsGoneThoughTheIndexHasItIsNotJudged) {
  add("here-1", 1h, WorkflowStatus::running);
  add("gone-1", 1h, WorkflowStatus::running);
  server_->before_describe = [](const std::string& id) {
    if (id == "order-workflow-gone-1")
      throw temporal::RpcError(temporal::RpcCode::not_found, "no such workflow");
  };
  EXPECT_THAT(late(), ElementsAre("here-1"));
}

}  // namespace
}  // namespace ordering::order
