#include "http/server.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <unordered_set>

#include "http/connection.h"

namespace http {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using Clock = Connection::Clock;

constexpr std::chrono::milliseconds kSweep{250};
constexpr std::chrono::milliseconds kSweepDraining{20};
constexpr std::chrono::milliseconds kAcceptPause{
    50};  // when accepting fails: no file descriptor is left, say
constexpr std::chrono::milliseconds kAbandoned{500};  // for cancelled handlers to unwind
constexpr std::size_t kMaxTurnedAway = 64;  // told so; beyond, connections are just closed

}  // namespace

struct Server::State : std::enable_shared_from_this<State> {
  State(net::any_io_executor executor, Router router, ServerOptions options)
      : shared{.router = std::move(router), .options = std::move(options)},
        acceptor(executor),
        sweeper(executor),
        pause(executor) {}

  void listen();
  Task<> accept();
  void take(tcp::socket socket);
  Task<> run();
  void stop(std::chrono::milliseconds grace);
  void sweep(Clock::time_point now);

  Shared shared;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  net::steady_timer sweeper;
  net::steady_timer pause;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  std::size_t turned_away = 0;
  Clock::time_point last = Clock::time_point::max();  // what is left then is abandoned
  bool abandoned = false;
};

void Server::State::listen() {
  const auto& options = shared.options;
  const std::string where = options.host + ":" + std::to_string(options.port);
  error_code error;
  const auto address = net::ip::make_address(options.host, error);
  if (error) throw std::runtime_error("cannot listen on " + where + ": not an address");
  const tcp::endpoint endpoint{address, options.port};
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) throw std::runtime_error("cannot listen on " + where + ": " + error.message());
  port = acceptor.local_endpoint().port();
}

Task<> Server::State::accept() {
  const auto self = shared_from_this();
  while (acceptor.is_open()) {
    error_code error;
    tcp::socket socket =
        co_await acceptor.async_accept(net::redirect_error(net::use_awaitable, error));
    if (!error) {
      take(std::move(socket));
    } else if (error != net::error::operation_aborted) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(net::redirect_error(net::use_awaitable, error));
    }
  }
}

void Server::State::take(tcp::socket socket) {
  const bool crowded = connections.size() - turned_away >= shared.options.max_connections;
  if (crowded && turned_away >= kMaxTurnedAway) return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto connection = std::make_shared<Connection>(std::move(socket), shared);
  connections.insert(connection);
  if (crowded) ++turned_away;
  const auto tell = [this] {
    if (shared.options.observer) shared.options.observer->connections(connections.size());
  };
  tell();
  const auto slot = connection->slot();
  auto served = connection->serve(crowded);
  co_spawn(acceptor.get_executor(), std::move(served),
           net::bind_cancellation_slot(slot, [self = shared_from_this(), connection, crowded,
                                              tell](const std::exception_ptr&) {
             self->connections.erase(connection);
             if (crowded) --self->turned_away;
             tell();
           }));
}

void Server::State::sweep(Clock::time_point now) {
  if (now >= last && !abandoned) {
    abandoned = true;
    const auto left = connections;  // abandoning may end one at once
    for (const auto& connection : left) connection->abandon();
  }
  for (const auto& connection : connections) connection->sweep(now);
}

Task<> Server::State::run() {
  const auto self = shared_from_this();
  co_spawn(acceptor.get_executor(), accept(), net::detached);
  for (;;) {
    const auto now = Clock::now();
    sweep(now);
    if (shared.draining && (connections.empty() || now - kAbandoned >= last)) co_return;
    sweeper.expires_after(shared.draining ? kSweepDraining : kSweep);
    error_code woken;
    co_await sweeper.async_wait(net::redirect_error(net::use_awaitable, woken));
  }
}

void Server::State::stop(std::chrono::milliseconds grace) {
  last = std::min(last, Clock::now() + grace);
  if (shared.draining) return;
  shared.draining = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (const auto& connection : connections) connection->drain();
  sweeper.cancel();
}

Server::Server(net::any_io_executor executor, Router router, ServerOptions options)
    : state_(std::make_shared<State>(std::move(executor), std::move(router), std::move(options))) {
  state_->listen();
}
Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->port;
}

Task<> Server::run() {
  return state_->run();
}

void Server::stop(std::chrono::milliseconds grace) {
  net::post(state_->acceptor.get_executor(), [state = state_, grace] { state->stop(grace); });
}

}  // namespace http
