// Blocking work (SQLite, files) for coroutines that must not block.
//
//   boost::asio::io_context io{1};
//   http::Pool pool{{.threads = 2}};       // after the io_context: it must be gone before it
//   auto row = co_await http::on_pool(pool, [&] { return store.find(id); });
//
// The work runs on a thread of the pool, its result or exception comes back on the coroutine's own
// executor. References the work holds must outlive the co_await: locals of the coroutine do. Work
// that has begun is not cancelled.
#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "http/problem.h"

namespace http {

struct PoolOptions {
  unsigned threads = 2;
  std::size_t max_waiting = 1024;  // work beyond is refused with Problem 503
};

class Pool {
 public:
  explicit Pool(PoolOptions options = {});
  ~Pool();  // finishes what was accepted, then joins
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Throws Problem 503 with Retry-After when the queue is full.
  template <class Work>
  void submit(Work work) {
    enter();
    boost::asio::post(threads_, [this, work = std::move(work)]() mutable {
      leave();
      work();
    });
  }

 private:
  void enter();
  void leave() { waiting_.fetch_sub(1, std::memory_order_relaxed); }

  const std::size_t max_waiting_;
  std::atomic<std::size_t> waiting_{0};
  boost::asio::thread_pool threads_;
};

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> on_pool(Pool& pool, Work work) {
  namespace net = boost::asio;
  using Result = std::invoke_result_t<Work&>;
  std::exception_ptr error;
  std::optional<std::conditional_t<std::is_void_v<Result>, bool, Result>> result;
  const net::any_io_executor home = co_await net::this_coro::executor;
  auto run = [&]() noexcept {
    try {
      if constexpr (std::is_void_v<Result>) {
        work();
      } else {
        result.emplace(work());
      }
    } catch (...) {
      error = std::current_exception();
    }
  };
  auto start = [&](auto resume) {
    pool.submit([&run, home, resume = std::move(resume)]() mutable {
      run();
      net::post(home, std::move(resume));
    });
  };
  co_await net::async_initiate<decltype(net::use_awaitable), void()>(start, net::use_awaitable);
  if (error) std::rethrow_exception(error);
  if constexpr (!std::is_void_v<Result>) co_return std::move(*result);
}

}  // namespace http
