#include "order/order_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/api.h>
#include <temporal/history.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "order/order_feed.h"

namespace ordering::order {
namespace {

using temporal::api::history::v1::History;
using temporal::api::history::v1::HistoryEvent;
using testing::ElementsAre;
using namespace std::chrono_literals;

// A history recorded of the running shop.
History recorded(const std::string& name) {
  std::ifstream file(std::string(RECORDED_HISTORIES) + "/" + name + ".json");
  EXPECT_TRUE(file) << name;
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  History history;
  EXPECT_TRUE(history.ParseFromString(temporal::History::from_json(name, json).bytes()));
  return history;
}

// Each event in one word or two: "chargePayment FAILED P002".
std::vector<std::string> told(const History& history, Chain chain = Chain::order) {
  std::vector<std::string> lines;
  EventTeller tell(*OrderId::parse("order-1"), chain);
  for (const auto& stored : history.events()) {
    const auto event = tell(stored);
    if (!event) continue;
    EXPECT_EQ(event->position.event, stored.event_id());
    std::string line = event->step.value_or(std::string(to_string(event->type)));
    if (!event->state.empty()) line.append(" ").append(event->state);
    if (event->code) line.append(" ").append(*event->code);
    if (event->type == EventType::ended) line.append(" ").append(to_string(event->status));
    lines.push_back(line);
  }
  return lines;
}

TEST(OrderEvents, OfAnOrderThatCompletes) {
  EXPECT_THAT(told(recorded("completed")),
              ElementsAre("accepted", "chargePayment SCHEDULED", "chargePayment COMPLETED",
                          "reserveInventory SCHEDULED", "reserveInventory COMPLETED",
                          "startDelivery SCHEDULED", "startDelivery COMPLETED", "ended COMPLETED"));
}

TEST(OrderEvents, OfAnOrderThatIsTurnedBack) {
  EXPECT_THAT(
      told(recorded("refused-by-delivery")),
      ElementsAre("accepted", "chargePayment SCHEDULED", "chargePayment COMPLETED",
                  "reserveInventory SCHEDULED", "reserveInventory COMPLETED",
                  "startDelivery SCHEDULED", "startDelivery FAILED D002",
                  "cancelDelivery SCHEDULED", "cancelDelivery COMPLETED",
                  "restockInventory SCHEDULED", "restockInventory COMPLETED",
                  "refundPayment SCHEDULED", "refundPayment COMPLETED", "ended D002 FAILED"));
}

TEST(OrderEvents, ACancelIsAskedForAndDecided) {
  const auto lines = told(recorded("cancelled-amid-delivery"));
  EXPECT_THAT(lines, testing::IsSupersetOf({"cancel REQUESTED", "cancel ACCEPTED",
                                            "cancelDelivery COMPLETED", "ended ORD004 CANCELLED"}));
  EXPECT_THAT(lines, testing::Not(testing::Contains("startDelivery FAILED ORD003")));
  EXPECT_THAT(told(recorded("cancelled-too-late")),
              testing::IsSupersetOf({"cancel REQUESTED", "cancelDelivery FAILED D005",
                                     "cancel REFUSED D005", "ended COMPLETED"}));
}

HistoryEvent event(std::int64_t id) {
  HistoryEvent stored;
  stored.set_event_id(id);
  stored.mutable_event_time()->set_seconds(1);
  stored.mutable_event_time()->set_nanos(5'999'999);
  return stored;
}

TEST(OrderEvents, AnEndFromOutsideLeavesTheOrderToItsRepair) {
  History order;
  *order.add_events() = event(1);
  order.mutable_events(0)->mutable_workflow_execution_started_event_attributes();
  *order.add_events() = event(2);
  order.mutable_events(1)->mutable_workflow_execution_terminated_event_attributes();
  EXPECT_THAT(told(order), ElementsAre("accepted", "interrupted"));

  History repair;
  *repair.add_events() = event(1);
  repair.mutable_events(0)->mutable_workflow_execution_started_event_attributes();
  *repair.add_events() = event(2);
  auto* result = repair.mutable_events(1)->mutable_workflow_execution_completed_event_attributes();
  auto* payload = result->mutable_result()->add_payloads();
  payload->set_data(R"({"orderId":"order-1","result":"UNDONE"})");
  EXPECT_THAT(told(repair, Chain::repair), ElementsAre("repair STARTED", "ended ORD003 FAILED"));
  payload->set_data(R"({"orderId":"order-1","result":"DELIVERED"})");
  EXPECT_THAT(told(repair, Chain::repair), ElementsAre("repair STARTED", "ended COMPLETED"));
}

TEST(OrderEvents, AreWrittenOnOneLine) {
  auto stored = event(17);
  stored.mutable_activity_task_scheduled_event_attributes()->mutable_activity_type()->set_name(
      "refundPayment");
  EventTeller tell(*OrderId::parse("주문-1"), Chain::order);
  const auto told = tell(stored);
  ASSERT_TRUE(told);
  EXPECT_EQ(to_json(*told),
            R"({"orderId":"주문-1","at":"1970-01-01T00:00:01.005Z","type":"compensation",)"
            R"("step":"refundPayment","state":"SCHEDULED","status":"PROCESSING"})");
  EXPECT_THAT(
      to_feed(*told).text,
      testing::StartsWith("id: 1005-0-17-%EC%A3%BC%EB%AC%B8-1\nevent: compensation\ndata: {"));
}

TEST(EventPosition, IsReadAsItIsWritten) {
  const EventPosition position{Chain::repair, 42};
  EXPECT_EQ(to_string(position), "1-42");
  EXPECT_EQ(parse_position("1-42"), position);
  for (const auto* text : {"", "1", "1-", "-42", "2-1", "0-x", "0-1-2", "0--1", " 0-1"})
    EXPECT_FALSE(parse_position(text)) << text;
  EXPECT_LT((EventPosition{Chain::order, 99}), position);

  const EventPosition after_reset{.event = 7, .reset = Time(1764444638123ms)};
  EXPECT_EQ(to_string(after_reset), "0.1764444638123-7");
  EXPECT_EQ(parse_position("0.1764444638123-7"), after_reset);
  EXPECT_LT(position, after_reset);
  for (const auto* text : {".1-1", "0.-1", "0.x-1", "0.1.2-1"})
    EXPECT_FALSE(parse_position(text)) << text;
}

TEST(FeedId, TellsItsMoment) {
  EXPECT_EQ(parse_feed_id("1005-0-17-order-1"), Time(std::chrono::milliseconds(1005)));
  for (const auto* text : {"", "1005", "x-1", "-1-0"}) EXPECT_FALSE(parse_feed_id(text)) << text;
}

}  // namespace
}  // namespace ordering::order
