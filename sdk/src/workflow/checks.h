// What the server would refuse, or Core silently take for something else, said at the call: by
// std::invalid_argument, with the field's name.
#pragma once
#include <chrono>
#include <initializer_list>
#include <string>
#include <utility>

#include "temporal/options.h"

namespace temporal::detail {

[[noreturn]] void refuse(const std::string& call, const std::string& what);

using NamedDurations = std::initializer_list<std::pair<const char*, std::chrono::milliseconds>>;
void check_not_negative(const std::string& call, NamedDurations durations);

// Of a local activity, whose policy no server sees.
void check_retry_policy(const std::string& call, const RetryPolicy& policy);

}  // namespace temporal::detail
