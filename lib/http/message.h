// What a handler gets and gives.
//
//   http::Task<http::Response> Payments::get(const http::Request& request) {
//     auto payment = co_await http::on_pool(pool_, [&] { return
//     store_.find(request.param("orderId")); }); if (!payment) throw http::Problem{.status = 404,
//     .message = "no such payment"}; co_return http::reply({{"orderId", payment->order_id},
//     {"state", to_string(payment->state)}});
//   }
//
// A Request lives until the handler's coroutine has ended; string_views from it live as long. It
// belongs to the server's thread: work on a pool may read it while the handler waits for that work.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/json.h"
#include "http/problem.h"
#include "telemetry/trace.h"

namespace http {

template <class T = void>
using Task = boost::asio::awaitable<T>;

using Parameters = std::vector<std::pair<std::string, std::string>>;

class Request {
 public:
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  std::string_view method() const;  // "GET"; "HEAD" reaches the handler of GET
  std::string_view path() const;    // as sent, without the query, percent-encoded
  std::string_view route() const;   // the pattern that matched, "/orders/{orderId}"
  std::string_view header(std::string_view name) const;  // the first of that name; empty: absent
  std::string_view body() const;

  // What {name} of the pattern matched: percent-decoded, valid UTF-8, not empty.
  // A name that the pattern does not have is a bug of the caller: std::logic_error.
  std::string_view param(std::string_view name) const;

  // A query parameter, decoded; nothing when absent. One given twice, or not decodable: Problem 400
  // before the handler is called.
  std::optional<std::string_view> query(std::string_view name) const;
  // The same as a whole number within [least, most], else Problem 400 that names it and the range.
  std::optional<std::int64_t> query_integer(std::string_view name, std::int64_t least,
                                            std::int64_t most) const;

  Json json() const;  // the body; Problem 400 when it is empty or not one JSON value

  std::string_view request_id()
      const;  // X-Request-Id, or made; printable ASCII, up to 128 characters
  std::string_view client_address() const;  // of the connection's other end; "127.0.0.1"
  Language language() const;                // of texts for people, by Accept-Language

  // Of the request's own span, for what is done in its name; empty: it is not traced. A traceparent
  // that came with it is the span's parent.
  telemetry::TraceContext trace() const;
  // For lines of the log and spans of this thread, between one co_await and the next:
  //   const auto scope = request.scope();
  telemetry::Scope scope() const;

 private:
  friend class Connection;
  friend class Router;
  struct Parts;
  explicit Request(std::unique_ptr<Parts> parts);
  void begin_span();                     // once its route is known
  void end_span(unsigned status) const;  // with the answer
  std::unique_ptr<Parts> parts_;
};

// Where a body goes that is written piece by piece.
class Stream {
 public:
  virtual ~Stream() = default;
  // Sends the piece; goes on when the socket has taken it. Throws where the client has gone or reads
  // too slowly: let that pass. An empty piece is nothing.
  virtual Task<> write(std::string piece) = 0;
};

// A body that takes its time: events as they come. It must end by itself when the service stops, and
// write something now and then, for only writing tells that the client has gone.
class StreamedBody {
 public:
  virtual ~StreamedBody() = default;
  // What it throws cuts the connection, so that the client sees that the end is missing.
  virtual Task<> write_to(Stream& stream) = 0;
};

struct Response {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  Parameters headers =
      {};  // more header fields; names and values come from the program, not from clients
  // Set: written instead of `body`, after which the connection is closed.
  std::shared_ptr<StreamedBody> streamed = {};
};

// A JSON answer; members stand in the order given.
Response reply(const boost::json::value& body, unsigned status = 200);

}  // namespace http
