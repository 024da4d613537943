#include "cli/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <tuple>
#include <utility>

namespace ordering::cli {

namespace asio = boost::asio;
namespace experimental = boost::asio::experimental;

Task<> sleep_until(Clock::time_point time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

Task<> pause(Clock::duration time) {
  co_await sleep_until(Clock::now() + time);
}

Task<> with_beside(Task<> work, Task<> other) {
  const auto executor = co_await asio::this_coro::executor;
  auto group =
      experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                        asio::co_spawn(executor, std::move(other), asio::deferred));
  const auto ended = co_await group.async_wait(experimental::wait_for_one(), asio::use_awaitable);
  const auto& order = std::get<0>(ended);
  // What the cancelled one has to say does not count.
  const auto& failure = order.front() == 0 ? std::get<1>(ended) : std::get<2>(ended);
  if (failure) std::rethrow_exception(failure);
}

Task<> all_of(std::vector<Task<>> tasks) {
  if (tasks.empty()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  using Spawned = decltype(asio::co_spawn(executor, std::declval<Task<>>(), asio::deferred));
  std::vector<Spawned> spawned;
  spawned.reserve(tasks.size());
  for (auto& task : tasks)
    spawned.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
  auto group = experimental::make_parallel_group(std::move(spawned));
  const auto ended =
      co_await group.async_wait(experimental::wait_for_one_error(), asio::use_awaitable);
  const auto& failures = std::get<1>(ended);
  for (const auto index : std::get<0>(ended))
    if (failures[index]) std::rethrow_exception(failures[index]);
}

}  // namespace ordering::cli
