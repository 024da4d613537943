// A workflow that keeps its thread for as long as `looping` is true.
#pragma once
#include <temporal/workflow.h>

#include <atomic>
#include <thread>

namespace temporal::tests {

inline constexpr WorkflowType<void()> loop_type{"Loop"};
inline std::atomic<bool> looping = false;
struct Loop {
  static auto definition() { return workflow_definition(loop_type, &Loop::run); }
  workflow::Task<> run() {
    while (looping) std::this_thread::yield();
    co_return;
  }
};

}  // namespace temporal::tests
