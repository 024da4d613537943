#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "http/server_sent_events.h"
#include "http/test_server.h"

namespace http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// Three events; or events without end; or a failure after the first.
class Events final : public StreamedBody {
 public:
  enum class Kind { three, endless, failing };
  Events(Kind kind, std::atomic<int>& written, std::atomic<bool>& ended)
      : kind_(kind), written_(written), ended_(ended) {}
  ~Events() override { ended_ = true; }

  Task<> write_to(Stream& stream) override {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (int n = 1; kind_ != Kind::three || n <= 3; ++n) {
      if (kind_ == Kind::failing && n == 2) throw std::runtime_error("the history is gone");
      co_await stream.write(to_text({.id = std::to_string(n), .event = "tick", .data = "{}"}));
      written_ = n;
      timer.expires_after(1ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }

 private:
  Kind kind_;
  std::atomic<int>& written_;
  std::atomic<bool>& ended_;
};

class Api {
 public:
  Router router() {
    Router router;
    const RouteOptions events{.produces = std::string(kEventStream)};
    router.get("/three", *this, &Api::three, events)
        .get("/endless", *this, &Api::endless, events)
        .get("/failing", *this, &Api::failing, events);
    return router;
  }
  std::atomic<int> written = 0;
  std::atomic<bool> ended = false;

 private:
  Task<Response> three(const Request&) { co_return events(Events::Kind::three); }
  Task<Response> endless(const Request&) { co_return events(Events::Kind::endless); }
  Task<Response> failing(const Request&) { co_return events(Events::Kind::failing); }
  Response events(Events::Kind kind) {
    return event_stream(std::make_shared<Events>(kind, written, ended));
  }
};

std::string all_of(TestClient& client) {
  std::string text;
  try {
    for (;;) text += client.piece();
  } catch (const std::runtime_error&) {
    return text;
  }
}

TEST(Stream, ComesInChunksAndThenTheConnectionCloses) {
  Api api;
  TestServer server(api.router());
  TestClient client(server.port());
  client.send("GET /three HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
  const auto text = all_of(client);
  EXPECT_THAT(text, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(text, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\n1c\r\nid: 2\nevent: tick\ndata: {}\n\n\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n0\r\n\r\n"));
}

TEST(Stream, OfHttp10HasNoChunks) {
  Api api;
  TestServer server(api.router());
  TestClient client(server.port());
  client.send("GET /three HTTP/1.0\r\n\r\n");
  const auto text = all_of(client);
  EXPECT_THAT(text, Not(HasSubstr("chunked")));
  EXPECT_THAT(text, EndsWith("id: 3\nevent: tick\ndata: {}\n\n"));
}

TEST(Stream, OfHeadIsItsHeadAlone) {
  Api api;
  TestServer server(api.router());
  TestClient client(server.port());
  const auto answer = client.exchange("HEAD", "/endless", {}, {});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(api.written, 0);
}

TEST(Stream, ThatFailsHasNoEnd) {
  Api api;
  TestServer server(api.router());
  TestClient client(server.port());
  client.send("GET /failing HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(all_of(client), EndsWith("id: 1\nevent: tick\ndata: {}\n\n\r\n"));
}

TEST(Stream, EndsWhenTheClientHasGone) {
  Api api;
  TestServer server(api.router());
  {
    TestClient client(server.port());
    client.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    while (api.written < 2) std::this_thread::yield();
  }
  while (!api.ended) std::this_thread::yield();
}

TEST(Stream, IsCutWhenTheServerHasNoTimeLeft) {
  Api api;
  TestServer server(api.router());
  TestClient client(server.port());
  client.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
  while (api.written < 2) std::this_thread::yield();
  server.stop(10ms);
  EXPECT_TRUE(api.ended);
}

}  // namespace
}  // namespace http
