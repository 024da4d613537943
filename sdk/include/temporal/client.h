// Client: starts workflows and talks to them.
//
//   auto client = temporal::Client::connect({.target = "localhost:7233"}).get();
//   auto handle = client.start_workflow(OrderWorkflow::type,
//                                       {.id = "order-7", .task_queue = "orders"}, input).get();
//   Completed done = handle.result().get();
//
// Every remote call returns an Async (temporal/async.h): co_await it, or .get() to block. Errors are
// those of temporal/error.h.
//
// A Client is a value that shares its connection: copying is cheap, any thread may use it, calls may
// be under way at the same time. The connection ends with the last copy, handle and worker.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "temporal/async_activity.h"
#include "temporal/converter.h"
#include "temporal/runtime.h"
#include "temporal/schedule_handle.h"
#include "temporal/workflow_handle.h"

namespace temporal {

// All in PEM. Empty members are not used.
struct TlsOptions {
  std::string server_root_ca = {};  // empty: the operating system's certificates
  std::string domain = {};          // the name in the server's certificate; empty: the target's
  // Mutual TLS: both or neither.
  std::string client_cert = {};
  std::string client_key = {};
};

struct KeepAliveOptions {
  std::chrono::milliseconds interval = std::chrono::seconds(30);
  std::chrono::milliseconds timeout = std::chrono::seconds(15);
};

struct HttpConnectProxyOptions {
  std::string target = {};  // "host:port" or "unix:/path"
  std::string user = {};    // empty: none is sent
  std::string password = {};
};

struct ClientOptions {
  std::string target = "localhost:7233";  // "host:port"; also with "http://" or "https://" before
  std::string name_space = "default";
  std::string identity = {};  // who this is, for humans; empty: "pid@host"
  std::string api_key = {};   // sent as "Authorization: Bearer …"; only with TLS
  // Unset: TLS with its defaults where there is an api_key or the target begins with "https://".
  std::optional<TlsOptions> tls = {};
  // gRPC headers of every call. Keys of the second end in "-bin".
  std::map<std::string, std::string> headers = {};
  std::map<std::string, std::string> binary_headers = {};
  // Unset: no keep-alive.
  std::optional<KeepAliveOptions> keep_alive = KeepAliveOptions{};
  RpcRetryOptions retry = {};
  // For one dial, the server's first answer included.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  std::optional<HttpConnectProxyOptions> http_connect_proxy = {};
  bool grpc_compression = true;    // gzip
  bool dns_load_balancing = true;  // all addresses of the target's name are used, in turn
  DataConverter data_converter = {};
  std::vector<std::shared_ptr<ClientInterceptor>> interceptors = {};  // the first is outermost
  std::optional<Runtime> runtime = {};  // unset: Runtime::shared_default()
};

struct NamespaceDescription {
  std::string name = {};
  std::string id = {};
  std::string description = {};
  std::string owner_email = {};
  std::chrono::seconds retention = {};
  std::string raw = {};  // DescribeNamespaceResponse in protobuf (temporal/api.h)
};
struct NamespaceOptions {
  std::string name = {};  // required
  std::string description = {};
  std::string owner_email = {};
  std::chrono::seconds retention = std::chrono::days(3);  // of ended workflows
  RpcOptions rpc = {};
};

class Transport;

class Client {
 public:
  // Dials. Throws RpcError{unavailable} where nobody answers, std::invalid_argument for options that
  // cannot be right.
  static Async<Client> connect(ClientOptions options = {});
  // Does no I/O: the first call dials, and calls that come meanwhile share that dial. Where it fails
  // they throw RpcError{unavailable}, within their own timeout, and the next call dials again.
  static Client lazy(ClientOptions options = {});

  const std::string& name_space() const;
  const std::string& identity() const;
  const DataConverter& data_converter() const;
  const Runtime& runtime() const;
  // Whether a connection was made. Once made it is kept, and mended when it breaks.
  bool connected() const;

  // Starts a workflow; returns when the server has it.
  template <class R, class... A>
  Async<WorkflowHandle<R>> start_workflow(const WorkflowType<R(A...)>& type,
                                          WorkflowOptions options,
                                          std::type_identity_t<A>... args) const {
    return start_workflow<R>(std::string(type.name), std::move(options),
                             detail::Arguments<A...>::pack(std::move(args)...));
  }
  template <class R = Value>
  Async<WorkflowHandle<R>> start_workflow(std::string workflow_type, WorkflowOptions options,
                                          Values args = {}) const {
    return started<R>(
        core_,
        first().start_workflow({std::move(workflow_type), std::move(options), std::move(args)}),
        Began::by_start);
  }
  // Starts it and waits for its result.
  template <class R, class... A>
  Async<R> execute_workflow(const WorkflowType<R(A...)>& type, WorkflowOptions options,
                            std::type_identity_t<A>... args) const {
    return result_of(start_workflow(type, std::move(options), std::move(args)...));
  }
  template <class R = Value>
  Async<R> execute_workflow(std::string workflow_type, WorkflowOptions options,
                            Values args = {}) const {
    return result_of(
        start_workflow<R>(std::move(workflow_type), std::move(options), std::move(args)));
  }

  // Signals the workflow of that id, started first where none runs:
  // client.signal_with_start(Cart::type, options, temporal::call(Cart::add, {item}), input)
  template <class R, class... A>
  Async<WorkflowHandle<R>> signal_with_start(const WorkflowType<R(A...)>& type,
                                             WorkflowOptions options, SignalCall signal,
                                             std::type_identity_t<A>... args) const {
    return started<R>(
        core_,
        first().start_workflow({.workflow_type = std::string(type.name),
                                .options = std::move(options),
                                .args = detail::Arguments<A...>::pack(std::move(args)...),
                                .signal = std::move(signal)}),
        Began::by_signal);
  }
  // Updates the workflow of that id, started first where none runs. options.id_conflict_policy is
  // required: whether to use a running one, or fail.
  template <class U, class R, class... A>
  Async<UpdateHandle<U>> start_update_with_start(const WorkflowType<R(A...)>& type,
                                                 WorkflowOptions options, UpdateCall<U> update,
                                                 std::type_identity_t<A>... args) const {
    return updated<U>(
        core_, with_start(std::string(type.name), std::move(options),
                          detail::Arguments<A...>::pack(std::move(args)...), std::move(update.name),
                          std::move(update.options), std::move(update.args)));
  }
  template <class U, class R, class... A>
  Async<U> execute_update_with_start(const WorkflowType<R(A...)>& type, WorkflowOptions options,
                                     UpdateCall<U> update, std::type_identity_t<A>... args) const {
    update.options.wait_for = UpdateStage::completed;
    return outcome_of(
        start_update_with_start(type, std::move(options), std::move(update), std::move(args)...));
  }

  // A handle of a workflow by its id. Without a run id: the latest run.
  template <class R, class... A>
  WorkflowHandle<R> workflow_handle(const WorkflowType<R(A...)>&, std::string id,
                                    std::string run_id = {}) const {
    return workflow_handle<R>(std::move(id), std::move(run_id));
  }
  template <class R = Value>
  WorkflowHandle<R> workflow_handle(std::string id, std::string run_id = {}) const {
    return WorkflowHandle<R>(core_, {std::move(id), std::move(run_id)});
  }

  // One page; the next with its next_page_token. What is listed lags behind what has happened.
  Async<ListPage> list_workflows(ListOptions options = {}) const;
  Async<WorkflowCount> count_workflows(CountOptions options = {}) const;

  // Schedules (temporal/schedule.h). One of that id: RpcError{already_exists}.
  Async<ScheduleHandle> create_schedule(std::string id, Schedule schedule,
                                        ScheduleOptions options = {}) const;
  ScheduleHandle schedule_handle(std::string id) const;
  // One page; what is listed lags behind what has happened.
  Async<SchedulePage> list_schedules(ScheduleListOptions options = {}) const;

  // An activity that is completed from elsewhere (temporal/async_activity.h).
  AsyncActivityHandle activity_handle(std::string task_token) const;
  AsyncActivityHandle activity_handle(WorkflowExecutionId workflow, std::string activity_id) const;

  // Any method of the server, as protobuf bytes (temporal/api.h has the classes):
  // client.call(RpcService::workflow, "GetSystemInfo", "")
  Async<std::string> call(RpcService service, std::string method, std::string request,
                          RpcOptions options = {}) const;

  // Returns when the server knows it; other servers of a cluster learn of it within seconds.
  Async<void> register_namespace(NamespaceOptions options) const;
  Async<NamespaceDescription> describe_namespace(std::string name, RpcOptions rpc = {}) const;

  // Replace what the next calls send, also those of workers.
  void set_api_key(std::string api_key) const;
  void set_headers(std::map<std::string, std::string> headers,
                   std::map<std::string, std::string> binary_headers = {}) const;

  // For the SDK's own parts.
  explicit Client(std::shared_ptr<detail::ClientCore> core) : core_(std::move(core)) {}
  const std::shared_ptr<detail::ClientCore>& core() const { return core_; }

 private:
  ClientInterceptor& first() const { return detail::outermost(core_); }
  Async<UpdateState> with_start(std::string workflow_type, WorkflowOptions options, Values args,
                                std::string update, UpdateOptions update_options,
                                Values update_args) const;
  // A run that was there before may be a later one of its chain, so that its id is none to check a
  // cancel or terminate by. Of a signal with start the server does not always say.
  enum class Began : std::uint8_t { by_start, by_signal };
  template <class R>
  static Async<WorkflowHandle<R>> started(std::shared_ptr<detail::ClientCore> core,
                                          Async<StartedWorkflow> start, Began began) {
    auto s = co_await std::move(start);
    const bool first = s.started && began == Began::by_start;
    co_return WorkflowHandle<R>(core, {std::move(s.workflow_id), {}},
                                first ? s.run_id : std::string(), s.run_id);
  }
  template <class R>
  static Async<R> result_of(Async<WorkflowHandle<R>> start) {
    auto handle = co_await std::move(start);
    co_return co_await handle.result();
  }
  template <class U>
  static Async<UpdateHandle<U>> updated(std::shared_ptr<detail::ClientCore> core,
                                        Async<UpdateState> state) {
    co_return UpdateHandle<U>(core, co_await std::move(state));
  }
  template <class U>
  static Async<U> outcome_of(Async<UpdateHandle<U>> update) {
    auto handle = co_await std::move(update);
    co_return co_await handle.result();
  }
  std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace temporal
