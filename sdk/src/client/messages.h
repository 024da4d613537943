// What the client's calls have in common: protobuf messages over the transport, and pieces of them.
#pragma once
#include <temporal/api/workflowservice/v1/request_response.pb.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/client_core.h"
#include "data/payload_visitor.h"
#include "data/proto.h"
#include "temporal/async.h"

namespace temporal::detail {

namespace service = temporal::api::workflowservice::v1;
using Core = std::shared_ptr<ClientCore>;

// "StartWorkflowExecution" of StartWorkflowExecutionRequest.
std::string method_of(std::string_view request_name);

// One call: its method is named by the request's type. Payloads go as they are.
template <class Response, class Request>
Async<Response> raw_rpc(Core core, Request request, RpcOptions options) {
  auto bytes = co_await core->call({.method = method_of(Request::descriptor()->name()),
                                    .request = request.SerializeAsString(),
                                    .options = std::move(options)});
  Response response;
  if (!response.ParseFromString(bytes))
    throw RpcError(RpcCode::internal, "the server's answer is no " + response.GetTypeName());
  co_return response;
}

// The same, with the payloads through the codec, both ways.
template <class Response, class Request>
Async<Response> rpc(Core core, Request request, RpcOptions options,
                    SerializationContext context = {}) {
  const auto codec = core->converter().codec();
  if (codec) co_await encode(codec, payloads_in(request), context);
  auto response = co_await raw_rpc<Response>(core, std::move(request), std::move(options));
  if (codec) co_await decode(codec, payloads_in(response), std::move(context));
  co_return response;
}

// The time that is left to a call of several requests.
class Deadline {
 public:
  explicit Deadline(const RpcOptions& options);
  // The options of the next request. Throws RpcError{deadline_exceeded} when the time is over.
  RpcOptions next(RpcOptions options) const;
  bool limited() const { return at_.has_value(); }

 private:
  std::optional<std::chrono::steady_clock::time_point> at_;
};

// Whether a request that waits is to be made again: the server, or Core, ended it without an answer.
bool wait_again(const RpcError& error, const Deadline& deadline, const RpcOptions& options);

std::string new_uuid();
SerializationContext workflow_context(const Core& core, std::string workflow_id,
                                      std::string workflow_type = {});
// What interceptors have set, and what the caller's options say beside it.
template <class Input>
Headers headers_of(const Input& input) {
  Headers headers = input.headers;
  headers.insert(input.options.headers.begin(), input.options.headers.end());
  return headers;
}
temporal::api::common::v1::WorkflowExecution to_proto(const WorkflowExecutionId& id);
// The first of the payloads, or nothing.
Value first_value(const temporal::api::common::v1::Payloads& payloads, const Core& core,
                  const SerializationContext& context);

}  // namespace temporal::detail
