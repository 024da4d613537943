# g++ 12 frees a temporary aggregate in a co_await expression twice, and every options struct is one.
# The program below is that line; a compiler that gets it wrong is refused here.
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_FLAGS "-std=c++23")
check_cxx_source_runs([[
#include <coroutine>
#include <string>
int alive = 0;
struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  ~Counted() { --alive; }
};
struct Options { Counted counted; std::string queue; };
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
struct Call {
  Options options;
  bool await_ready() { return true; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};
Call execute(Options o) { return {o}; }
Task workflow() { co_await execute(Options{.queue = std::string(40, 'q')}); }
int main() { workflow(); return alive; }
]] JUMUN_COROUTINES_WORK)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT JUMUN_COROUTINES_WORK)
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} miscompiles co_await of a temporary aggregate (g++ 12 does): "
                      "use clang++-19, as the presets do")
endif()
