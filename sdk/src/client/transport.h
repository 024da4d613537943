// Transport: what a client's calls go through, in protobuf bytes. Core's connection is one
// implementation; tests have others.
#pragma once
#include <exception>
#include <expected>
#include <functional>
#include <stop_token>
#include <string>

#include "temporal/error.h"
#include "temporal/rpc.h"

namespace temporal {

struct RpcRequest {
  RpcService service = RpcService::workflow;
  std::string method = {};  // "StartWorkflowExecution"
  std::string request = {};
  RpcOptions options = {};
};

class CoreTransport;

class Transport {
 public:
  using Answer = std::expected<std::string, RpcError>;
  using Answered = std::move_only_function<void(Answer)>;

  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport();

  // Answers once, on any thread, inside the call or later; the receiver hands over and returns.
  // `stop`, and the stop token of the options, end the call early: it answers canceled.
  virtual void call(RpcRequest request, std::stop_token stop, Answered answered) = 0;

  // The connection of Core that it goes through, which workers take; null: there is none.
  virtual CoreTransport* core() { return nullptr; }
};

}  // namespace temporal
