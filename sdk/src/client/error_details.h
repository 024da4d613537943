// What the server adds to an error, a google.rpc.Status, as the client's own errors.
#pragma once
#include <optional>
#include <string>

#include "client/messages.h"

namespace temporal::detail {

// The detail of that message, where the error has one.
template <class Detail>
std::optional<Detail> error_detail(const RpcError& error);

// Each throws what `error` means for its call, or `error` itself.
[[noreturn]] void throw_start_error(const RpcError& error, const StartWorkflowInput& input);
[[noreturn]] void throw_with_start_error(const RpcError& error, const StartWorkflowInput& input);
[[noreturn]] void throw_query_error(const RpcError& error, const Core& core,
                                    const SerializationContext& context);
[[noreturn]] void throw_update_error(const RpcError& error);

}  // namespace temporal::detail
