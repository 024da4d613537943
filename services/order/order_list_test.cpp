#include "order/order_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "contract/order_workflow.h"
#include "contract/timestamp.h"
#include "order/fake_temporal.h"

namespace ordering::order {
namespace {

using namespace std::chrono_literals;
using temporal::WorkflowStatus;
using testing::ElementsAre;

class OrderListTest : public testing::Test {
 protected:
  // Of `id`, begun so long ago.
  void add(const std::string& id, std::chrono::milliseconds ago, WorkflowStatus status,
           const std::string& run_id = "") {
    temporal::WorkflowDescription run;
    run.workflow_id = workflow_id(OrderId::parse(id).value());
    run.run_id = run_id.empty() ? id : run_id;
    run.workflow_type = OrderWorkflow::type.name;
    run.status = status;
    run.start_time = begun_ - ago;
    if (status != WorkflowStatus::running) run.close_time = run.start_time + 1s;
    server_->runs.push_back(std::move(run));
  }
  OrderPage page(ListQuery query) const { return list_.page(std::move(query)).get(); }
  // The ids of all pages, in their order.
  std::vector<std::string> all(ListQuery query) {
    std::vector<std::string> ids;
    for (pages_ = 1;; ++pages_) {
      const auto page = this->page(query);
      EXPECT_LE(page.items.size(), query.limit);
      for (const auto& order : page.items) ids.push_back(order.order_id.text());
      if (!page.next) return ids;
      EXPECT_TRUE(!query.after || *page.next < *query.after) << "the next page goes on";
      query.after = parse_cursor(to_text(*page.next));
    }
  }
  static std::vector<std::string> ids_of(const OrderPage& page) {
    std::vector<std::string> ids;
    for (const auto& order : page.items) ids.push_back(order.order_id.text());
    return ids;
  }

  std::shared_ptr<FakeTemporal> server_ = std::make_shared<FakeTemporal>();
  temporal::Client client_ = server_->client();
  OrderList list_{client_, Orders(client_, {}),
                  std::make_shared<CodeAttribute>(client_, std::stop_token())};
  Time begun_ = now();
  int pages_ = 0;
};

// Many more than one reading takes: some close together, some far apart, some at one moment.
TEST_F(OrderListTest, EveryOrderComesOnceThoughNoReadingHoldsAll) {
  std::vector<std::string> expected;
  auto ago = 20s + 0ms;
  for (int n = 1000; n < 1700; ++n) {
    const auto id = "order-" + std::to_string(n);
    add(id, ago, WorkflowStatus::completed);
    expected.push_back(id);
    if (n % 100 == 99)
      ago += 24h * (n - 990);
    else if (n % 3 == 0)
      ago += 7s;
  }
  const auto found = all({.limit = 10});
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_EQ(std::set(found.begin(), found.end()), std::set(expected.begin(), expected.end()));
  EXPECT_EQ(pages_, 70);
  EXPECT_LT(server_->asked, 70U * 20) << "a page takes few questions";
  EXPECT_EQ(all({.limit = 200}).size(), expected.size());
}

TEST_F(OrderListTest, OrdersOfOneMomentComeByTheirIds) {
  for (const auto* id : {"b", "c", "a"}) add(id, 1min, WorkflowStatus::completed);
  add("d", 2min, WorkflowStatus::completed);
  EXPECT_THAT(all({.limit = 2}), ElementsAre("c", "b", "a", "d"));
  EXPECT_EQ(pages_, 2);
}

// What the index lists and the page does not: a page gives up after so many spans, and says where.
TEST_F(OrderListTest, APageOfFewerThanItsLimitLeadsOn) {
  for (int n = 0; n < 2500; ++n) {
    const auto id = "reset-" + std::to_string(n);
    add(id, n * 1min, WorkflowStatus::terminated, id + "-old");
    add(id, n * 1min - 1s, WorkflowStatus::running);
  }
  add("failed-1", 2500min, WorkflowStatus::failed);
  const ListQuery query{.status = Status::failed, .limit = 10};
  const auto first = page(query);
  EXPECT_THAT(first.items, testing::IsEmpty());
  EXPECT_TRUE(first.next);
  EXPECT_THAT(all(query), ElementsAre("failed-1"));
  EXPECT_GT(pages_, 1);
  EXPECT_LT(pages_, 10);
}

TEST_F(OrderListTest, MoreOrdersOfOneMomentThanOneReadingTakesAreRefused) {
  for (std::size_t n = 0; n <= OrderIndex::kMost; ++n)
    add("order-" + std::to_string(n), 1min, WorkflowStatus::completed);
  EXPECT_THROW(page({}), temporal::RpcError);
}

TEST_F(OrderListTest, AnOrderThatWasResetAfterItsEndIsListedOnce) {
  add("reset-1", 2h, WorkflowStatus::completed, "old");
  add("reset-1", 1h, WorkflowStatus::completed, "new");
  const auto found = page({});
  EXPECT_THAT(ids_of(found), ElementsAre("reset-1"));
  EXPECT_EQ(found.items[0].created_at, begun_ - 1h);
}

TEST_F(OrderListTest, AnOrderThatWasResetAfterItsEndIsItsCurrentRun) {
  add("other-1", 3h, WorkflowStatus::completed);
  add("reset-1", 2h, WorkflowStatus::completed, "old");
  add("reset-2", 90min, WorkflowStatus::completed, "old-2");
  add("reset-1", 1h, WorkflowStatus::completed, "new");
  add("reset-2", 30min, WorkflowStatus::running, "new-2");
  const auto found = page({});
  EXPECT_THAT(ids_of(found), ElementsAre("reset-2", "reset-1", "other-1"));
  EXPECT_EQ(found.items[1].created_at, begun_ - 1h);
  EXPECT_THAT(all({.limit = 1}), ElementsAre("reset-2", "reset-1", "other-1"));
  EXPECT_THAT(ids_of(page({.status = Status::completed})), ElementsAre("reset-1", "other-1"))
      << "reset-2 is under way again";
}

TEST_F(OrderListTest, WhatIsGoneThoughTheIndexHasItIsNotListed) {
  add("here-1", 1h, WorkflowStatus::running);
  add("gone-1", 2h, WorkflowStatus::running);
  server_->before_describe = [](const std::string& id) {
    if (id == "order-workflow-gone-1")
      throw temporal::RpcError(temporal::RpcCode::not_found, "no such workflow");
  };
  EXPECT_THAT(ids_of(page({})), ElementsAre("here-1"));
}

TEST_F(OrderListTest, WhetherAllHaveOneRunIsOneQuestion) {
  for (int n = 0; n < 50; ++n)
    add("order-" + std::to_string(n), n * 1min, WorkflowStatus::completed);
  int described = 0;
  server_->before_describe = [&](const std::string&) { ++described; };
  EXPECT_EQ(page({}).items.size(), 50U);
  EXPECT_EQ(server_->asked, 3U) << "how many there are, their lines, their runs";
  EXPECT_EQ(described, 0);
}

}  // namespace
}  // namespace ordering::order
