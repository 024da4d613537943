// Handles of one workflow and of one update, for clients. A handle is a value that names something;
// making one does no I/O, and copying it is cheap.
//
//   auto handle = client.workflow_handle(Order::type, "order-7");
//   co_await handle.signal(Order::note, {"hello"});
//   auto answer = co_await handle.execute_update(Order::cancel, {.by = "me"});
//   auto result = co_await handle.result();
//
// By names known only at run time: handle.query<Status>("status", {Value::of(1)}), whose Status may
// be Value, to be decoded later.
//
// Errors: see temporal/error.h. A workflow that is not there is RpcError{not_found}.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "temporal/client_interceptor.h"

namespace temporal {

namespace detail {

Async<Value> update_outcome(std::shared_ptr<ClientCore> core, UpdateState state, RpcOptions rpc);
Async<Value> execute_update(std::shared_ptr<ClientCore> core, StartUpdateInput input);
Async<History> whole_history(std::shared_ptr<ClientCore> core, FetchHistoryInput input);

}  // namespace detail

template <class R>
class UpdateHandle {
 public:
  UpdateHandle(std::shared_ptr<detail::ClientCore> core, UpdateState state)
      : core_(std::move(core)), state_(std::move(state)) {}

  const std::string& id() const { return state_.update_id; }
  const std::string& workflow_id() const { return state_.workflow.workflow_id; }
  const std::string& run_id() const { return state_.workflow.run_id; }
  // Whether result() answers without I/O.
  bool outcome_known() const { return state_.result || state_.failure; }

  // Waits for the outcome. Throws UpdateFailedError where the update was rejected or failed, and
  // TimeoutError when rpc.timeout is over.
  Async<R> result(RpcOptions rpc = {}) const {
    return detail::decoded<R>(core_, detail::update_outcome(core_, state_, std::move(rpc)));
  }

 private:
  std::shared_ptr<detail::ClientCore> core_;
  UpdateState state_;
};

// Of a workflow whose run returns R.
template <class R>
class WorkflowHandle {
 public:
  WorkflowHandle(std::shared_ptr<detail::ClientCore> core, WorkflowExecutionId workflow,
                 std::string first_execution_run_id = {}, std::string result_run_id = {})
      : core_(std::move(core)),
        workflow_(std::move(workflow)),
        first_execution_run_id_(std::move(first_execution_run_id)),
        result_run_id_(std::move(result_run_id)) {}

  const std::string& id() const { return workflow_.workflow_id; }
  // The run that every call is for; empty: the latest. A handle of start_workflow names no run, so
  // that it stays true over continue-as-new.
  const std::string& run_id() const { return workflow_.run_id; }
  // The run that start_workflow started: cancel and terminate are for its chain alone. Empty where
  // a running workflow was used, or a signal came with the start.
  const std::string& first_execution_run_id() const { return first_execution_run_id_; }
  // The run from which result() follows the chain: the one that was started, or was found running.
  const std::string& result_run_id() const {
    return workflow_.run_id.empty() ? result_run_id_ : workflow_.run_id;
  }

  // Waits for the workflow's end. Throws WorkflowFailedError where it did not complete.
  Async<R> result(ResultOptions options = {}) const {
    WorkflowExecutionId of{workflow_.workflow_id, result_run_id()};
    return detail::decoded<R>(core_, first().workflow_result({std::move(of), std::move(options)}));
  }
  Async<WorkflowDescription> describe(RpcOptions rpc = {}) const {
    return detail::keeping(core_, first().describe_workflow({workflow_, std::move(rpc)}));
  }

  // Returns when the server has the signal.
  template <class... A>
  Async<void> signal(const SignalType<void(A...)>& type, std::type_identity_t<A>... args) const {
    return signal(std::string(type.name), detail::Arguments<A...>::pack(std::move(args)...));
  }
  template <class... A>
  Async<void> signal(const SignalType<void(A...)>& type, SignalOptions options,
                     std::type_identity_t<A>... args) const {
    return signal(std::string(type.name), detail::Arguments<A...>::pack(std::move(args)...),
                  std::move(options));
  }
  Async<void> signal(std::string name, Values args = {}, SignalOptions options = {}) const {
    return detail::keeping(core_, first().signal_workflow({workflow_, std::move(name),
                                                           std::move(options), std::move(args)}));
  }

  // Asks a worker of the workflow. Throws QueryFailedError, or QueryRejectedError where the reject
  // condition holds.
  template <class Q, class... A>
  Async<Q> query(const QueryType<Q(A...)>& type, std::type_identity_t<A>... args) const {
    return query<Q>(std::string(type.name), detail::Arguments<A...>::pack(std::move(args)...));
  }
  template <class Q, class... A>
  Async<Q> query(const QueryType<Q(A...)>& type, QueryOptions options,
                 std::type_identity_t<A>... args) const {
    return query<Q>(std::string(type.name), detail::Arguments<A...>::pack(std::move(args)...),
                    std::move(options));
  }
  template <class Q = Value>
  Async<Q> query(std::string name, Values args = {}, QueryOptions options = {}) const {
    return detail::decoded<Q>(core_, first().query_workflow({workflow_, std::move(name),
                                                             std::move(options), std::move(args)}));
  }

  // Sends an update and waits for its outcome. Throws UpdateFailedError.
  template <class U, class... A>
  Async<U> execute_update(const UpdateType<U(A...)>& type, std::type_identity_t<A>... args) const {
    return execute_update<U>(std::string(type.name),
                             detail::Arguments<A...>::pack(std::move(args)...));
  }
  template <class U, class... A>
  Async<U> execute_update(const UpdateType<U(A...)>& type, UpdateOptions options,
                          std::type_identity_t<A>... args) const {
    return execute_update<U>(std::string(type.name),
                             detail::Arguments<A...>::pack(std::move(args)...), std::move(options));
  }
  template <class U = Value>
  Async<U> execute_update(std::string name, Values args = {}, UpdateOptions options = {}) const {
    return detail::decoded<U>(
        core_, detail::execute_update(
                   core_, {workflow_, std::move(name), std::move(options), std::move(args)}));
  }

  // Sends an update and returns at the stage that options.wait_for names. A rejection comes with
  // UpdateHandle::result().
  template <class U, class... A>
  Async<UpdateHandle<U>> start_update(const UpdateType<U(A...)>& type, UpdateOptions options,
                                      std::type_identity_t<A>... args) const {
    return start_update<U>(std::string(type.name),
                           detail::Arguments<A...>::pack(std::move(args)...), std::move(options));
  }
  template <class U = Value>
  Async<UpdateHandle<U>> start_update(std::string name, Values args = {},
                                      UpdateOptions options = {}) const {
    return update_started<U>(core_, first().start_update({workflow_, std::move(name),
                                                          std::move(options), std::move(args)}));
  }
  // Of an update that was sent before, by its id.
  template <class U, class... A>
  UpdateHandle<U> update_handle(const UpdateType<U(A...)>&, std::string update_id) const {
    return update_handle<U>(std::move(update_id));
  }
  template <class U = Value>
  UpdateHandle<U> update_handle(std::string update_id) const {
    return UpdateHandle<U>(core_, {.workflow = workflow_, .update_id = std::move(update_id)});
  }

  // Asks the workflow to cancel; what it does then is its own affair.
  Async<void> cancel(CancelOptions options = {}) const {
    return detail::keeping(
        core_, first().cancel_workflow({workflow_, first_execution_run_id_, std::move(options)}));
  }
  // Ends it at once; its code hears nothing of it.
  Async<void> terminate(TerminateOptions options = {}) const {
    return detail::keeping(core_, first().terminate_workflow(
                                      {workflow_, first_execution_run_id_, std::move(options)}));
  }
  Async<History> fetch_history(HistoryOptions options = {}) const {
    return detail::whole_history(core_, {workflow_, std::move(options)});
  }
  // A part of it; the next with its next_page_token. So events are followed as they come:
  // {.wait_new_event = true}, page after page, until the last.
  Async<HistoryPage> fetch_history_page(HistoryOptions options = {}) const {
    return detail::keeping(core_, first().fetch_history_page({workflow_, std::move(options)}));
  }

 private:
  ClientInterceptor& first() const { return detail::outermost(core_); }
  template <class U>
  static Async<UpdateHandle<U>> update_started(std::shared_ptr<detail::ClientCore> core,
                                               Async<UpdateState> state) {
    co_return UpdateHandle<U>(core, co_await std::move(state));
  }
  std::shared_ptr<detail::ClientCore> core_;
  WorkflowExecutionId workflow_;
  std::string first_execution_run_id_, result_run_id_;
};

}  // namespace temporal
