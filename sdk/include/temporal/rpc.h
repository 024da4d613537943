// How a single remote call is made. Every call of a client takes RpcOptions, alone or as the member
// `rpc` of its options:
//
//   co_await handle.describe({.timeout = 2s});
//   co_await client.start_workflow(Order::type, {.id = id, .task_queue = "orders",
//                                                .rpc = {.timeout = 2s, .stop = stop}}, input);
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

namespace temporal {

struct RpcOptions {
  // For the whole call: the dial of a lazy client, and repeats, included. When it is over the call
  // fails with RpcError{deadline_exceeded}, or {unavailable} where there is no connection yet.
  // Unset: 30 s for each attempt; calls that wait for something to happen (a result, an update) have
  // no limit. Zero or less is over at once.
  std::optional<std::chrono::milliseconds> timeout = {};
  // Whether the call is repeated after errors that may pass, as ClientOptions::retry says.
  bool retry = true;
  // gRPC headers of this call; they win over the client's. Keys of the second end in "-bin".
  std::map<std::string, std::string> metadata = {};
  std::map<std::string, std::string> binary_metadata = {};
  // Ends the call with RpcError{canceled}.
  std::stop_token stop = {};
};

// How calls are repeated after an error that may pass.
struct RpcRetryOptions {
  std::chrono::milliseconds initial_interval = std::chrono::milliseconds(100);
  double multiplier = 1.7;
  double randomization_factor = 0.2;
  std::chrono::milliseconds max_interval = std::chrono::seconds(5);
  // Unset: without limit.
  std::optional<std::chrono::milliseconds> max_elapsed = std::chrono::seconds(10);
  std::optional<std::uint32_t> max_retries = 10;
};

// The gRPC services of a Temporal server, for Client::call.
enum class RpcService : std::uint8_t {
  workflow = 1,   // temporal.api.workflowservice.v1.WorkflowService
  operators = 2,  // temporal.api.operatorservice.v1.OperatorService
  cloud = 3,      // temporal.api.cloud.cloudservice.v1.CloudService
  test = 4,       // temporal.api.testservice.v1.TestService
  health = 5,     // grpc.health.v1.Health
};

}  // namespace temporal
