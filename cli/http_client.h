// An HTTP/1.1 client of one server: whole answers over a connection that is kept, and streams of
// events. Every call has an end in time, every body a bound.
//
//   Client client{{.server = *parse_server("http://127.0.0.1:8081")}};
//   Connection connection(client);
//   Answer answer = co_await connection.send({.target = "/orders/order-1"});
//
// Throws Failure{unreachable} where no answer comes. Threads: the one of the executor.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/event_parser.h"
#include "cli/task.h"

namespace ordering::cli {

struct Server {
  std::string host = {};  // a name or an address, IPv6 without brackets
  std::string port = {};
  std::string path = {};  // before every target; empty or "/shop"
  std::string url = {};   // as it was given
};
// "http://HOST[:PORT][/PATH]"; the error is a sentence.
std::expected<Server, std::string> parse_server(std::string_view url);

struct ClientOptions {
  Server server = {};
  std::string api_key = {};                   // empty: none is sent
  std::string language = "en";                // of the shop's problems: Accept-Language
  std::chrono::milliseconds timeout{10'000};  // of one call, beyond what the call itself waits for
};

struct Request {
  std::string method = "GET";
  std::string target = {};
  std::string body = {};              // JSON; empty: none
  std::chrono::milliseconds wait{0};  // how long the server may take on purpose
};

struct Answer {
  unsigned status = 0;
  std::string body = {};
  bool replayed = false;  // Idempotency-Replayed
  std::optional<std::chrono::seconds> retry_after = {};
};

// One segment of a path, or a value in a query.
std::string percent_encoded(std::string_view text);

// What is common to the connections to a server.
class Client {
 public:
  static constexpr std::size_t kMostBody = std::size_t{16} << 20;  // bytes of one answer

  explicit Client(ClientOptions options) : options_(std::move(options)) {}
  const ClientOptions& options() const { return options_; }
  // The server's addresses, looked up once.
  Task<boost::asio::ip::tcp::resolver::results_type> addresses();
  [[noreturn]] void fail(std::string_view what) const;

 private:
  ClientOptions options_;
  std::optional<boost::asio::ip::tcp::resolver::results_type> addresses_;
};

// One call at a time.
class Connection {
 public:
  explicit Connection(Client& client) : client_(&client) {}

  // A kept connection that the server has closed meanwhile is opened again, once: every call of the
  // shop may be repeated.
  Task<Answer> send(Request request);

 private:
  Task<> open(Clock::time_point deadline);
  Task<Answer> exchange(Request request, Clock::time_point deadline);

  Client* client_;
  std::optional<boost::beast::tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
};

class EventStream {
 public:
  // Streams say at least that they are alive, every 20 s or so.
  static constexpr std::chrono::seconds kLongestSilence{60};

  explicit EventStream(Client& client);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Nothing where the stream is open; otherwise what the server answered instead.
  Task<std::optional<Answer>> open(std::string target, std::string last_event_id);
  // Nothing at the stream's end.
  Task<std::optional<ServerEvent>> next();

 private:
  struct Reading;
  Client* client_;
  std::unique_ptr<Reading> reading_;
  EventParser parser_;
  std::deque<ServerEvent> events_;
};

}  // namespace ordering::cli
