#include "bridge/connection.h"

namespace temporal::bridge {

void Connection::connect(std::shared_ptr<Runtime> runtime, const tb_connection_options& options,
                         Handler<std::shared_ptr<Connection>> handler) {
  auto* core = runtime->handle();
  Handler<tb_connection*> wrap = [runtime = std::move(runtime), handler = std::move(handler)](
                                     Result<tb_connection*> connected) mutable {
    if (!connected) {
      runtime.reset();
      return handler(std::unexpected(std::move(connected.error())));
    }
    handler(std::shared_ptr<Connection>(new Connection(std::move(runtime), *connected)));
  };
  call_core(tb_connect, core, &options, send(std::move(wrap)),
            [](void* user_data, tb_connection* connection, const tb_error* error) {
              Received<tb_connection*> received(user_data);
              error ? received(error) : received(connection);
            });
}

void Connection::call(const tb_call_options& options, Handler<CallResult> handler) const {
  call_core(
      tb_call, handle_, &options, send(std::move(handler)),
      [](void* user_data, const tb_call_result* r) {
        Received<CallResult> received(user_data);
        received(CallResult{r->status, text(r->message), text(r->details), text(r->response)});
      });
}

void Connection::set_api_key(std::string_view api_key) const {
  call_core(tb_connection_set_api_key, handle_, bytes(api_key));
}

void Connection::set_headers(std::span<const tb_pair> headers,
                             std::span<const tb_pair> binary) const {
  CoreError error;
  if (!call_core(tb_connection_set_headers, handle_, headers.data(), headers.size(), binary.data(),
                 binary.size(), &error, store_error))
    throw_error(error);
}

std::string Connection::capabilities() const {
  std::string capabilities;
  call_core(
      tb_connection_capabilities, handle_, &capabilities,
      [](void* user_data, tb_bytes value) { *static_cast<std::string*>(user_data) = text(value); });
  return capabilities;
}

}  // namespace temporal::bridge
