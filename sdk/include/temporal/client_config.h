// The client's options from the environment and from a TOML file of profiles, as Temporal's CLI and
// the other SDKs read them (docs.temporal.io/develop/environment-configuration):
//
//   auto client = temporal::Client::connect(temporal::load_client_options()).get();
//
//   # ~/.config/temporalio/temporal.toml
//   [profile.default]
//   address = "localhost:7233"
//   namespace = "default"
//
// Variables win over the file: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS,
// TEMPORAL_TLS_CLIENT_CERT_PATH, …_CLIENT_CERT_DATA, …_CLIENT_KEY_PATH, …_CLIENT_KEY_DATA,
// …_SERVER_CA_CERT_PATH, …_SERVER_CA_CERT_DATA, …_SERVER_NAME, TEMPORAL_GRPC_META_<NAME>.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "temporal/client.h"

namespace temporal {

struct ClientConfigOptions {
  std::string profile = {};      // empty: TEMPORAL_PROFILE, else "default"
  std::string config_file = {};  // empty: TEMPORAL_CONFIG_FILE, else the user's own, if it is there
  std::string config_data = {};  // TOML itself, instead of a file
  bool disable_file = false;
  bool disable_env = false;
  bool strict = false;  // keys of the file that are unknown are errors
  // Instead of the process's environment.
  std::optional<std::map<std::string, std::string>> environment = {};
};

// A file, or the data itself.
struct DataSource {
  std::string path = {};
  std::string data = {};
  bool empty() const { return path.empty() && data.empty(); }
  std::string read() const;  // throws std::invalid_argument where the file cannot be read
};

// One profile, as it stands there; empty members are said by nobody.
struct ClientConfig {
  std::string address = {};
  std::string name_space = {};
  std::string api_key = {};
  std::optional<bool> tls = {};  // unset: on where there is an api_key, or any of the next
  DataSource tls_client_cert = {};
  DataSource tls_client_key = {};
  DataSource tls_server_ca_cert = {};
  std::string tls_server_name = {};
  bool tls_disable_host_verification = false;
  std::string codec_endpoint = {};
  std::string codec_auth = {};
  std::map<std::string, std::string> headers = {};

  // Throws std::invalid_argument with a sentence that names the file or key that is wrong.
  static ClientConfig load(ClientConfigOptions options = {});
  // What is unset keeps ClientOptions' default. Throws std::invalid_argument where a certificate
  // cannot be read, or host verification is to be disabled, which this SDK does not do.
  ClientOptions to_options() const;
};

inline ClientOptions load_client_options(ClientConfigOptions options = {}) {
  return ClientConfig::load(std::move(options)).to_options();
}

}  // namespace temporal
