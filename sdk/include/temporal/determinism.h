// Determinism: what workflow code may not call, and who sees to it.
//
// A replay runs workflow code again and has to come to the same commands, so the code asks no clock,
// random device or environment, and starts no thread. In C++ no sandbox can keep it from doing so;
// three things stand in its place:
//
//   1. A workflow may await only what is in its history: anything else does not compile
//      (temporal/task.h).
//   2. temporal_check_workflow(target), in CMake, scans the objects of workflow code for such calls
//      after each build, those in branches that no test takes too.
//   3. A program that is linked with temporal::determinism_guard fails the workflow task, while the
//      call is being made, wherever it stands: in a library far below the workflow's code too.
//
//        target_link_libraries(my_workflows_test PRIVATE my_workflows temporal::determinism_guard)
//
//      The message names the call, what stands in for it, and the last co_await before it. The call
//      itself does its work, and the workflow goes on to its next suspension. Watched are
//      std::chrono::system_clock and steady_clock, std::random_device, std::thread, std::async and
//      std::jthread, and libc's time, clock, clock_gettime, gettimeofday, getenv, secure_getenv,
//      rand, srand, random, srandom, drand48 and its kin, getrandom, getentropy and arc4random.
//      It is for development and tests: it replaces these functions for the whole program, which
//      costs each call some nanoseconds. It needs libstdc++ as a shared library, and works under the
//      address, undefined-behaviour and thread sanitizers. It watches run, handlers, validators,
//      conditions, constructors and interceptors; queries, which no history has, destructors at an
//      eviction, and the functions of workflow::side_effect are not watched.
//
// Loggers, meters and payload converters, and the SDK's own calls, may ask what they like. What of
// the user's has to, though nothing of it reaches a command, says so:
//
//   auto began = workflow::unsafe::allowed([] { return std::chrono::steady_clock::now(); });
#pragma once
#include <functional>
#include <utility>

namespace temporal {

namespace workflow {
template <class T>
class Task;
}

namespace detail {

struct Run;

// For as long as it lives, the guard lets everything pass in the run that this thread is in. It must
// not live across a co_await: another run would go on under it.
class Allowed {
 public:
  Allowed();
  ~Allowed();
  Allowed(const Allowed&) = delete;
  Allowed& operator=(const Allowed&) = delete;

 private:
  Run* run_;  // null outside a workflow
};

// What the guard calls, in place of `call`. Fails the task of the workflow whose code runs in this
// thread; does nothing elsewhere.
void forbid(const char* call, const char* instead) noexcept;

template <class>
inline constexpr bool makes_task = false;
template <class T>
inline constexpr bool makes_task<workflow::Task<T>> = true;

}  // namespace detail

namespace workflow::unsafe {

// Gives what f() gives, with the guard looking away. For code whose answers never reach a command, as
// a profiler's: what they change there, no replay repeats.
template <class F>
decltype(auto) allowed(F&& f) {
  static_assert(!detail::makes_task<std::invoke_result_t<F>>,
                "allowed() calls a plain function: a coroutine would only begin in it");
  detail::Allowed looking_away;
  return std::invoke(std::forward<F>(f));
}

}  // namespace workflow::unsafe
}  // namespace temporal
