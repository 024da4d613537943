#include "temporal/asio.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>

namespace temporal {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct NoDefault {
  explicit NoDefault(int v) : value(v) {}
  int value;
};

// Answers 7 from another thread, or, if it never answers, only when asked to stop.
Async<NoDefault> remote(std::shared_ptr<Executor> executor, bool answers) {
  return Async<NoDefault>(
      executor, [executor, answers](std::stop_token stop, Callback<NoDefault> done) {
        if (answers) return done(NoDefault(7));
        using Stop = std::stop_callback<std::function<void()>>;
        auto shared = std::make_shared<Callback<NoDefault>>(std::move(done));
        auto on_stop = std::make_shared<std::unique_ptr<Stop>>();
        *on_stop = std::make_unique<Stop>(stop, [executor, shared, on_stop] {
          executor->post([shared, on_stop] {
            on_stop->reset();
            (*shared)(std::unexpected(std::make_exception_ptr(std::runtime_error("stopped"))));
          });
        });
      });
}

TEST(Asio, AwaitsAndCancels) {
  auto executor = std::make_shared<ThreadExecutor>();
  asio::io_context io;
  int answer = 0;
  bool timed_out = false;
  // NOLINTNEXTLINE(*-capturing-lambda-coroutines): it lives as long as io runs
  auto use = [&]() -> asio::awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    answer = (co_await use_asio(remote(executor, true))).value;
    asio::steady_timer timer(co_await asio::this_coro::executor, 10ms);
    auto first =
        co_await (timer.async_wait(asio::use_awaitable) || use_asio(remote(executor, false)));
    timed_out = first.index() == 0;
  };
  asio::co_spawn(io, use(), asio::detached);
  io.run();
  EXPECT_EQ(answer, 7);
  EXPECT_TRUE(timed_out);
}

TEST(Asio, ItsContextCanBeTheExecutor) {
  asio::io_context io;
  auto executor = std::make_shared<AsioExecutor>(io.get_executor());
  auto call = remote(executor, true);
  std::thread::id called_on;
  call.start([&](auto) { called_on = std::this_thread::get_id(); });
  io.run();
  EXPECT_EQ(called_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace temporal
