// A moment as rows keep it and answers show it: UTC, in milliseconds.
#pragma once
#include <chrono>
#include <string>

namespace ordering {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

Timestamp now();
std::string to_rfc3339(Timestamp moment);  // "2026-11-22T19:38:56.123Z"

}  // namespace ordering
