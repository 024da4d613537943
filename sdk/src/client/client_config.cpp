#include "temporal/client_config.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "bridge/config.h"

namespace temporal {

std::string DataSource::read() const {
  if (path.empty()) return data;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::invalid_argument("the file " + path + " cannot be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

ClientConfig ClientConfig::load(ClientConfigOptions options) {
  return bridge::load_client_config(options);
}

ClientOptions ClientConfig::to_options() const {
  if (tls_disable_host_verification)
    throw std::invalid_argument(
        "TLS without verification of the host is asked for (disable_host_verification); this SDK "
        "does not do that: give the server's certificate instead (server_ca_cert)");
  ClientOptions options;
  if (!address.empty()) options.target = address;
  if (!name_space.empty()) options.name_space = name_space;
  options.api_key = api_key;
  options.headers = headers;
  const bool any_tls = !tls_client_cert.empty() || !tls_client_key.empty() ||
                       !tls_server_ca_cert.empty() || !tls_server_name.empty();
  if (tls.value_or(any_tls || !api_key.empty())) {
    options.tls = TlsOptions{.server_root_ca = tls_server_ca_cert.read(),
                             .domain = tls_server_name,
                             .client_cert = tls_client_cert.read(),
                             .client_key = tls_client_key.read()};
  } else if (tls && !options.target.contains("://")) {
    options.target = "http://" + options.target;  // off, whatever else is set
  }
  return options;
}

}  // namespace temporal
