// What the end of a replay says of the workflow's code.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "temporal/replayer.h"

namespace temporal::detail {

// Core ends each replay with an eviction: `reason` is its RemoveFromCache::EvictionReason. `failed`
// is our own answer before it, where that was a failed task.
ReplayResult verdict(std::string_view run_id, int reason, std::string_view message,
                     std::optional<std::string> failed);

}  // namespace temporal::detail
