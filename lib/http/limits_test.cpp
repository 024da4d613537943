// Time, crowds and the end: what a server bounds beside sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include "http/operations.h"
#include "http/pool.h"
#include "http/test_server.h"

namespace http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

class Handlers {
 public:
  Router router() {
    Router router;
    router.get("/", *this, &Handlers::quick).get("/wait", *this, &Handlers::wait);
    router.post("/", *this, &Handlers::quick);
    return router;
  }
  void wait_begun() { begun_.get_future().wait(); }
  std::chrono::milliseconds length = 300ms;

 private:
  Task<Response> quick(const Request&) { co_return reply({{"quick", true}}); }
  Task<Response> wait(const Request&) {
    begun_.set_value();
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, length);
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return reply({{"waited", true}});
  }
  std::promise<void> begun_;
};

class LimitsTest : public testing::Test {
 protected:
  void start(ServerOptions options) {
    server = std::make_unique<TestServer>(handlers.router(), std::move(options));
  }
  Handlers handlers;
  std::unique_ptr<TestServer> server;
};

TEST_F(LimitsTest, ASlowHeadIsToldSo) {
  start({.header_timeout = 100ms});
  TestClient client(server->port());
  client.send("GET / HTTP/1.1\r\nAccept-Language: ko\r\nX-Slow");
  const auto response = client.receive();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.header("Content-Language"), "ko");
  EXPECT_TRUE(client.closed());
}

TEST_F(LimitsTest, DrippingDoesNotHelp) {
  start({.header_timeout = 100ms});
  TestClient client(server->port());
  const auto begin = Clock::now();
  while (client.send("a") && Clock::now() - begin < 10s) std::this_thread::yield();
  EXPECT_LT(Clock::now() - begin, 5s);
}

TEST_F(LimitsTest, ASlowBodyIsToldSo) {
  start({.body_timeout = 100ms});
  TestClient client(server->port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
      "10\r\n\r\n{");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.closed());
}

TEST_F(LimitsTest, ASilentConnectionIsClosed) {
  start({.header_timeout = 100ms, .idle_timeout = 100ms});
  TestClient silent(server->port());
  EXPECT_TRUE(silent.closed());
  TestClient idle(server->port());
  EXPECT_EQ(idle.get("/").status, 200);
  EXPECT_TRUE(idle.closed());
}

TEST_F(LimitsTest, OneConnectionTooManyIsTurnedAway) {
  start({.max_connections = 2});
  auto first = std::make_unique<TestClient>(server->port());
  TestClient second(server->port());
  EXPECT_EQ(first->get("/").status, 200);
  EXPECT_EQ(second.get("/").status, 200);
  TestClient third(server->port());
  const auto response = third.receive();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_THAT(response.body, HasSubstr("too many connections"));
  EXPECT_TRUE(third.closed());
  EXPECT_EQ(second.get("/").status, 200);
  first.reset();
  const auto begin = Clock::now();
  int status = 0;
  while (status != 200 && Clock::now() - begin < 10s)
    status = TestClient(server->port()).get("/").status;
  EXPECT_EQ(status, 200) << "a place that is free is given again";
}

TEST_F(LimitsTest, AStopFinishesWhatIsUnderWay) {
  start({});
  TestClient busy(server->port());
  TestClient idle(server->port());
  EXPECT_EQ(idle.get("/").status, 200);
  busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  handlers.wait_begun();
  server->server().stop(10s);
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto refused = idle.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("Connection"), "close");
  const auto finished = busy.receive();
  EXPECT_EQ(finished.body, R"({"waited":true})");
  EXPECT_EQ(finished.header("Connection"), "close");
  EXPECT_TRUE(busy.closed());
  EXPECT_TRUE(idle.closed());
  EXPECT_THROW(TestClient(server->port()), std::runtime_error);
}

TEST(Draining, AHealthRouteAnswersAndTheRestHasTheServicesCode) {
  Operations operations{{}};
  Router router;
  operations.add_to(router);
  TestServer server(std::move(router),
                    {.unavailable_code = [](std::string_view method, std::string_view path) {
                      return std::string(method) + std::string(path);
                    }});
  TestClient health(server.port());
  TestClient other(server.port());
  EXPECT_EQ(health.get("/livez").status, 200);
  EXPECT_EQ(other.get("/livez").status, 200);
  server.server().stop(10s);
  health.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  other.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto alive = health.receive();
  EXPECT_EQ(alive.status, 200);
  EXPECT_EQ(alive.body, R"({"status":"UP"})");
  EXPECT_EQ(alive.header("Connection"), "close");
  const auto refused = other.receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr(R"("code":"GET/metrics")"));
}

TEST_F(LimitsTest, AStopEndsIdleConnections) {
  start({});
  TestClient idle(server->port());
  EXPECT_EQ(idle.get("/").status, 200);
  const auto begin = Clock::now();
  server->stop(30s);
  EXPECT_LT(Clock::now() - begin, 10s);
  EXPECT_TRUE(idle.closed());
}

TEST_F(LimitsTest, WhatOutlastsTheGraceIsCancelled) {
  handlers.length = 1h;
  start({});
  TestClient busy(server->port());
  busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  handlers.wait_begun();
  const auto begin = Clock::now();
  server->stop(50ms);
  EXPECT_LT(Clock::now() - begin, 10s);
}

TEST_F(LimitsTest, AStopBeforeTheStartIsAStop) {
  start({});
  server->stop(0ms);
}

TEST_F(LimitsTest, AnAddressInUseIsNamed) {
  start({});
  try {
    TestServer other(Router(), {.port = server->port()});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(server->port())));
  }
  EXPECT_THROW(TestServer(Router(), {.host = "localhost"}), std::runtime_error);
}

TEST_F(LimitsTest, TheGateIsAskedBeforeTheBody) {
  start({.admit = [](const Request& request) {
    if (request.header("X-API-Key") != "k")
      throw Problem{.status = 401, .headers = {{"WWW-Authenticate", "ApiKey"}}};
  }});
  TestClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.header("WWW-Authenticate"), "ApiKey");
  EXPECT_EQ(TestClient(server->port()).get("/", "X-API-Key: k\r\n").status, 200);
}

TEST(Pool, RefusesMoreThanItHolds) {
  std::promise<void> gate;
  std::promise<void> begun;
  const auto open = gate.get_future().share();
  Pool pool{{.threads = 1, .max_waiting = 1}};
  pool.submit([open, &begun] {
    begun.set_value();
    open.wait();
  });
  begun.get_future().wait();
  pool.submit([] {});
  try {
    pool.submit([] {});
    ADD_FAILURE() << "no bound";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status, 503);
  }
  gate.set_value();
}

}  // namespace
}  // namespace http
