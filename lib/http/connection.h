// One connection: reads a request, has it answered, writes the answer, as long as both sides keep it.
#pragma once
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/server.h"

namespace http {

// What the connections of a server share; owned by the server.
struct Shared {
  Router router;
  ServerOptions options;
  bool draining = false;
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::ip::tcp::socket socket, Shared& shared);

  // Until the connection is to be closed. A crowded server only says so, and closes.
  Task<> serve(bool crowded);

  // The sweep of the server's one timer.
  void sweep(Clock::time_point now);
  void drain();    // an idle connection ends soon
  void abandon();  // ends at once, whatever it is doing

  boost::asio::cancellation_slot slot() { return cancelled_.slot(); }

 private:
  enum class Phase { idle, head, body, handling, writing, dropping };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  struct Gone {};  // the client left, or is too slow to be told anything
  class Pieces;    // the stream of a streamed body

  Task<bool> exchange();  // one request; whether the connection goes on
  Task<Response> answer(Request& request);
  Task<> read_head(Request& request);
  void take_head(Request& request, std::string_view head);
  void identify(Request& request, std::string_view head);
  const Router::Route& admit(Request& request);
  Task<> read_body(Request& request);
  void check_body(std::uint64_t received) const;
  Task<> read_some();
  Task<> send(const Response& response, const Request& request, bool keep, std::uint64_t& sent);
  Task<> write(std::string_view head, std::string_view body, std::string_view end = {});
  Task<> drop();
  Task<> turn_away();

  Response rendered(const Request& request, Problem problem) const;
  std::string head_of(const Response& response, const Request& request, bool keep) const;
  void report(const Request& request, unsigned status, std::uint64_t sent);
  void tell_failed(const Request& request, std::string_view what);
  void wait_in(Phase phase, Clock::duration bound);
  std::string_view buffered() const;

  boost::asio::ip::tcp::socket socket_;
  Shared& shared_;
  boost::asio::cancellation_signal cancelled_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Phase phase_ = Phase::idle;
  Clock::time_point deadline_;
  Clock::time_point started_;  // of the exchange: its head was there
  bool fresh_ = true;          // no request has come yet
  bool expired_ = false;       // the sweep has cut a read short
  bool abandoned_ = false;
  bool unread_ = false;  // of the request under way, not all has been read
};

}  // namespace http
