#include "http/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "http/access_log.h"
#include "http/test_server.h"
#include "telemetry/metrics.h"

namespace http {
namespace {

using testing::HasSubstr;

Router router_of(Operations& operations) {
  Router router;
  operations.add_to(router);
  return router;
}

Task<Readiness> ready() {
  co_return Readiness{
      .dependencies = {{"temporal", true}, {"database", true}},
      .task_queues = {{"PaymentTaskQueue", {{"pollers", 2}, {"lastPollAgeSeconds", 1}}}}};
}
Task<Readiness> half() {
  co_return Readiness{.dependencies = {{"temporal", false}, {"database", true}}};
}
Task<Readiness> warned() {
  co_return Readiness{.warnings = {"look at it"}};
}
Task<Readiness> broken() {
  throw std::runtime_error("no");
  co_return Readiness{};
}

TEST(Operations, TellHowTheServiceIs) {
  Operations operations{{.readiness = &ready, .metrics = telemetry::metrics_text}};
  TestServer server(router_of(operations), {.observer = access_log()});
  TestClient client(server.port());
  EXPECT_EQ(client.get("/livez").body, R"({"status":"UP"})");
  const auto response = client.get("/readyz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"status":"UP","dependencies":{"temporal":"UP","database":"UP"},)"
            R"("taskQueues":{"PaymentTaskQueue":{"pollers":2,"lastPollAgeSeconds":1}}})");
  const auto metrics = client.get("/metrics", "Accept: text/plain\r\n");
  EXPECT_THAT(metrics.header("Content-Type"), HasSubstr("text/plain"));
  EXPECT_THAT(metrics.body,
              HasSubstr(R"(http_requests_total{method="GET",route="/readyz",status="200"} 1)"));
  EXPECT_THAT(metrics.body,
              HasSubstr(R"(http_request_duration_seconds_count{method="GET",route="/livez"} 1)"));
  EXPECT_THAT(metrics.body, HasSubstr("http_connections 1"));
}

TEST(Operations, AWarningIsToldAndHarmsNothing) {
  Operations operations{{.readiness = &warned}};
  TestServer server(router_of(operations));
  const auto response = TestClient(server.port()).get("/readyz");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("taskQueues":{},"warnings":["look at it"]})"));
}

TEST(Operations, OneDependencyDownIsDown) {
  Operations operations{{.readiness = &half}};
  TestServer server(router_of(operations));
  const auto response = TestClient(server.port()).get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(
      response.body,
      R"({"status":"DOWN","dependencies":{"temporal":"DOWN","database":"UP"},"taskQueues":{}})");
}

TEST(Operations, ACheckThatFailsIsDown) {
  Operations operations{{.readiness = &broken}};
  TestServer server(router_of(operations));
  EXPECT_EQ(TestClient(server.port()).get("/readyz").status, 503);
}

TEST(Operations, WithNothingToAskItIsUp) {
  Operations operations{{}};
  TestServer server(router_of(operations));
  EXPECT_EQ(TestClient(server.port()).get("/readyz").status, 200);
  EXPECT_EQ(TestClient(server.port()).get("/metrics").body, "");
}

}  // namespace
}  // namespace http
