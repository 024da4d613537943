#include "telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "telemetry/trace.h"

namespace telemetry {
namespace {

// spdlog carries the lines (levels, one lock, the flush); what stands in them is log_line.cpp's.
std::shared_ptr<spdlog::logger> logger_on(std::shared_ptr<spdlog::sinks::sink> sink,
                                          spdlog::level::level_enum level) {
  auto logger = std::make_shared<spdlog::logger>("jumun", std::move(sink));
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
  logger->set_level(level);
  return logger;
}

struct Log {
  std::string service;
  bool json = false;
  std::shared_ptr<spdlog::logger> logger =
      logger_on(std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::level::info);
};

Log& the_log() {
  static auto* log = new Log;  // never destroyed: threads may log until the process ends
  return *log;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

LogLevel parse_level(std::string_view text) {
  if (text == "trace") return LogLevel::trace;
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warn") return LogLevel::warn;
  if (text == "error") return LogLevel::error;
  if (text == "off") return LogLevel::off;
  throw std::invalid_argument("a log level is trace, debug, info, warn, error or off");
}

bool parse_json(std::string_view format) {
  if (format == "json") return true;
  if (format == "text") return false;
  if (format == "auto") return isatty(STDOUT_FILENO) == 0;
  throw std::invalid_argument("a log format is auto, text or json");
}

void write(LogLevel level, std::string_view message, Fields fields) {
  Log& log = the_log();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const LogLine line{
      .level = level,
      .service = log.service,
      .message = message,
      .unix_milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  log.logger->log(spdlog_level(level), log.json ? to_json(line, fields) : to_text(line, fields));
}

// The line's own fields come first, and win.
void log_in(const Scope& innermost, LogLevel level, std::string_view message, Fields fields) {
  std::vector<Field> all(fields.begin(), fields.end());
  const auto add = [&all](std::string_view name, std::string_view value) {
    if (!value.empty() && std::ranges::find(all, name, &Field::name) == all.end())
      all.emplace_back(name, value);
  };
  for (const Scope* scope = &innermost; scope; scope = scope->outer()) {
    for (const auto& [name, value] : scope->fields()) add(name, value);
    add("trace_id", scope->trace().trace_id());
    add("span_id", scope->trace().span_id());
  }
  write(level, message, Fields(all));
}

}  // namespace

void start_logging(const LogOptions& options) {
  Log& log = the_log();
  log.json = parse_json(options.format);
  log.service = options.service;
  log.logger = logger_on(std::make_shared<spdlog::sinks::stdout_sink_mt>(),
                         spdlog_level(parse_level(options.level)));
}

bool log_enabled(LogLevel level) {
  return the_log().logger->should_log(spdlog_level(level));
}

void log(LogLevel level, std::string_view message, Fields fields) {
  if (!log_enabled(level)) return;
  if (const auto* scope = Scope::current(); scope) return log_in(*scope, level, message, fields);
  write(level, message, fields);
}

}  // namespace telemetry
