// A moment as rows keep it and answers show it: UTC, in milliseconds.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ordering {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

Timestamp now();
std::string to_rfc3339(Timestamp moment);  // "2026-11-22T19:38:56.123Z"
// Also without a fraction, with a longer one (cut), or with an offset ("+09:00"); nothing where it
// is no such moment.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace ordering
