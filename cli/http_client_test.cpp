// Against a server that does what no shop does: closes kept connections, is silent, breaks off.
#include "cli/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "cli/shop.h"

namespace ordering::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using testing::HasSubstr;

std::string answer(const std::string& body, unsigned status = 200) {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Answers the requests of each connection with its texts, then closes it; an empty text: silence.
class ScriptedServer {
 public:
  using Script = std::vector<std::vector<std::string>>;

  ScriptedServer(asio::io_context& io, Script script) : acceptor_(io, {tcp::v4(), 0}) {
    asio::co_spawn(io, serve(std::move(script)), asio::detached);
  }
  ClientOptions options() const {
    const auto port = std::to_string(acceptor_.local_endpoint().port());
    return {.server = {.host = "127.0.0.1", .port = port, .url = "http://127.0.0.1"},
            .timeout = 300ms};
  }
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  Task<> serve(Script script) {
    for (const auto& texts : script) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      for (const auto& text : texts) {
        std::string request;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                        asio::use_awaitable);
        requests_.push_back(request);
        if (text.empty()) co_await pause(1h);
        co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
      }
    }
  }
  tcp::acceptor acceptor_;
  std::vector<std::string> requests_;
};

template <class T>
T result_of(asio::io_context& io, Task<T> task) {
  io.restart();  // it may have run out of work before
  auto result = asio::co_spawn(io, std::move(task), asio::use_future);
  while (result.wait_for(0s) != std::future_status::ready) io.run_one();
  return result.get();
}

std::string failure_of(asio::io_context& io, Task<Answer> task) {
  try {
    result_of(io, std::move(task));
  } catch (const Failure& e) {
    EXPECT_EQ(e.exit_code(), ExitCode::unreachable);
    return e.what();
  }
  return "none";
}

TEST(Connection, IsKeptAndOpenedAgainOnceClosed) {
  asio::io_context io;
  ScriptedServer server(io, {{answer("1"), answer("2")}, {answer("3")}});
  Client client(server.options());
  Connection connection(client);
  for (const char* body : {"1", "2", "3"})
    EXPECT_EQ(result_of(io, connection.send({.target = "/x"})).body, body);
}

TEST(Connection, AFirstOneThatIsClosedIsNotTriedAgain) {
  asio::io_context io;
  ScriptedServer server(io, {{}, {answer("1")}});
  Client client(server.options());
  Connection connection(client);
  EXPECT_THAT(failure_of(io, connection.send({.target = "/x"})), HasSubstr("does not answer"));
}

TEST(Connection, ASilenceHasAnEnd) {
  asio::io_context io;
  ScriptedServer server(io, {{""}});
  Client client(server.options());
  Connection connection(client);
  EXPECT_THAT(failure_of(io, connection.send({.target = "/x"})), HasSubstr("took too long"));
}

TEST(Connection, ABodyIsBounded) {
  asio::io_context io;
  ScriptedServer server(io, {{"HTTP/1.1 200 x\r\nContent-Length: 99999999999\r\n\r\n"}});
  Client client(server.options());
  Connection connection(client);
  EXPECT_THAT(failure_of(io, connection.send({.target = "/x"})), HasSubstr("body"));
}

TEST(Connection, SendsWhatTheShopNeeds) {
  asio::io_context io;
  ScriptedServer server(io, {{answer("")}});
  auto options = server.options();
  options.api_key = "s3cret";
  options.language = "ko";
  Client client(options);
  Connection connection(client);
  result_of(io, connection.send({.method = "POST", .target = "/x", .body = "{}"}));
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(server.requests()[0], HasSubstr("POST /x HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests()[0], HasSubstr("Authorization: Bearer s3cret\r\n"));
  EXPECT_THAT(server.requests()[0], HasSubstr("Accept-Language: ko\r\n"));
  EXPECT_THAT(server.requests()[0], HasSubstr("Content-Type: application/json\r\n"));
}

Task<std::string> all_of(EventStream& stream) {
  std::string told;
  while (const auto event = co_await stream.next()) told += event->id + '=' + event->data + ';';
  co_return told;
}

TEST(EventStream, ToldChunkByChunkToItsEnd) {
  asio::io_context io;
  ScriptedServer server(io, {{"HTTP/1.1 200 x\r\nContent-Type: text/event-stream\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "8\r\nid: 1\nda\r\n9\r\nta: a\n\n:\n\r\n1\r\n\n\r\n"
                              "f\r\nid: 2\ndata: b\n\n\r\n0\r\n\r\n"}});
  Client client(server.options());
  EventStream stream(client);
  EXPECT_FALSE(result_of(io, stream.open("/events", "0")).has_value());
  EXPECT_EQ(result_of(io, all_of(stream)), "1=a;2=b;");
  EXPECT_THAT(server.requests()[0], HasSubstr("Last-Event-ID: 0\r\n"));
}

TEST(EventStream, BrokenOffIsAFailure) {
  asio::io_context io;
  ScriptedServer server(io,
                        {{"HTTP/1.1 200 x\r\nContent-Type: text/event-stream\r\n"
                          "Transfer-Encoding: chunked\r\n\r\nf\r\nid: 1\ndata: a\n\n\r\n5\r\n"}});
  Client client(server.options());
  EventStream stream(client);
  EXPECT_FALSE(result_of(io, stream.open("/events", "")).has_value());
  EXPECT_EQ(result_of(io, stream.next())->data, "a");
  EXPECT_THROW(result_of(io, stream.next()), Failure);
}

TEST(EventStream, AProblemInItsPlaceIsHandedOn) {
  asio::io_context io;
  ScriptedServer server(io, {{answer("{}", 404)}});
  Client client(server.options());
  EventStream stream(client);
  EXPECT_EQ(result_of(io, stream.open("/events", ""))->status, 404U);
}

TEST(Shop, ProblemsAreFailuresWithTheirExitStatus) {
  const auto failure = [](unsigned status, std::string body) {
    return to_failure({.status = status, .body = std::move(body)});
  };
  const std::string problem = R"({"title":"t","detail":"Too late.","code":"ORD005","status":409})";
  const auto conflict = failure(409, problem);
  EXPECT_EQ(conflict.exit_code(), ExitCode::conflict);
  EXPECT_STREQ(conflict.what(), "Too late. (ORD005)");
  EXPECT_EQ(conflict.document(), problem);
  EXPECT_EQ(failure(400, "").exit_code(), ExitCode::usage);
  EXPECT_EQ(failure(401, "").exit_code(), ExitCode::denied);
  EXPECT_EQ(failure(403, "").exit_code(), ExitCode::denied);
  EXPECT_EQ(failure(404, "").exit_code(), ExitCode::not_found);
  EXPECT_EQ(failure(429, "").exit_code(), ExitCode::unreachable);
  EXPECT_EQ(failure(503, "<html>").exit_code(), ExitCode::unreachable);
  EXPECT_STREQ(failure(503, "<html>").what(), "The shop answers HTTP 503.");
  EXPECT_EQ(failure(302, "").exit_code(), ExitCode::unreachable);
}

TEST(Shop, AskedAgainUntilTheEndWhileItDoesNotAnswer) {
  asio::io_context io;
  const std::string running = R"({"orderId":"a","status":"PROCESSING","message":""})";
  const std::string done = R"({"orderId":"a","status":"COMPLETED","message":""})";
  ScriptedServer server(io, {{answer("", 503), answer(running), answer(done)}});
  Client client(server.options());
  Shop shop(client);
  EXPECT_EQ(result_of(io, shop.status_at_end("a", Clock::now() + 20s)), "COMPLETED");
  EXPECT_EQ(server.requests().size(), 3U);
}

}  // namespace
}  // namespace ordering::cli
