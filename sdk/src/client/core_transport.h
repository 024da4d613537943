// The Transport of real clients: Core's connection, dialled when it is first needed.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>

#include "client/shared_dial.h"
#include "client/transport.h"
#include "temporal/client.h"

namespace temporal {

class CoreTransport final : public Transport {
 public:
  // Throws std::invalid_argument for options that cannot be right. `options` has its identity and
  // runtime filled in.
  explicit CoreTransport(ClientOptions options);
  ~CoreTransport() override { dial_->abandon(); }

  void call(RpcRequest request, std::stop_token stop, Answered answered) override;
  CoreTransport* core() override { return this; }

  // The connection itself, for workers; dials like a call.
  void connect(std::optional<std::chrono::milliseconds> timeout, std::stop_token stop,
               detail::SharedDial::Answered answered);
  bool connected() const { return dial_->connection() != nullptr; }

  // Of the connection there is, and of the next one.
  void set_api_key(std::string api_key);
  void set_headers(std::map<std::string, std::string> headers,
                   std::map<std::string, std::string> binary_headers);

 private:
  struct Settings;
  static detail::SharedDial::Attempt attempt(std::shared_ptr<Settings> settings);
  std::shared_ptr<Settings> settings_;
  std::shared_ptr<detail::SharedDial> dial_;
};

}  // namespace temporal
