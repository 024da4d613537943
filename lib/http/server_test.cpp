#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "http/pool.h"
#include "http/test_server.h"

namespace http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// What the tests ask for.
class Shop {
 public:
  void add_to(Router& router) {
    router.get("/orders/{orderId}", *this, &Shop::order)
        .post("/orders", *this, &Shop::create)
        .get("/orders", *this, &Shop::list)
        .get("/orders/special", *this, &Shop::special)
        .get("/slow", *this, &Shop::slow)
        .get("/pooled", *this, &Shop::pooled)
        .get("/fails", *this, &Shop::fails)
        .get("/refuses", *this, &Shop::refuses)
        .get("/text", *this, &Shop::text, {.produces = "text/plain"});
  }
  Router router() {
    Router router;
    add_to(router);
    return router;
  }
  std::atomic<bool> slow_begun = false;

 private:
  Task<Response> order(const Request& request) {
    co_return reply({{"orderId", request.param("orderId")},
                     {"wait", request.query_integer("wait", 1, 30).value_or(0)}});
  }
  Task<Response> create(const Request& request) {
    const Json body = request.json();
    co_return reply({{"orderId", body.text("orderId")}, {"amount", body.number("amount")}});
  }
  Task<Response> list(const Request& request) {
    co_return reply({{"q", request.query("q").value_or("")}});
  }
  Task<Response> special(const Request&) { co_return reply({{"special", true}}); }
  Task<Response> slow(const Request&) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 300ms);
    slow_begun = true;
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return reply({{"slow", true}});
  }
  Task<Response> pooled(const Request&) {
    const int answer = co_await on_pool(pool_, [] { return 42; });
    try {
      co_await on_pool(pool_, [] { throw std::runtime_error("the store is gone"); });
    } catch (const std::runtime_error& error) {
      co_return reply({{"answer", answer}, {"error", error.what()}});
    }
    co_return Response{};
  }
  Task<Response> fails(const Request&) {
    throw std::runtime_error("secret: SELECT * FROM payment");
    co_return Response{};
  }
  Task<Response> refuses(const Request&) {
    throw Problem{.status = 409,
                  .code = "ORD006",
                  .message = {"the amount differs", "금액이 다릅니다"},
                  .details = {{"orderId", "order-1"}},
                  .retry_after = 3s};
    co_return Response{};
  }
  Task<Response> text(const Request&) {
    co_return Response{.body = "plain", .content_type = "text/plain"};
  }

  Pool pool_{{.threads = 2}};
};

class Watcher final : public Observer {
 public:
  void finished(const Exchange& exchange) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(exchange.method) + " " + std::string(exchange.route) + " " +
                     std::to_string(exchange.status) + " " + std::string(exchange.request_id));
  }
  void failed(std::string_view, std::string_view what) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(what);
  }
  void connections(std::size_t) override {}
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class ServerTest : public testing::Test {
 protected:
  ServerOptions options() { return {.service = "order", .observer = watcher}; }
  std::shared_ptr<Watcher> watcher = std::make_shared<Watcher>();
  Shop shop;
  TestServer server{shop.router(), options()};
  TestClient client{server.port()};
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  for (int i = 0; i < 3; ++i) {
    const auto response = client.get("/orders/order-1?wait=5");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("Content-Type"), "application/json");
    EXPECT_EQ(response.header("Connection"), "");
    EXPECT_THAT(response.header("Date"), EndsWith("GMT"));
    EXPECT_EQ(response.body, R"({"orderId":"order-1","wait":5})");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += "GET /orders/" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    text +=
        "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
        "26\r\n\r\n"
        R"({"orderId":"a","amount":7})";
  }
  client.send(text);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.receive().body, "{\"orderId\":\"" + std::to_string(i) + "\",\"wait\":0}");
    EXPECT_EQ(client.receive().body, R"({"orderId":"a","amount":"7"})");
  }
}

TEST_F(ServerTest, ARequestMayComeByteByByte) {
  const std::string text =
      "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "5;x=y\r\n{\"ord\r\n15\r\nerId\":\"a\",\"amount\":7}\r\n0\r\n\r\n";
  for (const char c : text) client.send({&c, 1});
  EXPECT_EQ(client.receive().body, R"({"orderId":"a","amount":"7"})");
  EXPECT_EQ(client.get("/orders/x").status, 200);
}

TEST_F(ServerTest, HeadIsGetWithoutABody) {
  const auto response = client.exchange("HEAD", "/orders/order-1", {}, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), "30");
  EXPECT_EQ(client.get("/orders/x").status, 200);
}

TEST_F(ServerTest, Http10ClosesUnlessAskedNotTo) {
  client.send("GET /text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.receive().header("Connection"), "keep-alive");
  client.send("GET /text HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().header("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AClientMayAskToClose) {
  const auto response = client.get("/text", "Connection: close\r\n");
  EXPECT_EQ(response.body, "plain");
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, ExpectIsMetOnlyWhenTheBodyIsWanted) {
  client.send(
      "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: "
      "100-continue\r\n"
      "Content-Length: 26\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send(R"({"orderId":"a","amount":7})");
  EXPECT_EQ(client.receive().status, 200);
  client.send(
      "POST /orders HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(ServerTest, WorkOnAPoolComesBack) {
  EXPECT_EQ(client.get("/pooled").body, R"({"answer":42,"error":"the store is gone"})");
}

TEST_F(ServerTest, RequestIdsAreEchoedWhenSaneElseMade) {
  EXPECT_EQ(client.get("/text", "X-Request-Id: abc-123\r\n").header("X-Request-Id"), "abc-123");
  EXPECT_EQ(client.get("/text").header("X-Request-Id").size(), 32);
  EXPECT_EQ(client.get("/text", "X-Request-Id: " + std::string(129, 'a') + "\r\n")
                .header("X-Request-Id")
                .size(),
            32);
  EXPECT_EQ(client.get("/text", "X-Request-Id: a b\r\n").header("X-Request-Id").size(), 32);
  EXPECT_NE(client.get("/text").header("X-Request-Id"), client.get("/text").header("X-Request-Id"));
  EXPECT_EQ(client.get("/nothing", "x-request-id: of-a-404\r\n").header("X-Request-Id"),
            "of-a-404");
}

TEST_F(ServerTest, AProblemIsADocument) {
  const auto response = client.get("/refuses");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.header("Content-Language"), "en");
  EXPECT_EQ(response.header("Retry-After"), "3");
  EXPECT_EQ(
      response.body,
      R"({"type":"about:blank","title":"Conflict","status":409,"detail":"the amount differs",)"
      R"("code":"ORD006","message":"the amount differs","service":"order","details":{"orderId":"order-1"}})");
  const auto korean = client.get("/refuses", "Accept-Language: ko-KR,ko;q=0.9,en;q=0.8\r\n");
  EXPECT_EQ(korean.header("Content-Language"), "ko");
  EXPECT_THAT(korean.body, HasSubstr(R"("title":"충돌","status":409,"detail":"금액이 다릅니다")"));
  EXPECT_EQ(client.get("/text").status, 200) << "the connection goes on";
}

TEST_F(ServerTest, AProblemsTypeLeadsToTheCatalogue) {
  TestServer other(shop.router(), {.service = "order", .problem_types = "/errors/"});
  TestClient asking(other.port());
  EXPECT_THAT(asking.get("/refuses").body, HasSubstr(R"({"type":"/errors/ORD006",)"));
  EXPECT_THAT(asking.get("/nothing").body, HasSubstr(R"({"type":"/errors/HTTP_404",)"));
}

TEST_F(ServerTest, AnUnexpectedExceptionShowsNothing) {
  const auto response = client.get("/fails", "X-Request-Id: r1\r\n");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("SELECT")));
  EXPECT_THAT(response.body, HasSubstr(R"("code":"HTTP_500")"));
  EXPECT_THAT(response.body, HasSubstr(R"("details":{"requestId":"r1"})"));
  server.stop(1s);
  EXPECT_THAT(watcher->lines(),
              testing::ElementsAre("secret: SELECT * FROM payment", "GET /fails 500 r1"));
}

TEST_F(ServerTest, TheObserverSeesRoutesNotPaths) {
  client.get("/orders/order-1", "X-Request-Id: r1\r\n");
  client.get("/nowhere", "X-Request-Id: r2\r\n");
  server.stop(1s);
  EXPECT_THAT(watcher->lines(),
              testing::ElementsAre("GET /orders/{orderId} 200 r1", "GET  404 r2"));
}

// Routes and addresses.

TEST_F(ServerTest, RoutesByPathAndMethod) {
  EXPECT_EQ(client.get("/orders/special").body, R"({"special":true})");
  EXPECT_EQ(client.get("/orders/order-1/more").status, 404);
  EXPECT_EQ(client.get("/orders/").status, 404);
  EXPECT_EQ(client.get("/").status, 404);
  const auto response = client.exchange("DELETE", "/orders", {}, {});
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.header("Allow"), "POST, GET, HEAD");
  EXPECT_EQ(client.exchange("BREW", "/orders", {}, {}).status, 405);
}

TEST_F(ServerTest, AddressesAreDecoded) {
  EXPECT_EQ(client.get("/orders/%EC%A3%BC%EB%AC%B8-1").body, R"({"orderId":"주문-1","wait":0})");
  EXPECT_EQ(client.get("/orders/주문-1").body, R"({"orderId":"주문-1","wait":0})");
  EXPECT_EQ(client.get("/orders/a%2Fb+c").body, R"({"orderId":"a/b+c","wait":0})");
  EXPECT_EQ(client.get("/%6frders/a").status, 200);
  EXPECT_EQ(client.get("/orders?q=a+b%26%ED%95%9C").body, R"({"q":"a b&한"})");
  EXPECT_EQ(client.get("http://test/orders/x?wait=1").body, R"({"orderId":"x","wait":1})");
}

TEST_F(ServerTest, AddressesThatCannotBeReadAre400) {
  for (const char* target : {"/orders/%", "/orders/%zz", "/orders/%4", "/orders/%FF",
                             "/orders/a%00b", "/orders/%ED%A0%80", "/orders?q=%", "/orders?q=%C3",
                             "/orders?q=1&q=2", "/orders/a#b", "*", "orders"}) {
    const auto response = TestClient(server.port()).get(target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_THAT(response.body, HasSubstr(R"("code":"HTTP_400")")) << target;
  }
}

TEST_F(ServerTest, QueryNumbersHaveARange) {
  for (const char* wait : {"0", "31", "-1", "1.5", "", "x", "99999999999999999999", "5 "}) {
    const auto response =
        client.get("/orders/a?wait=" + std::string(wait == std::string("5 ") ? "5%20" : wait));
    EXPECT_EQ(response.status, 400) << wait;
    EXPECT_THAT(response.body, HasSubstr("wait must be a whole number, 1 to 30")) << wait;
  }
}

// What is taken and given.

TEST_F(ServerTest, AcceptIsHonoured) {
  EXPECT_EQ(client.get("/text", "Accept: application/json\r\n").status, 406);
  EXPECT_EQ(client.get("/text", "Accept: text/*;q=0.1, application/json\r\n").status, 200);
  EXPECT_EQ(client.get("/text", "Accept: */*\r\n").status, 200);
  EXPECT_EQ(client.get("/text", "Accept: text/plain;q=0, */*\r\n").status, 406);
}

TEST_F(ServerTest, ContentTypeMustBeTaken) {
  const auto* body = R"({"orderId":"a","amount":7})";
  const auto status = [&](const char* fields) {
    return TestClient(server.port()).post("/orders", body, fields).status;
  };
  EXPECT_EQ(status("Content-Type: application/json\r\n"), 200);
  EXPECT_EQ(status("Content-Type: Application/JSON; charset=\"UTF-8\"\r\n"), 200);
  EXPECT_EQ(status("Content-Type: application/json; charset=euc-kr\r\n"), 415);
  EXPECT_EQ(status("Content-Type: application/x-www-form-urlencoded\r\n"), 415);
  EXPECT_EQ(status(""), 415);
}

TEST_F(ServerTest, BodiesThatAreNotJsonAre400) {
  for (const char* body : {"{", "{\"orderId\":1,\"amount\":7}", "[]", "{\"amount\":7}", "{} {}",
                           "\xFF", R"({"orderId":"a","orderId":"a","amount":7})"}) {
    EXPECT_EQ(client.post("/orders", body).status, 400) << body;
  }
  EXPECT_EQ(client.exchange("POST", "/orders", {}, {}).status, 400);
}

// Limits.

TEST_F(ServerTest, ABodyOverTheLimitIsRefusedFromTheHeadAlone) {
  client.send("POST /orders HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.header("Connection"), "close");
}

TEST_F(ServerTest, TheAnswerComesThoughTheClientGoesOnSending) {
  client.send("POST /orders HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(900'000, 'x')));
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, AChunkedBodyIsRefusedWhenItPassesTheLimit) {
  client.send(
      "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  const std::string chunk = "8000\r\n" + std::string(0x8000, ' ') + "\r\n";
  client.send(chunk + chunk + chunk);
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(ServerTest, ABodyAtTheLimitIsTaken) {
  std::string body = R"({"orderId":"a","amount":7})";
  body.append(65536 - body.size(), ' ');
  EXPECT_EQ(client.post("/orders", body).status, 200);
}

TEST_F(ServerTest, TargetsHaveALimit) {
  EXPECT_EQ(client.get("/orders?q=" + std::string(8192 - 10, 'a')).status, 200);
  EXPECT_EQ(client.get("/orders?q=" + std::string(8192 - 9, 'a')).status, 414);
  TestClient endless(server.port());
  endless.send("GET /" + std::string(20'000, 'a'));
  EXPECT_EQ(endless.receive().status, 414);
}

TEST_F(ServerTest, HeaderFieldsHaveALimitTogether) {
  const std::string host = "Host: test\r\n";
  const auto field = [](std::size_t bytes) { return "X: " + std::string(bytes - 5, 'a') + "\r\n"; };
  EXPECT_EQ(client.get("/text", field(16384 - host.size())).status, 200);
  EXPECT_EQ(client.get("/text", field(16384 - host.size() + 1)).status, 431);
  TestClient many(server.port());
  std::string fields;
  for (int i = 0; i < 3000; ++i) fields += "A: b\r\n";
  const auto response = many.get("/text", "Accept-Language: ko\r\n" + fields);
  EXPECT_EQ(response.status, 431);
  EXPECT_EQ(response.header("Content-Language"), "ko");
}

TEST_F(ServerTest, SmugglersAreRefused) {
  const std::string host = "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
  const std::string chunked = host + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& text : {
           host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
           host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
           host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
           host + "Content-Length: 5, 6\r\n\r\n",
           host + "Content-Length: +5\r\n\r\n",
           host + "Content-Length: -5\r\n\r\n",
           host + "Content-Length: 0x5\r\n\r\n",
           host + "Content-Length: 99999999999999999999999\r\n\r\n",
           host + "Content-Length:\r\n\r\n",
           host + "Content-Length : 5\r\n\r\n",
           host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           host + "Transfer-Encoding: chunked, chunked\r\n\r\n",
           host + "Transfer-Encoding: xchunked\r\n\r\n",
           host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
           host + "X: a\r\n folded\r\n\r\n",
           host + "X: a\n\r\n",
           host + "X\r\n\r\n",
           host + ": x\r\n\r\n",
           host + "X: a\rb\r\n\r\n",
           host + std::string("X: a\0b\r\n\r\n", 10),
           host + "Host: other\r\n\r\n",
           std::string("GET /text HTTP/1.1\r\n\r\n"),
           std::string("GET /text HTTP/1.1\nHost: h\n\n"),
           std::string("GET  /text HTTP/1.1\r\nHost: h\r\n\r\n"),
           std::string("GET /te xt HTTP/1.1\r\nHost: h\r\n\r\n"),
           std::string("GET /text\r\nHost: h\r\n\r\n"),
           std::string("\r\n\r\n\r\n\r\nGET /text HTTP/1.1\r\nHost: h\r\n\r\n"),
           std::string("\x16\x03\x01\x02"),
           std::string("POST /orders HTTP/1.0\r\nContent-Type: "
                       "application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
           chunked + "zz\r\n",
           chunked + "-1\r\n",
           chunked + "0x5\r\nhello\r\n0\r\n\r\n",
           chunked + "5\nhello\r\n0\r\n\r\n",
           chunked + "5 \r\nhello\r\n0\r\n\r\n",
           chunked + "2\r\nhello\r\n0\r\n\r\n",
           chunked + "fffffffffffffffff\r\n",
           chunked + "1;" + std::string(5000, 'a'),
           chunked + "2\r\n{}\r\n0\r\nX-Request-Id: late\r\n\r\n",
       }) {
    TestClient smuggler(server.port());
    smuggler.send(text);
    const auto response = smuggler.receive();
    EXPECT_EQ(response.status, 400) << text;
    EXPECT_EQ(response.header("Connection"), "close") << text;
  }
}

TEST_F(ServerTest, OtherVersionsAndExpectationsAreRefused) {
  client.send("GET /text HTTP/2.0\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 505);
  EXPECT_EQ(TestClient(server.port()).get("/text", "Expect: tea\r\n").status, 400);
}

TEST_F(ServerTest, AnEmptyLineBeforeARequestIsSkipped) {
  client.send("\r\nGET /text HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
}

}  // namespace
}  // namespace http
