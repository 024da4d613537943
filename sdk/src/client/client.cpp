#include "temporal/client.h"

#include "client/client_core.h"
#include "client/messages.h"

namespace temporal {

namespace {

using detail::Core;
namespace service = temporal::api::workflowservice::v1;

// As long as the dial: the callback of CoreTransport comes on any thread, an Async's on the executor.
Async<bool> dial(Core core) {
  return Async<bool>(core->runtime().executor(), [core](std::stop_token stop, Callback<bool> done) {
    core->core_transport().connect({}, std::move(stop),
                                   [done = std::move(done)](auto connected) mutable {
                                     if (connected) return done(true);
                                     done(detail::thrown(std::move(connected.error())));
                                   });
  });
}

Async<Client> connected_client(ClientOptions options) {
  auto core = detail::ClientCore::make(std::move(options));
  co_await dial(core);
  co_return Client(core);
}

Async<void> register_namespace_of(Core core, NamespaceOptions options) {
  service::RegisterNamespaceRequest request;
  request.set_namespace_(options.name);
  request.set_description(options.description);
  request.set_owner_email(options.owner_email);
  *request.mutable_workflow_execution_retention_period() = detail::to_proto(options.retention);
  co_await detail::rpc<service::RegisterNamespaceResponse>(core, std::move(request), options.rpc);
}

Async<NamespaceDescription> describe_namespace_of(Core core, std::string name, RpcOptions options) {
  service::DescribeNamespaceRequest request;
  request.set_namespace_(name);
  auto response = co_await detail::rpc<service::DescribeNamespaceResponse>(core, std::move(request),
                                                                           std::move(options));
  const auto& info = response.namespace_info();
  co_return NamespaceDescription{
      .name = info.name(),
      .id = info.id(),
      .description = info.description(),
      .owner_email = info.owner_email(),
      .retention = std::chrono::duration_cast<std::chrono::seconds>(
          detail::from_proto(response.config().workflow_execution_retention_ttl())),
      .raw = response.SerializeAsString()};
}

Async<std::string> raw_call(Core core, RpcRequest request) {
  co_return co_await core->call(std::move(request));
}

}  // namespace

Async<Client> Client::connect(ClientOptions options) {
  return connected_client(std::move(options));
}
Client Client::lazy(ClientOptions options) {
  return Client(detail::ClientCore::make(std::move(options)));
}

const std::string& Client::name_space() const {
  return core_->name_space();
}
const std::string& Client::identity() const {
  return core_->identity();
}
const DataConverter& Client::data_converter() const {
  return core_->converter();
}
const Runtime& Client::runtime() const {
  return core_->runtime();
}
bool Client::connected() const {
  return core_->core_transport().connected();
}

Async<ListPage> Client::list_workflows(ListOptions options) const {
  return detail::keeping(core_, first().list_workflows(std::move(options)));
}
Async<WorkflowCount> Client::count_workflows(CountOptions options) const {
  return detail::keeping(core_, first().count_workflows(std::move(options)));
}

AsyncActivityHandle Client::activity_handle(std::string task_token) const {
  if (task_token.empty()) throw std::invalid_argument("activity_handle: the task token is empty");
  return {core_, {.task_token = std::move(task_token)}};
}
AsyncActivityHandle Client::activity_handle(WorkflowExecutionId workflow,
                                            std::string activity_id) const {
  return {core_, {.workflow = std::move(workflow), .activity_id = std::move(activity_id)}};
}

Async<std::string> Client::call(RpcService service, std::string method, std::string request,
                                RpcOptions options) const {
  return raw_call(core_, {service, std::move(method), std::move(request), std::move(options)});
}

Async<void> Client::register_namespace(NamespaceOptions options) const {
  return register_namespace_of(core_, std::move(options));
}
Async<NamespaceDescription> Client::describe_namespace(std::string name, RpcOptions rpc) const {
  return describe_namespace_of(core_, std::move(name), std::move(rpc));
}

void Client::set_api_key(std::string api_key) const {
  core_->core_transport().set_api_key(std::move(api_key));
}
void Client::set_headers(std::map<std::string, std::string> headers,
                         std::map<std::string, std::string> binary_headers) const {
  core_->core_transport().set_headers(std::move(headers), std::move(binary_headers));
}

Async<UpdateState> Client::with_start(std::string workflow_type, WorkflowOptions options,
                                      Values args, std::string update, UpdateOptions update_options,
                                      Values update_args) const {
  return first().start_update_with_start(
      {.start = {std::move(workflow_type), std::move(options), std::move(args)},
       .update = {.name = std::move(update),
                  .options = std::move(update_options),
                  .args = std::move(update_args)}});
}

}  // namespace temporal
