// The settings that every service of the shop has, by environment or flag (docs/orders.md, 8).
#pragma once
#include <cstdint>
#include <string>

#include "config/settings.h"

namespace ordering::process {

struct Options {
  std::string service = {};        // "payment"; names the log, the problems and the store
  std::uint16_t port = 0;          // <SERVICE>_PORT; what stands here is the default
  std::string data_dir = "./var";  // DATA_DIR
  std::string log_format = "auto";
  std::string log_level = "info";
  std::string api_key = {};     // API_KEY; empty: everybody may call
  std::int64_t rate_limit = 0;  // RATE_LIMIT, requests a second of one client; 0: any number

  // Keeps references: read the settings while this stands where it is.
  void add_to(config::Settings& settings);
};

// DATABASE_URL of a service that has a store of its own.
struct StoreOptions {
  std::string url = {};  // empty: a SQLite file of the service's own under the data directory

  void add_to(config::Settings& settings);
  std::string url_of(const Options& options) const;
};

}  // namespace ordering::process
