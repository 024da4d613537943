// Core's reading of the client's configuration.
#pragma once
#include "temporal/client_config.h"

namespace temporal::bridge {

// Throws std::invalid_argument.
ClientConfig load_client_config(const ClientConfigOptions& options);

}  // namespace temporal::bridge
