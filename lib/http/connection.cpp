#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <ctime>
#include <iterator>
#include <random>

#include "http/head_scanner.h"
#include "http/negotiation.h"
#include "http/request_parts.h"
#include "http/target.h"

namespace http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t kReadSize = 8192;
constexpr std::size_t kMaxRequestId = 128;
constexpr std::size_t kMaxChunkHeader =
    1024;  // what may wait in the buffer for a chunk's size to end
constexpr std::uint64_t kMaxChunkOverhead = 8;  // bytes on the wire for each byte a body may have
constexpr std::chrono::milliseconds kDrainIdle{500};  // a request may be on its way

Problem bad(const char* english, const char* korean) {
  return {.status = 400, .message = {english, korean}};
}

bool sane_request_id(std::string_view id) {
  const auto graphic = [](char c) { return c > 0x20 && c < 0x7F; };
  return !id.empty() && id.size() <= kMaxRequestId && std::ranges::all_of(id, graphic);
}

std::string new_request_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{:016x}{:016x}", random(), random());
}

// A line of the answer's head; a value cannot end its line.
void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') head += c;
  }
  head += "\r\n";
}

// The date of an answer, made once a second.
std::string_view http_date() {
  thread_local std::time_t at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == at) return text;
  at = now;
  std::tm parts{};
  gmtime_r(&now, &parts);
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

// What the parser found in the head that the scanner passed, as RFC 9112 wants it.
void check_head(const beast::http::request<beast::http::string_body>& message, bool chunked) {
  using beast::http::field;
  const auto hosts = message.count(field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) {
    throw bad("a request has one Host", "요청에는 Host가 하나 있어야 합니다");
  }
  const auto coding = message.find(field::transfer_encoding);
  if (coding != message.end() &&
      (!chunked || !same_word(view(coding->value()), "chunked") || message.version() == 10)) {
    throw bad("the only transfer coding taken is chunked", "전송 부호화는 chunked만 받습니다");
  }
  const auto expect = message.find(field::expect);
  if (expect != message.end() && !same_word(view(expect->value()), "100-continue")) {
    throw bad("the only expectation met is 100-continue", "Expect는 100-continue만 받습니다");
  }
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, Shared& shared)
    : socket_(std::move(socket)), shared_(shared) {
  wait_in(Phase::idle, shared_.options.header_timeout);
}

Task<> Connection::serve(bool crowded) {
  try {
    if (crowded) {
      co_await turn_away();
    } else {
      while (co_await exchange()) {
      }
    }
    co_await drop();
  } catch (const Gone&) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
  }
  error_code ignored;
  socket_.close(ignored);
}

void Connection::wait_in(Phase phase, Clock::duration bound) {
  phase_ = phase;
  deadline_ = Clock::now() + bound;
  expired_ = false;
}

void Connection::sweep(Clock::time_point now) {
  if (phase_ == Phase::handling || now < deadline_) return;
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (phase_ == Phase::idle) deadline_ = std::min(deadline_, Clock::now() + kDrainIdle);
}

void Connection::abandon() {
  abandoned_ = true;
  error_code ignored;
  socket_.close(ignored);
  cancelled_.emit(net::cancellation_type::terminal);
}

std::string_view Connection::buffered() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

Task<> Connection::read_some() {
  error_code error;
  const std::size_t size = co_await socket_.async_read_some(
      buffer_.prepare(kReadSize), net::redirect_error(net::use_awaitable, error));
  buffer_.commit(size);
  if (expired_ && (phase_ == Phase::head || phase_ == Phase::body)) {
    throw Problem{.status = 408,
                  .message = {"the request did not come in time", "요청이 제때 오지 않았습니다"}};
  }
  if (error) throw Gone{};
}

Task<bool> Connection::exchange() {
  Request request(std::make_unique<Request::Parts>());
  unread_ = true;
  started_ = {};
  const Response response = co_await answer(request);
  if (started_ == Clock::time_point()) started_ = Clock::now();

  const bool keep = !unread_ && !shared_.draining && !response.streamed && parser_->keep_alive();
  std::uint64_t sent = 0;
  bool written = true;
  try {
    co_await send(response, request, keep, sent);
  } catch (const Gone&) {
    written = false;
  }
  report(request, response.status, sent);
  if (!written) throw Gone{};
  wait_in(Phase::idle, shared_.options.idle_timeout);
  if (shared_.draining) drain();  // the stop came while this was being written
  fresh_ = false;
  co_return keep;
}

void Connection::report(const Request& request, unsigned status, std::uint64_t sent) {
  request.end_span(status);
  auto* observer = shared_.options.observer.get();
  if (!observer) return;
  const telemetry::Scope scope(request.trace());
  observer->finished({.method = request.method(),
                      .route = request.route(),
                      .path = request.path(),
                      .request_id = request.request_id(),
                      .status = status,
                      .duration = Clock::now() - started_,
                      .bytes_received = request.body().size(),
                      .bytes_sent = sent});
}

void Connection::tell_failed(const Request& request, std::string_view what) {
  auto* observer = shared_.options.observer.get();
  if (!observer) return;
  const telemetry::Scope scope(request.trace());
  observer->failed(request.request_id(), what);
}

// The handler's answer, or the problem that came instead.
Task<Response> Connection::answer(Request& request) {
  std::string failure;
  try {
    co_await read_head(request);
    const Router::Route& route = admit(request);
    if (route.options.traced) request.begin_span();
    co_await read_body(request);
    phase_ = Phase::handling;
    co_return co_await route.handler(request);
  } catch (const Problem& problem) {
    if (request.request_id().empty()) identify(request, buffered());
    co_return rendered(request, problem);
  } catch (const Gone&) {
    throw;
  } catch (const std::exception& error) {
    failure = error.what();
  } catch (...) {
    failure = "an exception that is no std::exception";
  }
  if (abandoned_) throw Gone{};
  tell_failed(request, failure);
  co_return rendered(
      request, {.status = 500,
                .message = {"the request could not be carried out", "요청을 처리하지 못했습니다"},
                .details = {{"requestId", request.request_id()}}});
}

Task<> Connection::read_head(Request& request) {
  HeadScanner scanner(shared_.options.max_target, shared_.options.max_fields);
  const auto begin = [&] {
    if (phase_ != Phase::idle || buffer_.size() == 0) return;
    const auto since = deadline_;  // a new connection's time runs from its start
    wait_in(Phase::head, shared_.options.header_timeout);
    if (fresh_) deadline_ = std::min(deadline_, since);
  };
  begin();
  while (!scanner.scan(buffered())) {
    co_await read_some();
    begin();
  }
  started_ = Clock::now();
  take_head(request, buffered().substr(scanner.begin(), scanner.end() - scanner.begin()));
  buffer_.consume(scanner.end());
}

void Connection::take_head(Request& request, std::string_view head) {
  identify(request, head);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(head.size() + 1));
  parser_->body_limit(boost::none);  // checked here, with an answer
  error_code error;
  parser_->put(net::buffer(head), error);
  if (error == beast::http::error::bad_version) {
    throw Problem{.status = 505,
                  .message = {"only HTTP/1.1 and HTTP/1.0 are spoken here",
                              "HTTP/1.1과 HTTP/1.0만 지원합니다"}};
  }
  if (error || !parser_->is_header_done()) {
    throw bad("the request's head is malformed", "요청 머리의 형식이 잘못되었습니다");
  }
  Request::Parts& parts = *request.parts_;
  parts.message.base() = std::move(parser_->get().base());
  check_head(parts.message, parser_->chunked());
  parts.method = view(parts.message.method_string());
  const Target target = split_target(view(parts.message.target()));
  parts.path = target.path;
  parts.query = query_parameters(target.query);
  unread_ = !parser_->is_done();
}

// Who asks in which language: known even of a head that is refused.
void Connection::identify(Request& request, std::string_view head) {
  const auto id = find_field(head, "X-Request-Id");
  error_code gone;
  const auto client = socket_.remote_endpoint(gone);
  if (!gone) request.parts_->client_address = client.address().to_string();
  request.parts_->request_id = sane_request_id(id) ? std::string(id) : new_request_id();
  request.parts_->language = preferred_language(find_field(head, "Accept-Language"));
}

const Router::Route& Connection::admit(Request& request) {
  const Router::Route& route = shared_.router.find(request);
  if (shared_.draining && !route.options.while_draining) {
    throw Problem{.status = 503,
                  .message = {"the service is stopping: try again shortly",
                              "서비스가 종료되는 중입니다. 잠시 뒤 다시 시도하십시오"},
                  .retry_after = shared_.options.retry_after};
  }
  if (shared_.options.admit && !route.options.open) shared_.options.admit(request);
  if (unread_) {
    check_body(parser_->content_length().value_or(0));
    Router::check_body(route, request);
  }
  return route;
}

void Connection::check_body(std::uint64_t received) const {
  const auto limit = shared_.options.max_body;
  if (received <= limit) return;
  const std::string bytes = std::to_string(limit);
  throw Problem{
      .status = 413,
      .message = {"the body is over " + bytes + " bytes", "본문이 " + bytes + "바이트를 넘습니다"}};
}

Task<> Connection::read_body(Request& request) {
  if (!unread_) co_return;
  wait_in(Phase::body, shared_.options.body_timeout);
  if (!request.header("Expect").empty() && buffer_.size() == 0) {
    co_await write("HTTP/1.1 100 Continue\r\n\r\n", {});
  }
  parser_->eager(true);
  std::size_t held = 0;  // bytes in the buffer that the parser could not use yet
  for (std::uint64_t received = 0; !parser_->is_done();) {
    if (buffer_.size() <= held) co_await read_some();
    error_code error;
    const std::size_t taken = parser_->put(buffer_.data(), error);
    buffer_.consume(taken);
    received += taken;
    held = buffer_.size();
    check_body(parser_->get().body().size());
    const bool endless =
        !parser_->is_done() &&
        (held > kMaxChunkHeader || received > kMaxChunkOverhead * shared_.options.max_body);
    if (endless || (error && error != beast::http::error::need_more)) {
      throw bad("the body's chunks are malformed", "본문의 chunk 형식이 잘못되었습니다");
    }
  }
  // The head's fields have moved to the request: what is here came after the body, and is not wanted.
  if (parser_->get().begin() != parser_->get().end()) {
    throw bad("trailer fields are not taken", "trailer 필드는 받지 않습니다");
  }
  request.parts_->message.body() = std::move(parser_->get().body());
  unread_ = false;
}

// In chunks, or to HTTP/1.0 as it is: there the close is the end.
class Connection::Pieces final : public Stream {
 public:
  Pieces(Connection& connection, bool chunked, std::uint64_t& sent)
      : connection_(connection), chunked_(chunked), sent_(sent) {}

  Task<> write(std::string piece) override {
    if (piece.empty()) co_return;
    co_await put(chunked_ ? fmt::format("{:x}\r\n", piece.size()) : std::string(), piece,
                 chunked_ ? "\r\n" : "");
    sent_ += piece.size();
  }
  Task<> finish() {
    if (chunked_) co_await put("0\r\n\r\n", {}, {});
  }

 private:
  Task<> put(std::string head, std::string_view body, std::string_view end) {
    connection_.wait_in(Phase::writing, connection_.shared_.options.write_timeout);
    co_await connection_.write(head, body, end);
    connection_.phase_ = Phase::handling;
  }

  Connection& connection_;
  bool chunked_;
  std::uint64_t& sent_;
};

Task<> Connection::send(const Response& response, const Request& request, bool keep,
                        std::uint64_t& sent) {
  const bool headless =
      request.method() == "HEAD" || response.status == 204 || response.status == 304;
  const bool streamed = response.streamed && !headless;
  const auto body = headless || streamed ? std::string_view() : std::string_view(response.body);
  wait_in(Phase::writing, shared_.options.write_timeout);
  co_await write(head_of(response, request, keep), body);
  sent = body.size();
  if (!streamed) co_return;
  phase_ = Phase::handling;
  Pieces pieces(*this, request.parts_->message.version() == 11, sent);
  std::string failure;
  try {
    co_await response.streamed->write_to(pieces);
    co_return co_await pieces.finish();
  } catch (const Gone&) {
    throw;
  } catch (const Problem& problem) {
    failure = problem.message.english;
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!abandoned_) tell_failed(request, failure);
  abandon();  // no end is sent, so the client knows that it is missing
  throw Gone{};
}

Task<> Connection::write(std::string_view head, std::string_view body, std::string_view end) {
  error_code error;
  const std::array<net::const_buffer, 3> all{net::buffer(head), net::buffer(body),
                                             net::buffer(end)};
  co_await net::async_write(socket_, all, net::redirect_error(net::use_awaitable, error));
  if (error) throw Gone{};
}

// Half-closes, and reads what still comes, so that the last answer is not lost to a reset.
Task<> Connection::drop() {
  error_code error;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, error);
  wait_in(Phase::dropping, Server::kMaxDropTime);
  for (std::size_t dropped = buffer_.size(); dropped < Server::kMaxDropped;) {
    buffer_.consume(buffer_.size());
    co_await read_some();
    dropped += buffer_.size();
  }
}

Task<> Connection::turn_away() {
  Request nobody(std::make_unique<Request::Parts>());
  identify(nobody, {});
  unread_ = true;
  const Response response =
      rendered(nobody, {.status = 503,
                        .message = {"too many connections: try again shortly",
                                    "연결이 너무 많습니다. 잠시 뒤 다시 시도하십시오"},
                        .retry_after = shared_.options.retry_after});
  wait_in(Phase::writing, Server::kMaxDropTime);
  co_await write(head_of(response, nobody, false), response.body);
}

Response Connection::rendered(const Request& request, Problem problem) const {
  const auto language = request.language();
  const auto& unavailable_code = shared_.options.unavailable_code;
  if (problem.status == 503 && problem.code.empty() && unavailable_code)
    problem.code = unavailable_code(request.method(), request.path());
  const auto& types = shared_.options.problem_types;
  if (problem.type.empty() && !types.empty()) problem.type = types + code_of(problem);
  Response response{.status = problem.status,
                    .body = to_json(problem, language, shared_.options.service),
                    .content_type = "application/problem+json",
                    .headers = problem.headers};
  response.headers.emplace_back("Content-Language", language == Language::korean ? "ko" : "en");
  if (problem.retry_after > std::chrono::seconds(0)) {
    response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after.count()));
  }
  return response;
}

std::string Connection::head_of(const Response& response, const Request& request, bool keep) const {
  std::string head;
  head.reserve(256);
  fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status,
                 status_text(response.status).english);
  add_field(head, "Date", http_date());
  if (response.status != 204 && response.status != 304) {
    if (!response.content_type.empty()) add_field(head, "Content-Type", response.content_type);
    if (!response.streamed)
      fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
    else if (request.parts_->message.version() == 11)
      add_field(head, "Transfer-Encoding", "chunked");
  }
  add_field(head, "X-Request-Id", request.request_id());
  for (const auto& [name, value] : response.headers) add_field(head, name, value);
  if (!keep) {
    add_field(head, "Connection", "close");
  } else if (request.parts_->message.version() == 10) {
    add_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

}  // namespace http
