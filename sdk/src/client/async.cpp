#include "temporal/async.h"

namespace temporal::detail {

namespace {
thread_local int continuing = 0;
}

Continuing::Continuing() {
  ++continuing;
}
Continuing::~Continuing() {
  --continuing;
}
bool Continuing::here() {
  return continuing > 0;
}

void check_may_block() {
  if (workflow_is_running()) {
    throw std::logic_error(
        "get() in a workflow would block its task, and a replay could not repeat the call: "
        "make it in an activity");
  }
  if (Continuing::here()) {
    throw std::logic_error(
        "get() in a continuation would wait for its own thread: co_await it instead");
  }
}

}  // namespace temporal::detail
