// Settings of a program, from its environment and its flags, read once at the start.
//
//   struct Options { std::uint16_t port = 8082; double failure_rate = 0.2;
//   std::chrono::milliseconds deadline = 10min; }; Options options; config::Settings
//   settings{"jumun-payment", "Charges and refunds orders."}; settings.port("PAYMENT_PORT",
//   options.port, "port of the read API"); settings.rate("PAYMENT_FAILURE_RATE",
//   options.failure_rate, "share of payments that fail"); settings.duration("STEP_DEADLINE",
//   options.deadline, "how long a step may take", {.least = 1s}); settings.read_or_exit(argc,
//   argv);
//
// What a variable holds before is its default. NAME comes from the environment, the flag --name
// (lower case, dashes) wins over it; an empty value is as good as none. A wrong value stops the
// program with exit code 2 and one sentence on stderr:
//
//   PAYMENT_PORT is "http", but it takes a port, 1 to 65535
//
// --help lists every setting with its default, its meaning and its environment variable, and exits
// 0.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

struct IntegerRange {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};
struct RealRange {
  double least = 0;
  double most = std::numeric_limits<double>::max();
};
struct DurationRange {
  std::chrono::milliseconds least{0};
  std::chrono::milliseconds most = std::chrono::hours{24 * 365};
};

class Settings {
 public:
  Settings(std::string program, std::string purpose);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  // Each keeps a reference to `value` until read() has set it.
  void text(std::string name, std::string& value, std::string meaning);
  void secret(std::string name, std::string& value,
              std::string meaning);  // never shown, no flag: ps would show it
  void choice(std::string name, std::string& value, std::string meaning,
              std::vector<std::string> among);
  void toggle(std::string name, bool& value, std::string meaning);  // true, false
  void integer(std::string name, std::int64_t& value, std::string meaning, IntegerRange range = {});
  void real(std::string name, double& value, std::string meaning, RealRange range = {});
  void rate(std::string name, double& value, std::string meaning);  // 0 to 1
  void port(std::string name, std::uint16_t& value, std::string meaning);
  void ip_address(std::string name, std::string& value, std::string meaning);  // of either version
  void http_url(std::string name, std::string& value, std::string meaning);  // without a last slash
  // "500ms", "10s", "10m", "1h30m", "2d"; 0 needs no unit.
  void duration(std::string name, std::chrono::milliseconds& value, std::string meaning,
                DurationRange range = {});
  void database_url(std::string name, std::string& value,
                    std::string meaning);  // sqlite:PATH, postgresql://…

  // What went wrong, in one sentence, or --help's text.
  struct Stop {
    int exit_code = 0;
    std::string message = {};
  };
  // Sets every variable, or none. The environment is looked up by `environment`; unset: the
  // process's own.
  using Environment = std::function<const char*(const char*)>;
  std::optional<Stop> read(int argc, const char* const* argv, const Environment& environment = {});
  // The same, and ends the program: help on stdout and 0, a mistake on stderr and 2.
  void read_or_exit(int argc, const char* const* argv);

 private:
  struct Setting;
  void add(Setting setting);
  std::string program_;
  std::string purpose_;
  std::vector<Setting> settings_;
};

// "1h30m" and the like; nothing when it is not a duration.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest text that parse_duration reads as the same: "1h30m", "500ms", "0s".
std::string to_string(std::chrono::milliseconds duration);

}  // namespace config
