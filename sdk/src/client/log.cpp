#include "temporal/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

#include "temporal/determinism.h"

namespace temporal {

namespace {

class StderrSink final : public LogSink {
 public:
  explicit StderrSink(LogLevel least) : least_(least) {}
  LogLevel least() const override { return least_; }
  void write(const LogRecord& record) override {
    if (record.level < least_) return;
    auto seconds = std::chrono::floor<std::chrono::seconds>(record.time);
    auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(record.time - seconds);
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), "{:%FT%T}.{:03}Z {} {}: {}",
                   fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), millis.count(),
                   to_string(record.level), record.target, record.message);
    for (const auto& field : record.fields)
      fmt::format_to(std::back_inserter(line), " {}={}", field.key, field.value);
    line.push_back('\n');
    std::fwrite(line.data(), 1, line.size(), stderr);  // one call, so that lines do not mix
  }

 private:
  LogLevel least_;
};

}  // namespace

LogSink::~LogSink() = default;

std::string_view to_string(LogLevel level) {
  static constexpr std::array<std::string_view, 5> kNames = {"trace", "debug", "info", "warn",
                                                             "error"};
  return kNames.at(static_cast<std::size_t>(level));
}

std::shared_ptr<LogSink> stderr_log_sink(LogLevel least) {
  return std::make_shared<StderrSink>(least);
}

Logger::Logger(std::shared_ptr<LogSink> sink, std::string target, std::vector<LogField> fields)
    : sink_(std::move(sink)), target_(std::move(target)), fields_(std::move(fields)) {}

Logger Logger::with(std::vector<LogField> fields) const {
  Logger other = *this;
  other.fields_.insert(other.fields_.end(), std::move_iterator(fields.begin()),
                       std::move_iterator(fields.end()));
  return other;
}

bool Logger::enabled(LogLevel level) const {
  return sink_ && level >= sink_->least();
}

void Logger::log(LogLevel level, std::string message, std::vector<LogField> fields) const {
  detail::Allowed allowed;
  if (!enabled(level)) return;
  LogRecord record{level, target_, std::move(message), std::chrono::system_clock::now(), fields_};
  record.fields.insert(record.fields.end(), std::move_iterator(fields.begin()),
                       std::move_iterator(fields.end()));
  sink_->write(record);
}

void Logger::trace(std::string message, std::vector<LogField> fields) const {
  log(LogLevel::trace, std::move(message), std::move(fields));
}
void Logger::debug(std::string message, std::vector<LogField> fields) const {
  log(LogLevel::debug, std::move(message), std::move(fields));
}
void Logger::info(std::string message, std::vector<LogField> fields) const {
  log(LogLevel::info, std::move(message), std::move(fields));
}
void Logger::warn(std::string message, std::vector<LogField> fields) const {
  log(LogLevel::warn, std::move(message), std::move(fields));
}
void Logger::error(std::string message, std::vector<LogField> fields) const {
  log(LogLevel::error, std::move(message), std::move(fields));
}

}  // namespace temporal
