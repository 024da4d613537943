// A connection of Core to a server, and calls on it.
#pragma once
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "bridge/crossing.h"
#include "bridge/runtime.h"

namespace temporal::bridge {

// Ends a call of Core when one of its stop tokens is asked to.
class Cancel {
 public:
  Cancel() : handle_(call_core(tb_cancel_new)) {}
  ~Cancel() { call_core(tb_cancel_free, handle_); }
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;
  void trigger() { call_core(tb_cancel_trigger, handle_); }
  tb_cancel* handle() const { return handle_; }

 private:
  tb_cancel* handle_;
};

// What tb_call_result says, kept.
struct CallResult {
  std::int32_t status = 0;  // gRPC's
  std::string message = {};
  std::string details = {};
  std::string response = {};
};

class Connection {
 public:
  // Dials once. The handler is called on a thread of Core.
  static void connect(std::shared_ptr<Runtime> runtime, const tb_connection_options& options,
                      Handler<std::shared_ptr<Connection>> handler);
  ~Connection() { call_core(tb_connection_free, handle_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The handler is called on a thread of Core. The result is never an error: a call that fails has a
  // status.
  void call(const tb_call_options& options, Handler<CallResult> handler) const;
  void set_api_key(std::string_view api_key) const;
  // Replaces all headers; throws std::invalid_argument, and replaces none, if one is not valid.
  void set_headers(std::span<const tb_pair> headers, std::span<const tb_pair> binary) const;
  // A GetSystemInfoResponse.Capabilities.
  std::string capabilities() const;

  tb_connection* handle() const { return handle_; }
  const std::shared_ptr<Runtime>& runtime() const { return runtime_; }

 private:
  Connection(std::shared_ptr<Runtime> runtime, tb_connection* handle)
      : runtime_(std::move(runtime)), handle_(handle) {}
  std::shared_ptr<Runtime> runtime_;  // freed after the connection
  tb_connection* handle_;
};

}  // namespace temporal::bridge
