// An HTTP/1.1 server of coroutines, strict about what it reads and bounded in all it holds.
//
//   boost::asio::io_context io{1};
//   http::Server server{io.get_executor(), std::move(router), {.port = 8082, .service =
//   "payment"}}; co_spawn(io, server.run(), http::rethrow);   // run() ends when stop() has drained
//   io.run();
//
// Threads: the executor must run one thing at a time (an io_context with one thread, or a strand).
// stop() may be called from any thread, everything else from the executor's.
//
// Refused, each with a problem document (problem.h): a malformed request, and all that request
// smuggling lives on (Content-Length with Transfer-Encoding, two lengths, bare LF, folded or spaced
// field names, bad chunks): 400 · slow headers or body: 408 · a body over max_body: 413, from the
// header alone when it says so · target over max_target: 414 · header fields over max_fields: 431 ·
// HTTP other than 1.0 and 1.1: 505. After such an early answer the server reads and drops up to
// kMaxDropped bytes or kMaxDropTime, then closes, so that the client gets the answer and not a
// reset.
//
// An exception that is no Problem is answered 500 with the request id; what it says goes to the
// observer.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/router.h"

namespace http {

// One request and its answer, told to the observer once the answer is written or given up.
struct Exchange {
  std::string_view method = {};  // empty: the request could not be read
  std::string_view route = {};   // the pattern; empty: none matched
  std::string_view path = {};    // as sent: for logs, not for metrics
  std::string_view request_id = {};
  unsigned status = 0;
  std::chrono::nanoseconds duration{0};  // from the header's end to the answer's last byte
  std::uint64_t bytes_received = 0;      // of the body
  std::uint64_t bytes_sent = 0;          // of the body
};

// Access log and metrics; called on the server's thread, must neither block nor throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void finished(const Exchange& exchange) = 0;
  // A handler failed with an exception that is no Problem.
  virtual void failed(std::string_view request_id, std::string_view what) = 0;
  virtual void connections(std::size_t open) = 0;
};

struct ServerOptions {
  std::string host = "127.0.0.1";           // an address, not a name
  std::uint16_t port = 0;                   // 0: one that is free, see Server::port()
  std::string service = {};                 // the "service" of problem documents
  std::shared_ptr<Observer> observer = {};  // unset: nobody watches

  // Called once header and route are known and before the body is read; throws a Problem to refuse
  // (a missing API key, a rate limit). Unset: everybody is admitted. Not asked about routes that are
  // open. Must not block.
  std::function<void(const Request&)> admit = {};

  // The code of a 503 that has none of its own (draining, too much is waiting), by method and path,
  // both empty where no request was read. Unset: HTTP_503.
  std::function<std::string(std::string_view method, std::string_view path)> unavailable_code = {};

  std::size_t max_connections = 1024;  // one more is answered 503 with Retry-After and closed
  std::size_t max_target = 8192;       // bytes
  std::size_t max_fields = 16384;      // bytes of all header fields together
  std::size_t max_body = 65536;        // bytes
  std::chrono::milliseconds header_timeout{
      10'000};  // from the first byte (of a new connection: from its start)
  std::chrono::milliseconds body_timeout{20'000};   // from the header's end
  std::chrono::milliseconds write_timeout{30'000};  // for an answer to be taken
  std::chrono::milliseconds idle_timeout{60'000};   // between requests of one connection
  std::chrono::seconds retry_after{1};              // of the server's own 503
};

class Server {
 public:
  static constexpr std::size_t kMaxDropped = 1 << 20;
  static constexpr std::chrono::seconds kMaxDropTime{2};

  // Listens at once; an address in use or not ours is a std::runtime_error whose text names it.
  Server(boost::asio::any_io_executor executor, Router router, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;  // the one listened on

  // Serves until stop() has drained. Handlers must bound their own waits.
  Task<> run();

  // Accepts no more connections. Requests under way are finished and their connections closed; a
  // request that still comes on a kept connection is answered 503 with Retry-After, unless its
  // route answers while draining. Idle
  // connections are ended after half a second (a request may be on its way). What is left after
  // `grace` is cancelled and closed.
  void stop(std::chrono::milliseconds grace);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// For co_spawn: an exception of the coroutine leaves io_context::run().
inline constexpr auto rethrow = [](const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
};

}  // namespace http
