// Times and durations as text, in the forms of protobuf's JSON.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace temporal::detail {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;  // 1677 to 2262

std::string format_time(Time time);  // "2026-01-02T03:04:05.5Z", as many decimals as are needed
// RFC 3339, with any offset. Empty: it is none, finer than nanoseconds, or outside the range.
std::optional<Time> parse_time(std::string_view text);

std::string format_duration(std::chrono::nanoseconds duration);  // "-1.5s"
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace temporal::detail
