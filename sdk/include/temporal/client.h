// The client's typed calls over one erased call.
#pragma once
#include <map>

#include "temporal/async.h"
#include "temporal/definition.h"
#include "temporal/value.h"

namespace temporal {

using Headers = std::map<std::string, std::string>;
using Values = std::vector<Value>;

struct RpcRequest {
  std::string method, workflow_id, name;
  Headers headers = {};
  Values args = {};
};
class Transport {  // Core, replay and the simulator in the real SDK
 public:
  virtual ~Transport() = default;
  virtual void call(RpcRequest, std::stop_token, Callback<Value>) = 0;
  Executor* executor = nullptr;
};
class ClientInterceptor {  // first listed is outermost
 public:
  virtual ~ClientInterceptor() = default;
  virtual Async<Value> call(RpcRequest r) { return next->call(std::move(r)); }
  ClientInterceptor* next = nullptr;
};

struct WorkflowOptions {
  std::string id = {}, task_queue = {};
};

namespace detail {
struct ClientCore : ClientInterceptor {
  std::shared_ptr<Transport> transport;
  std::vector<std::shared_ptr<ClientInterceptor>> interceptors;
  Async<Value> call(RpcRequest) override;  // the innermost
  Async<Value> begin(RpcRequest);          // the outermost
};
template <class R>
Async<R> typed(Async<Value> v) {
  if constexpr (std::is_void_v<R>)
    co_await std::move(v);
  else
    co_return (co_await std::move(v)).template as<R>();
}
}  // namespace detail

template <class R>
class WorkflowHandle {
 public:
  WorkflowHandle(std::shared_ptr<detail::ClientCore> c, std::string id)
      : core_(std::move(c)), id_(std::move(id)) {}
  const std::string& id() const { return id_; }
  template <class U, class... A>
  Async<U> execute_update(const UpdateType<U(A...)>& type, std::type_identity_t<A>... args) const {
    return detail::typed<U>(core_->begin(
        {"UpdateWorkflow", id_, std::string(type.name), {}, {Value::of<A>(std::move(args))...}}));
  }
  Async<R> result() const { return detail::typed<R>(core_->begin({"GetResult", id_, ""})); }

 private:
  std::shared_ptr<detail::ClientCore> core_;
  std::string id_;
};

class Client {
 public:
  explicit Client(std::shared_ptr<Transport>, std::vector<std::shared_ptr<ClientInterceptor>> = {});
  template <class R, class... A>
  Async<WorkflowHandle<R>> start_workflow(const WorkflowType<R(A...)>& type,
                                          WorkflowOptions options,
                                          std::type_identity_t<A>... args) {
    auto started = core_->begin({"StartWorkflow",
                                 options.id,
                                 std::string(type.name),
                                 {{"task-queue", options.task_queue}},
                                 {Value::of<A>(std::move(args))...}});
    return handle<R>(core_, options.id, std::move(started));
  }

 private:
  template <class R>
  static Async<WorkflowHandle<R>> handle(std::shared_ptr<detail::ClientCore> core, std::string id,
                                         Async<Value> v) {
    co_await std::move(v);
    co_return WorkflowHandle<R>(core, id);
  }
  std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace temporal
