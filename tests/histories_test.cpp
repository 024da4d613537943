// Recorded orders, of every way that an order can go, through today's workflow: what orders under
// way will meet when this code is deployed. tests/record_histories.py records them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/api.h>
#include <temporal/replayer.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "contract/order_workflow.h"
#include "order/order_saga.h"
#include "order/repair_workflow.h"

namespace ordering {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> recorded() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(JUMUN_HISTORIES)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

temporal::History read(const fs::path& file) {
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  return temporal::History::from_json(file.stem(), text);
}

temporal::Replayer replayer() {
  temporal::Registry registry;
  registry.workflow<order::OrderSaga>();
  registry.workflow<order::RepairWorkflow>();
  return temporal::Replayer({.registry = registry});
}

TEST(Histories, EveryRecordedOrderGoesOnTheSame) {
  auto files = recorded();
  ASSERT_GE(files.size(), 12u);
  const auto today = replayer();
  for (const auto& file : files) {
    auto result = today.replay(read(file));
    EXPECT_TRUE(result.ok()) << file << ": " << result.failure;
  }
}

// That the test above can fail: an order that was reserved before it was charged is no history of
// this workflow.
TEST(Histories, AnotherOrderOfStepsIsFound) {
  auto history = read(fs::path(JUMUN_HISTORIES) / "completed.json");
  temporal::api::history::v1::History events;
  ASSERT_TRUE(events.ParseFromString(history.bytes()));
  for (auto& event : *events.mutable_events()) {
    if (!event.has_activity_task_scheduled_event_attributes()) continue;
    auto& type = *event.mutable_activity_task_scheduled_event_attributes()->mutable_activity_type();
    if (type.name() == "chargePayment") type.set_name("reserveInventory");
  }
  auto other = temporal::History::from_bytes("other", events.SerializeAsString());
  auto result = replayer().replay(other);
  EXPECT_TRUE(result.nondeterministic) << result.failure;
  EXPECT_THAT(
      result.report,
      testing::ContainsRegex("> .*ActivityTaskScheduled reserveInventory.*ActivityTaskScheduled "
                             "chargePayment.* at .*order_saga.cpp:"));
}

}  // namespace
}  // namespace ordering
