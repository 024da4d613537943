#include "bridge/config.h"

#include <vector>

#include "bridge/crossing.h"

namespace temporal::bridge {

namespace {

DataSource source(const tb_data_source& s) {
  return {.path = text(s.path), .data = text(s.data)};
}

void keep(void* user_data, const tb_config* c) {
  auto& config = *static_cast<ClientConfig*>(user_data);
  config.address = text(c->address);
  config.name_space = text(c->namespace_);
  config.api_key = text(c->api_key);
  if (c->tls != TB_SWITCH_UNSET) config.tls = c->tls == TB_SWITCH_ON;
  config.tls_client_cert = source(c->tls_client_cert);
  config.tls_client_key = source(c->tls_client_key);
  config.tls_server_ca_cert = source(c->tls_server_ca_cert);
  config.tls_server_name = text(c->tls_server_name);
  config.tls_disable_host_verification = c->tls_disable_host_verification;
  config.codec_endpoint = text(c->codec_endpoint);
  config.codec_auth = text(c->codec_auth);
  for (const auto* header = c->headers; header != c->headers + c->header_count; ++header)
    config.headers.emplace(text(header->key), text(header->value));
}

}  // namespace

ClientConfig load_client_config(const ClientConfigOptions& options) {
  std::vector<tb_pair> environment(1);  // a pointer says that there is one, also where it is empty
  tb_config_options core{};
  core.profile = bytes(options.profile);
  core.config_path = bytes(options.config_file);
  core.config_data = bytes(options.config_data);
  core.disable_file = options.disable_file;
  core.disable_env = options.disable_env;
  core.strict = options.strict;
  if (options.environment) {
    environment.clear();
    environment.reserve(options.environment->size() + 1);
    for (const auto& [key, value] : *options.environment)
      environment.push_back({bytes(key), bytes(value)});
    core.environment = environment.data();
    core.environment_count = environment.size();
  }
  struct Answer {
    ClientConfig config;
    CoreError error;
  } answer;
  auto on_config = [](void* a, const tb_config* c) { keep(&static_cast<Answer*>(a)->config, c); };
  auto on_error = [](void* a, const tb_error* e) {
    static_cast<Answer*>(a)->error = CoreError::from(*e);
  };
  if (!call_core(tb_load_client_config, &core, &answer, on_config, on_error))
    throw_error(answer.error);
  return std::move(answer.config);
}

}  // namespace temporal::bridge
