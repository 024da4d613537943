#include "process/tracing.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <stdexcept>

#include "telemetry/log.h"

namespace ordering::process {
namespace {

// Variables for as long as the test takes.
class Environment {
 public:
  explicit Environment(std::map<std::string, std::string> variables) : set_(std::move(variables)) {
    for (const auto& [name, value] : set_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : set_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::map<std::string, std::string> set_;
};

const std::string kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

// One interceptor stays, for the id of the request.
TEST(Tracing, IsOffWhereNoCollectorIsNamed) {
  const Tracing tracing("payment", temporal::Runtime::shared_default());
  temporal::WorkerOptions worker;
  tracing.add_to(worker);
  EXPECT_TRUE(tracing.client_interceptors().empty());
  EXPECT_EQ(worker.workflow_interceptors.size(), 1U);
  EXPECT_TRUE(worker.activity_interceptors.empty());
  EXPECT_EQ(telemetry::tracer(), nullptr);
  EXPECT_FALSE(temporal::otlp_options_from_environment("payment"));
}

TEST(Tracing, MakesSpansOfTheirParentsTraceThatCarryOn) {
  const Environment environment({{kEndpoint, "http://127.0.0.1:9"}});
  const Tracing tracing("payment", temporal::Runtime::shared_default());
  temporal::WorkerOptions worker;
  tracing.add_to(worker);
  EXPECT_EQ(tracing.client_interceptors().size(), 1U);
  EXPECT_EQ(worker.workflow_interceptors.size(), 2U);
  EXPECT_EQ(worker.activity_interceptors.size(), 1U);

  const telemetry::Scope scope(telemetry::TraceContext{
      .parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", .state = "vendor=1"});
  const auto context = telemetry::start_span("work").context();
  EXPECT_EQ(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(context.span_id(), "b7ad6b7169203331");
  EXPECT_EQ(context.state, "vendor=1");
  const auto headers = headers_of(context, "r-1");
  EXPECT_EQ(headers.at("_tracer-data").data,
            R"({"traceparent":")" + context.parent + R"(","tracestate":"vendor=1"})");
  EXPECT_EQ(headers.at("request_id").data, R"("r-1")");
}

TEST(Tracing, WithoutATraceTheRequestsIdIsHandedOnAlone) {
  const auto headers = headers_of({}, "r-1");
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers.at("request_id").data, R"("r-1")");
}

TEST(Otlp, OptionsAreTheStandardsVariables) {
  const Environment environment({{kEndpoint, "https://collector:4318/"},
                                 {"OTEL_RESOURCE_ATTRIBUTES", "a=1,b=x%20y"},
                                 {"OTEL_SERVICE_NAME", "other"},
                                 {"OTEL_BSP_MAX_QUEUE_SIZE", "10"},
                                 {"OTEL_BSP_SCHEDULE_DELAY", "250"}});
  const auto options = temporal::otlp_options_from_environment("payment");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->endpoint, "https://collector:4318/v1/traces");
  const std::map<std::string, std::string> resource{
      {"a", "1"}, {"b", "x y"}, {"service.name", "other"}};
  EXPECT_EQ(options->resource, resource);
  EXPECT_EQ(options->max_queue, 10U);
  EXPECT_EQ(options->max_batch, 512U);
  EXPECT_EQ(options->delay, std::chrono::milliseconds(250));
}

TEST(Otlp, TracesOwnEndpointIsTheWholeUrl) {
  const Environment environment(
      {{kEndpoint, "http://elsewhere"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/t"}});
  const auto options = temporal::otlp_options_from_environment("payment");
  EXPECT_EQ(options.value().endpoint, "http://c/t");
  EXPECT_EQ(options.value().resource.at("service.name"), "payment");
}

TEST(Otlp, IsOffWhereTheStandardSaysSo) {
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"OTEL_SDK_DISABLED", "true"}, {"OTEL_TRACES_EXPORTER", "none"}}) {
    const Environment environment({{kEndpoint, "http://c"}, {name, value}});
    EXPECT_FALSE(temporal::otlp_options_from_environment("payment")) << name;
  }
}

TEST(Otlp, WhatIsWrongIsNamed) {
  const std::map<std::string, std::string> wrong{{kEndpoint, "collector:4318"},
                                                 {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                                 {"OTEL_RESOURCE_ATTRIBUTES", "a"},
                                                 {"OTEL_BSP_MAX_QUEUE_SIZE", "0"},
                                                 {"OTEL_TRACES_SAMPLER", "often"}};
  for (const auto& [name, value] : wrong) {
    const Environment right({{kEndpoint, "http://c"}});
    const Environment environment({{name, value}});
    try {
      const Tracing tracing("payment", temporal::Runtime::shared_default());
      ADD_FAILURE() << name << " was taken";
    } catch (const std::invalid_argument& e) {
      EXPECT_TRUE(std::string(e.what()).starts_with(name + " is \"" + value + "\", but"))
          << e.what();
    }
  }
}

}  // namespace
}  // namespace ordering::process
