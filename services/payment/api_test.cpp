#include "payment/api.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "db/temporary_database.h"
#include "http/test_server.h"

namespace ordering::payment {
namespace {

namespace json = boost::json;

class PaymentApi : public testing::Test {
 protected:
  PaymentApi() { store_.migrate(); }

  static http::Router routed(Api& api) {
    http::Router router;
    api.add_to(router);
    return router;
  }
  http::TestResponse get(std::string_view target, std::string_view fields = {}) {
    return http::TestClient(server_.port()).get(target, fields);
  }
  static OrderId order(std::string_view id) { return OrderId::parse(id).value(); }

  db::TemporaryDatabase database_;
  db::Pool pool_{database_.url()};
  Store store_{pool_};
  http::Pool threads_;
  Api api_{store_, threads_};
  http::TestServer server_{routed(api_), {.service = "payment"}};
};

TEST_F(PaymentApi, ShowsAPayment) {
  (void)store_.charge(order("order-1"), Money::from_minor(10'050), false, now());
  const auto answer = get("/payments/order-1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"orderId":"order-1","state":"CAPTURED","amountMinor":10050})");
}

TEST_F(PaymentApi, ShowsWhyAPaymentWasDeclined) {
  (void)store_.charge(order("주문-1"), Money::from_minor(100'000'001), false, now());
  const auto answer = get("/payments/%EC%A3%BC%EB%AC%B8-1");
  EXPECT_EQ(answer.body,
            R"({"orderId":"주문-1","state":"DECLINED","amountMinor":100000001,"code":"P001"})");
}

TEST_F(PaymentApi, AnUnknownOrImpossibleOrderIs404) {
  for (const char* target : {"/payments/order-1", "/payments/-", "/payments/a%20b"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 404) << target;
    const auto problem = json::parse(answer.body).as_object();
    EXPECT_EQ(problem.at("code"), "HTTP_404");
    EXPECT_EQ(problem.at("service"), "payment");
  }
  EXPECT_NE(get("/payments/order-1", "Accept-Language: ko\r\n").body.find("결제가 없습니다"),
            std::string::npos);
}

TEST_F(PaymentApi, ShowsAnOrdersLedger) {
  (void)store_.charge(order("order-1"), Money::from_minor(100), false, now());
  (void)store_.refund(order("order-1"), now());
  (void)store_.charge(order("order-2"), Money::from_minor(7), false, now());
  const auto entries = json::parse(get("/ledger?orderId=order-1").body).at("entries").as_array();
  ASSERT_EQ(entries.size(), 4U);
  std::int64_t sum = 0;
  for (const auto& entry : entries) {
    EXPECT_EQ(entry.at("orderId"), "order-1");
    EXPECT_TRUE(entry.at("at").as_string().ends_with("Z"));
    EXPECT_TRUE(entry.at("seq").is_int64());
    sum += entry.at("amountMinor").as_int64();
  }
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(entries[1].at("account"), "revenue");
  EXPECT_EQ(entries[1].at("amountMinor"), 100);
}

TEST_F(PaymentApi, AnOrderWithoutMoneyHasAnEmptyLedger) {
  EXPECT_EQ(get("/ledger?orderId=order-1").body, R"({"entries":[]})");
}

TEST_F(PaymentApi, TheLedgerWantsAnOrderId) {
  EXPECT_EQ(get("/ledger").status, 400);
  EXPECT_EQ(get("/ledger?orderId=-").status, 400);
}

}  // namespace
}  // namespace ordering::payment
