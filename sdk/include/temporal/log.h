// Logs: where the lines of the SDK and of Temporal's Core go, and the Logger that workflows,
// activities and programs write to.
//
//   struct Json final : temporal::LogSink {
//     void write(const temporal::LogRecord& record) override { … }
//   };
//   auto runtime = temporal::Runtime::create({.log_sink = std::make_shared<Json>()});
//   runtime.logger().info("order accepted", {{"order_id", id}});
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace temporal {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

std::string_view to_string(LogLevel level);  // "trace" … "error"

struct LogField {
  std::string key = {};
  std::string value = {};
  bool operator==(const LogField&) const = default;
};

struct LogRecord {
  LogLevel level = LogLevel::info;
  std::string target = {};  // who speaks: "core" for Temporal's Core, "workflow", "activity", …
  std::string message = {};
  std::chrono::system_clock::time_point time = {};
  std::vector<LogField> fields = {};  // in the order given; a later one of the same key wins
};

// Takes every line, from many threads at once; must not throw, and must not block for long, since
// threads of Core wait for it.
class LogSink {
 public:
  virtual ~LogSink();
  virtual void write(const LogRecord& record) = 0;
  // Lines below this level are not made at all. Default: every line is.
  virtual LogLevel least() const { return LogLevel::trace; }
};

// One line a record on standard error, "time LEVEL target: message key=value …": the default of a
// Runtime, with warn.
std::shared_ptr<LogSink> stderr_log_sink(LogLevel least = LogLevel::warn);

// A value: a sink, a target and the fields that every line of it carries. A Logger without a sink is
// silent. Copying shares the sink; a Logger may be used by many threads at once.
class Logger {
 public:
  Logger() = default;
  Logger(std::shared_ptr<LogSink> sink, std::string target, std::vector<LogField> fields = {});

  // Another one whose lines carry these fields too.
  Logger with(std::vector<LogField> fields) const;

  bool enabled(LogLevel level) const;
  void log(LogLevel level, std::string message, std::vector<LogField> fields = {}) const;
  void trace(std::string message, std::vector<LogField> fields = {}) const;
  void debug(std::string message, std::vector<LogField> fields = {}) const;
  void info(std::string message, std::vector<LogField> fields = {}) const;
  void warn(std::string message, std::vector<LogField> fields = {}) const;
  void error(std::string message, std::vector<LogField> fields = {}) const;

 private:
  std::shared_ptr<LogSink> sink_;
  std::string target_;
  std::vector<LogField> fields_;
};

}  // namespace temporal
