// Core's log lines, into a LogSink.
#pragma once
#include "bridge/crossing.h"
#include "temporal/log.h"

namespace temporal::bridge {

// A tb_log_callback; its user_data is a LogSink.
void forward_log(void* sink, const tb_log* log);

}  // namespace temporal::bridge
