// The local activity that records what a side effect gave: it answers with its argument.
#pragma once
#include <string_view>

#include "temporal/value.h"

namespace temporal::detail {

inline constexpr std::string_view kSideEffectActivity = "__temporal_side_effect";

// Without an argument it answers that there was none: a replay does not run the side effect, and where
// the history has no answer yet, asks for it after all.
Value record_side_effect(Values args);

}  // namespace temporal::detail
