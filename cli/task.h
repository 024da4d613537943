// Coroutines of the command line: one thread, and whoever starts one waits for its end. A cancelled
// one ends with boost::system::system_error, operation_aborted.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <vector>

namespace ordering::cli {

template <class T = void>
using Task = boost::asio::awaitable<T>;
using Clock = std::chrono::steady_clock;

Task<> sleep_until(Clock::time_point time);
Task<> pause(Clock::duration time);

// Runs `work` with `other` at its side, which is cancelled as soon as the work has ended.
Task<> with_beside(Task<> work, Task<> other);

// Runs all of them at once. Where any fails the others are cancelled, and the first failure is
// thrown.
Task<> all_of(std::vector<Task<>> tasks);

}  // namespace ordering::cli
