#include "process/pause.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ordering::process {

namespace asio = boost::asio;

http::Task<bool> pause(std::chrono::milliseconds time, std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  std::stop_callback wake(stop, [&timer] { timer.cancel(); });
  boost::system::error_code ended;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  co_return !stop.stop_requested();
}

}  // namespace ordering::process
