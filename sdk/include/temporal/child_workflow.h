// Handles of other workflows, as a workflow has them.
//
//   auto child = co_await workflow::start_child_workflow(Audit::type, {.id = "audit-7"}, input);
//   co_await child.signal(Audit::hurry, "please");
//   Audited audited = co_await child.result();
//
//   co_await workflow::external_workflow("order-7").signal(OrderWorkflow::note, "hello");
#pragma once
#include <string>
#include <utility>

#include "temporal/workflow_interceptor.h"

namespace temporal {
namespace detail {
workflow::Future<void> signal_workflow(workflow::SignalInput in);
workflow::Future<void> cancel_workflow(workflow::CancelExternalInput in);
}  // namespace detail

namespace workflow {

// A child that has started. Copying is cheap and names the same child.
template <class R>
class ChildWorkflowHandle {
 public:
  ChildWorkflowHandle(std::string id, std::string run_id, detail::State result)
      : id_(std::move(id)), run_id_(std::move(run_id)), result_(std::move(result)) {
    result_->kept = true;
  }

  const std::string& id() const { return id_; }
  const std::string& first_execution_run_id() const { return run_id_; }

  // How it ends, any number of times. Fails with ChildWorkflowFailure, whose cause says how.
  Future<R> result() const { return Future<R>::of(Future<Value>(result_)); }

  // Settled when the server has recorded the signal.
  template <class... A>
  Future<void> signal(const SignalType<void(A...)>& type, std::type_identity_t<A>... args) const {
    return detail::signal_workflow({.name = std::string(type.name),
                                    .workflow_id = id_,
                                    .child = true,
                                    .args = detail::Arguments<A...>::pack(std::move(args)...)});
  }

 private:
  std::string id_, run_id_;
  detail::State result_;
};

// Any workflow of the same namespace.
class ExternalWorkflowHandle {
 public:
  explicit ExternalWorkflowHandle(std::string id, std::string run_id = {})
      : id_(std::move(id)), run_id_(std::move(run_id)) {}

  const std::string& id() const { return id_; }

  // Settled when the server has recorded the signal; fails if there is no such workflow. Cancelled
  // before it was sent, it fails with CanceledFailure.
  template <class... A>
  Future<void> signal(const SignalType<void(A...)>& type, std::type_identity_t<A>... args) const {
    return detail::signal_workflow({.name = std::string(type.name),
                                    .workflow_id = id_,
                                    .run_id = run_id_,
                                    .args = detail::Arguments<A...>::pack(std::move(args)...)});
  }
  // Asks it to cancel. Settled when the server has recorded the request.
  Future<void> cancel(std::string reason = {}) const {
    return detail::cancel_workflow(
        {.workflow_id = id_, .run_id = run_id_, .reason = std::move(reason)});
  }

 private:
  std::string id_, run_id_;
};

// The latest run of that id, or the one named.
inline ExternalWorkflowHandle external_workflow(std::string id, std::string run_id = {}) {
  return ExternalWorkflowHandle(std::move(id), std::move(run_id));
}

}  // namespace workflow
}  // namespace temporal
