#include "cli/http_client.h"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "cli/exit_code.h"

namespace ordering::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace urls = boost::urls;
using boost::system::system_error;

namespace {

constexpr auto kHttp11 = 11;
constexpr std::string_view kHttpPort = "80";
constexpr std::size_t kMostBuffered = std::size_t{64} << 10;

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool is_cancelled(const system_error& e) {
  return e.code() == asio::error::operation_aborted;
}

std::string in_words(const system_error& e) {
  if (e.code() == beast::error::timeout) return "it took too long";
  if (e.code() == http::error::end_of_stream || e.code() == http::error::partial_message)
    return "the connection was closed";
  return e.code().message();
}

http::request<http::string_body> to_message(const Request& request, const ClientOptions& options) {
  const auto& server = options.server;
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  http::request<http::string_body> message(http::string_to_verb(request.method),
                                           server.path + request.target, kHttp11, request.body);
  message.set(http::field::host,
              (is_ipv6 ? '[' + server.host + ']' : server.host) + ':' + server.port);
  message.set(http::field::user_agent, "orders");
  message.set(http::field::accept_language, options.language);
  if (!options.api_key.empty())
    message.set(http::field::authorization, "Bearer " + options.api_key);
  if (!request.body.empty()) message.set(http::field::content_type, "application/json");
  message.prepare_payload();
  return message;
}

template <class Message>
std::optional<std::chrono::seconds> retry_after(const Message& message) {
  const auto text = message[http::field::retry_after];
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end == text.data() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

Answer to_answer(http::response<http::string_body> message) {
  return {.status = message.result_int(),
          .body = std::move(message.body()),
          .replayed = message["Idempotency-Replayed"] == "true",
          .retry_after = retry_after(message)};
}

}  // namespace

std::expected<Server, std::string> parse_server(std::string_view text) {
  const auto refused = std::unexpected("\"" + std::string(text) +
                                       "\" is no address of a shop; write http://HOST:PORT");
  const auto url = urls::parse_uri(text);
  if (!url || url->scheme_id() != urls::scheme::http || url->encoded_host().empty()) return refused;
  if (url->has_userinfo() || url->has_query() || url->has_fragment()) return refused;
  const std::string port(url->has_port() ? std::string_view(url->port()) : kHttpPort);
  std::string path(url->encoded_path());
  // Boost.URL 1.81 takes "http://shop:port" for a host with the path "port".
  if (!is_port(port) || !(path.empty() || path.starts_with('/'))) return refused;
  while (path.ends_with('/')) path.pop_back();
  return Server{.host = std::string(url->host_address()),
                .port = port,
                .path = std::move(path),
                .url = std::string(text)};
}

std::string percent_encoded(std::string_view text) {
  return urls::encode(text, urls::unreserved_chars);
}

void Client::fail(std::string_view what) const {
  throw Failure(ExitCode::unreachable, "The shop at " + options_.server.url +
                                           " does not answer: " + std::string(what) + ".");
}

Task<asio::ip::tcp::resolver::results_type> Client::addresses() {
  if (!addresses_) {
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto& server = options_.server;
    addresses_ = co_await resolver.async_resolve(server.host, server.port, asio::use_awaitable);
  }
  co_return *addresses_;
}

Task<Answer> Connection::send(Request request) {
  const auto deadline = Clock::now() + client_->options().timeout + request.wait;
  bool kept = stream_.has_value();
  for (;;) {
    std::string lost;
    try {
      if (!stream_) co_await open(deadline);
      co_return co_await exchange(request, deadline);
    } catch (const system_error& e) {
      stream_.reset();
      if (is_cancelled(e)) throw;
      lost = in_words(e);
      if (e.code() == beast::error::timeout) kept = false;
    }
    if (!std::exchange(kept, false)) client_->fail(lost);
  }
}

Task<> Connection::open(Clock::time_point deadline) {
  const auto addresses = co_await client_->addresses();
  stream_.emplace(co_await asio::this_coro::executor);
  buffer_.clear();
  stream_->expires_at(deadline);
  co_await stream_->async_connect(addresses, asio::use_awaitable);
  stream_->socket().set_option(asio::ip::tcp::no_delay(true));
}

Task<Answer> Connection::exchange(Request request, Clock::time_point deadline) {
  const auto message = to_message(request, client_->options());
  stream_->expires_at(deadline);
  co_await http::async_write(*stream_, message, asio::use_awaitable);
  http::response_parser<http::string_body> parser;
  parser.body_limit(Client::kMostBody);
  co_await http::async_read(*stream_, buffer_, parser, asio::use_awaitable);
  const bool keeps = parser.keep_alive();
  stream_->expires_never();
  if (!keeps) stream_.reset();
  co_return to_answer(parser.release());
}

struct EventStream::Reading {
  explicit Reading(const asio::any_io_executor& executor) : stream(executor) {
    parser.body_limit(boost::none);  // it has no end; the parser of the events bounds each
  }
  beast::tcp_stream stream;
  beast::flat_buffer buffer{kMostBuffered};
  http::response_parser<http::string_body> parser;
};

EventStream::EventStream(Client& client) : client_(&client) {}
EventStream::~EventStream() = default;

Task<std::optional<Answer>> EventStream::open(std::string target, std::string last_event_id) {
  std::string lost;
  try {
    const auto addresses = co_await client_->addresses();
    reading_ = std::make_unique<Reading>(co_await asio::this_coro::executor);
    auto& [stream, buffer, parser] = *reading_;
    stream.expires_after(client_->options().timeout);
    co_await stream.async_connect(addresses, asio::use_awaitable);
    auto message = to_message({.target = std::move(target)}, client_->options());
    message.set(http::field::accept, "text/event-stream, application/problem+json");
    if (!last_event_id.empty()) message.set("Last-Event-ID", last_event_id);
    co_await http::async_write(stream, message, asio::use_awaitable);
    co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
    const auto type = parser.get()[http::field::content_type];
    if (parser.get().result_int() == 200 && type.starts_with("text/event-stream"))
      co_return std::nullopt;
    parser.body_limit(Client::kMostBody);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    co_return to_answer(parser.release());
  } catch (const system_error& e) {
    if (is_cancelled(e)) throw;
    lost = in_words(e);
  }
  client_->fail(lost);
}

Task<std::optional<ServerEvent>> EventStream::next() {
  std::string lost;
  try {
    auto& [stream, buffer, parser] = *reading_;
    while (events_.empty() && !parser.is_done()) {
      stream.expires_after(kLongestSilence);
      co_await http::async_read_some(stream, buffer, parser, asio::use_awaitable);
      for (auto& event : parser_.feed(std::exchange(parser.get().body(), {})))
        events_.push_back(std::move(event));
    }
    if (events_.empty()) co_return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    co_return event;
  } catch (const system_error& e) {
    if (is_cancelled(e)) throw;
    lost = in_words(e);
  } catch (const std::length_error& e) {
    lost = e.what();
  }
  client_->fail(lost);
}

}  // namespace ordering::cli
