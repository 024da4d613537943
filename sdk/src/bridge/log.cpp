#include "bridge/log.h"

#include <boost/json.hpp>

namespace temporal::bridge {

namespace {

std::vector<LogField> fields(std::string_view json) {
  std::vector<LogField> fields;
  boost::system::error_code error;
  auto parsed = boost::json::parse(json, error);
  if (error || !parsed.is_object()) return fields;
  for (const auto& [key, value] : parsed.as_object()) {
    fields.push_back({std::string(key), value.is_string() ? std::string(value.as_string())
                                                          : boost::json::serialize(value)});
  }
  return fields;
}

}  // namespace

void forward_log(void* sink, const tb_log* log) {
  CoreThread mark(sink);
  auto& to = *static_cast<LogSink*>(sink);
  LogRecord record{.level = static_cast<LogLevel>(log->level), .target = "core"};
  if (record.level < to.least()) return;
  record.message = text(log->message);
  record.time =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(log->timestamp_millis));
  record.fields = fields(view(log->fields_json));
  record.fields.push_back({"module", text(log->target)});
  to.write(record);
}

}  // namespace temporal::bridge
