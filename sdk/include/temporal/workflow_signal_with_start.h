// A signal from a workflow to one that is started first where none of its id runs, in one step of the
// server.
//
//   auto cart = co_await workflow::signal_with_start(Cart::type, {.id = "cart-7"},
//                                                    temporal::call(Cart::add, {item}), owner);
//   co_await cart.signal(Cart::close);
//
// It is an operation of Temporal's own Nexus endpoint, "__temporal_system", and needs Temporal 1.32 with
// history.enableSignalWithStartFromWorkflow in its dynamic configuration. A server without it refuses the
// workflow task that asks for it, each time it is tried. What is started is no child: it outlives the
// caller.
#pragma once
#include <string>
#include <utility>

#include "temporal/client_calls.h"
#include "temporal/workflow.h"

namespace temporal {
namespace detail {
// Throws std::invalid_argument.
workflow::Future<std::string> signal_with_start(workflow::SignalWithStartInput in);
}  // namespace detail

namespace workflow {

// Settled once the server has recorded the signal; the handle is of the run that got it. Fails with
// NexusOperationFailure, as where the policies of the options forbid the start.
template <class R, class... A>
Future<ExternalWorkflowHandle> signal_with_start(const WorkflowType<R(A...)>& type,
                                                 SignalWithStartOptions options, SignalCall signal,
                                                 std::type_identity_t<A>... args) {
  auto id = options.id;
  auto run_id =
      detail::signal_with_start({.workflow_type = std::string(type.name),
                                 .options = std::move(options),
                                 .headers = std::move(signal.headers),
                                 .args = detail::Arguments<A...>::pack(std::move(args)...),
                                 .signal_name = std::move(signal.name),
                                 .signal_args = std::move(signal.args)});
  return spawn(
      [](std::string workflow_id, Future<std::string> run) -> Task<ExternalWorkflowHandle> {
        auto run_of = co_await std::move(run);
        co_return ExternalWorkflowHandle(std::move(workflow_id), std::move(run_of));
      }(std::move(id), std::move(run_id)));
}

}  // namespace workflow
}  // namespace temporal
