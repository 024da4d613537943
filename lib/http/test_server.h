// For tests: a server on a thread of its own, and a client that sends exactly what it is told.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "http/negotiation.h"
#include "http/server.h"

namespace http {

class TestServer {
 public:
  explicit TestServer(Router router, ServerOptions options = {})
      : server_(io_.get_executor(), std::move(router), std::move(options)) {
    co_spawn(io_, server_.run(), rethrow);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~TestServer() {
    if (thread_.joinable()) stop(std::chrono::milliseconds(0));
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Ends when it has drained.
  void stop(std::chrono::milliseconds grace) {
    server_.stop(grace);
    thread_.join();
  }
  Server& server() { return server_; }
  boost::asio::io_context& io() { return io_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  boost::asio::io_context io_{1};
  Server server_;
  std::thread thread_;
};

struct TestResponse {
  int status = 0;
  std::string head = {};
  std::string body = {};
  std::string header(std::string_view name) const {
    for (std::size_t at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1)) {
      const auto line = std::string_view(head).substr(at + 1, head.find('\r', at) - at - 1);
      if (line.size() > name.size() && line[name.size()] == ':' &&
          same_word(line.substr(0, name.size()), name)) {
        return std::string(trimmed(line.substr(name.size() + 1)));
      }
    }
    return {};
  }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  // False when the server has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next answer; of one to HEAD only the head.
  TestResponse receive(bool head_only = false) {
    while (in_.find("\r\n\r\n") == std::string::npos) more();
    TestResponse response;
    const auto end = in_.find("\r\n\r\n") + 4;
    response.head = in_.substr(0, end);
    in_.erase(0, end);
    response.status = std::atoi(response.head.c_str() + std::string_view("HTTP/1.1 ").size());
    const auto length =
        head_only ? 0 : std::strtoul(response.header("Content-Length").c_str(), nullptr, 10);
    while (in_.size() < length) more();
    response.body = in_.substr(0, length);
    in_.erase(0, length);
    return response;
  }

  // One request on its own.
  TestResponse get(std::string_view target, std::string_view fields = {}) {
    return exchange("GET", target, fields, {});
  }
  TestResponse post(std::string_view target, std::string_view body,
                    std::string_view fields = "Content-Type: application/json\r\n") {
    return exchange("POST", target, fields, body);
  }
  TestResponse exchange(std::string_view method, std::string_view target, std::string_view fields,
                        std::string_view body) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(fields);
    if (!body.empty())
      text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    send(text.append("\r\n").append(body));
    return receive(method == "HEAD");
  }

  // What has come, or comes next, as it is.
  std::string piece() {
    if (in_.empty()) more();
    return std::exchange(in_, {});
  }

  // Whether the server closes without sending more.
  bool closed() {
    try {
      more();
      return false;
    } catch (const std::runtime_error&) {
      return closed_;
    }
  }

 private:
  void more() {
    constexpr int kPatience = 20'000;  // ms
    char bytes[16384];
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kPatience) <= 0) throw std::runtime_error("the server does not answer");
    const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
    closed_ = size == 0;
    if (size < 0) throw std::runtime_error("the connection was reset");
    if (size == 0) throw std::runtime_error("the server closed the connection");
    in_.append(bytes, static_cast<std::size_t>(size));
  }

  int socket_;
  std::string in_;
  bool closed_ = false;
};

}  // namespace http
