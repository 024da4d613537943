// What handling the requests of a client has in common.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "client/messages.h"
#include "testing/loop.h"

namespace temporal::testing {

// The answer of `handle` where the request is the one it takes.
template <class Request, class Handle>
std::optional<Ask> when(const RpcRequest& request, Handle handle) {
  if (request.method != temporal::detail::method_of(Request::descriptor()->name())) return {};
  Request message;
  if (!message.ParseFromString(request.request))
    throw RpcError(RpcCode::invalid_argument, "the request is no " + message.GetTypeName());
  return handle(std::move(message));
}

template <class Response>
Ask answered(const Response& response) {
  return {.answer = [bytes = response.SerializeAsString()] {
    return std::optional<Transport::Answer>(bytes);
  }};
}

}  // namespace temporal::testing
