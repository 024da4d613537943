#include "process/probe.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>

namespace ordering::process {

namespace asio = boost::asio;

struct Probe::Asked {
  asio::steady_timer until;  // cancelled by the answer
  bool ended = false;
  bool yes = false;
};

void Probe::ask(const asio::any_io_executor& executor) {
  if (asked_ && !asked_->ended) return;
  asked_ = std::make_shared<Asked>(asio::steady_timer(executor, within_));
  asio::co_spawn(executor, put(pool_, question_, asked_), asio::detached);
}

http::Task<> Probe::put(http::Pool& pool, std::function<bool()> question,
                        std::shared_ptr<Asked> asked) {
  try {
    asked->yes = co_await http::on_pool(pool, std::move(question));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it is a no
  } catch (const http::Problem&) {   // NOLINT(bugprone-empty-catch): the pool is full
  }
  asked->ended = true;
  asked->until.cancel();
}

http::Task<bool> Probe::answer() {
  const auto asked = asked_;
  boost::system::error_code ignored;
  if (!asked->ended)
    co_await asked->until.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return asked->yes;
}

}  // namespace ordering::process
