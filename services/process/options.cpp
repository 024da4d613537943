#include "process/options.h"

#include <algorithm>
#include <cctype>

namespace ordering::process {
namespace {

constexpr std::int64_t kMaxRateLimit = 1'000'000;

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

void Options::add_to(config::Settings& settings) {
  settings.port(upper_case(service) + "_PORT", port, "port of the HTTP API, on 127.0.0.1");
  settings.text("DATA_DIR", data_dir, "folder of the stores that have no address of their own");
  settings.choice("LOG_FORMAT", log_format, "auto: text on a terminal, else json",
                  {"auto", "text", "json"});
  settings.choice("LOG_LEVEL", log_level, "the least that is logged",
                  {"trace", "debug", "info", "warn", "error", "off"});
  settings.secret("API_KEY", api_key, "what callers must know; unset: everybody may call");
  settings.integer("RATE_LIMIT", rate_limit, "requests a second of one client; 0: any number",
                   {.least = 0, .most = kMaxRateLimit});
}

void StoreOptions::add_to(config::Settings& settings) {
  settings.database_url("DATABASE_URL", url, "store of the service; unset: a file in DATA_DIR");
}

std::string StoreOptions::url_of(const Options& options) const {
  return url.empty() ? "sqlite:" + options.data_dir + "/" + options.service + ".db" : url;
}

}  // namespace ordering::process
