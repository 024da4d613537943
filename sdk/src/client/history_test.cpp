#include "temporal/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace temporal {
namespace {

using testing::HasSubstr;

// As `temporal workflow show --output json` writes it.
constexpr std::string_view kJson = R"({"events":[
  {"eventId":"1","eventTime":"2026-01-02T03:04:05.000000006Z",
   "eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
   "workflowExecutionStartedEventAttributes":{
     "workflowType":{"name":"Order"},
     "taskQueue":{"name":"orders","kind":"TASK_QUEUE_KIND_NORMAL"},
     "input":{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"eyJhIjoxfQ=="}]},
     "originalExecutionRunId":"run-1","attempt":1}},
  {"eventId":"2","eventTime":"2026-01-02T03:04:06Z",
   "eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED",
   "workflowExecutionTerminatedEventAttributes":{"reason":"test"}}]})";

TEST(History, ReadsAndWritesTheJsonOfTheOtherSdks) {
  auto history = History::from_json("order-1", kJson);
  EXPECT_EQ(history.workflow_id(), "order-1");
  EXPECT_EQ(history.run_id(), "run-1");
  EXPECT_EQ(history.size(), 2U);
  auto json = history.to_json();
  EXPECT_THAT(json, HasSubstr(R"("eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED")"));
  EXPECT_THAT(json, HasSubstr(R"("eventTime":"2026-01-02T03:04:05.000000006Z")"));
  EXPECT_THAT(json, HasSubstr(R"("eventId":"1")"));
  EXPECT_THAT(json, HasSubstr(R"("data":"eyJhIjoxfQ==")"));
  EXPECT_EQ(History::from_json("order-1", json), history);
  EXPECT_EQ(History::from_bytes("order-1", history.bytes()), history);
}

TEST(History, ReadsEnumeratorsOfOlderTools) {
  std::string old(kJson);
  auto replace = [&old](std::string_view from, std::string_view to) {
    old.replace(old.find(from), from.size(), to);
  };
  replace("EVENT_TYPE_WORKFLOW_EXECUTION_STARTED", "WorkflowExecutionStarted");
  replace("EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED", "WorkflowExecutionTerminated");
  replace("TASK_QUEUE_KIND_NORMAL", "Normal");
  EXPECT_EQ(History::from_json("order-1", old), History::from_json("order-1", kJson));
}

TEST(History, SkipsFieldsThatItDoesNotKnow) {
  EXPECT_EQ(History::from_json("o", R"({"events":[{"eventId":"1","newer":{"a":[1]}}]})").size(),
            1U);
}

TEST(History, SaysWhatIsWrong) {
  EXPECT_THROW(History::from_json("o", "{"), std::invalid_argument);
  EXPECT_THROW(History::from_json("o", "[]"), std::invalid_argument);
  EXPECT_THROW(History::from_json("o", R"({"events":[{"eventId":[]}]})"), std::invalid_argument);
  EXPECT_THROW(History::from_bytes("o", "\xff"), std::invalid_argument);
}

TEST(History, AnEmptyOneHasNoRun) {
  EXPECT_EQ(History().run_id(), "");
  EXPECT_EQ(History().size(), 0U);
}

}  // namespace
}  // namespace temporal
