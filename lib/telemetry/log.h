// The log: one line an event, with names and values that a machine can search.
//
//   telemetry::start_logging({.service = "payment", .format = options.log_format});
//   telemetry::info("payment captured", {{"order_id", id}, {"amount_minor", amount}});
//
// As JSON (one object a line, UTF-8, escaped whatever the values hold):
//   {"time":"2026-11-22T19:38:56.123Z","level":"info","service":"payment","message":"payment
//   captured","order_id":…}
// As text for a terminal:
//   19:38:56.123 info  payment: payment captured order_id=order-1 amount_minor=10000
//
// The same names everywhere: request_id, order_id, workflow_id, run_id, activity, attempt, code,
// error, trace_id, span_id. What the thread works for (trace.h) is named in each of its lines, unless
// the line says the same name itself. Values of names that mean a secret (password, api_key, authorization, token, secret) are
// not written. A value longer than kMaxValue bytes is cut at a character.
//
// Threads: any; lines never mix. Before start_logging, lines go to stderr as text.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace telemetry {

enum class LogLevel { trace, debug, info, warn, error, off };

inline constexpr std::size_t kMaxValue = 4096;

struct LogOptions {
  std::string service = {};
  std::string format = "auto";  // LOG_FORMAT: text, json, or auto: text on a terminal, else JSON
  std::string level = "info";   // LOG_LEVEL: trace, debug, info, warn, error or off
};

struct Field {
  Field(std::string_view name, std::string_view value) : name(name), value(value) {}
  Field(std::string_view name, const std::string& value)
      : name(name), value(std::string_view(value)) {}
  Field(std::string_view name, const char* value) : name(name), value(std::string_view(value)) {}
  Field(std::string_view name, bool value) : name(name), value(value) {}
  Field(std::string_view name, std::integral auto value)
      : name(name), value(static_cast<std::int64_t>(value)) {}
  Field(std::string_view name, std::floating_point auto value)
      : name(name), value(static_cast<double>(value)) {}

  std::string_view name;
  std::variant<std::string_view, bool, std::int64_t, double> value;
};

// The fields of one line, looked at during the call only: {{"order_id", id}, {"attempt", 2}}, or any
// span of them.
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<Field> fields) : fields_(fields.begin(), fields.size()) {}
  explicit Fields(std::span<const Field> fields) : fields_(fields) {}
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::span<const Field> fields_;
};

// Once, at the start of main. A format or level it does not know: std::invalid_argument (settings
// check both).
void start_logging(const LogOptions& options);

bool log_enabled(LogLevel level);
void log(LogLevel level, std::string_view message, Fields fields = {});

inline void debug(std::string_view message, Fields fields = {}) {
  log(LogLevel::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  log(LogLevel::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) {
  log(LogLevel::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  log(LogLevel::error, message, fields);
}

// A line as it is written, without its end; what the tests look at.
struct LogLine {
  LogLevel level = LogLevel::info;
  std::string_view service = {};
  std::string_view message = {};
  std::int64_t unix_milliseconds = 0;
};
std::string to_json(const LogLine& line, Fields fields);
std::string to_text(const LogLine& line, Fields fields);

}  // namespace telemetry
