// What a session's workflow and its host say to each other.
#pragma once
#include <string>

#include "temporal/definition.h"

namespace temporal::session::detail {

struct HoldInput {
  std::string session_id = {};
};
struct Opened {
  std::string task_queue = {};  // the host's own
};

inline constexpr ActivityType<void(HoldInput)> hold_session{"temporal.session.hold"};

inline std::string signal_name(const std::string& session_id) {
  return "temporal.session." + session_id;
}

}  // namespace temporal::session::detail
