#include "delivery/api.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "db/temporary_database.h"
#include "http/test_server.h"

namespace ordering::delivery {
namespace {

namespace json = boost::json;

class DeliveryApi : public testing::Test {
 protected:
  DeliveryApi() { store_.migrate(); }

  static http::Router routed(Api& api) {
    http::Router router;
    api.add_to(router);
    return router;
  }
  http::TestResponse get(std::string_view target) {
    return http::TestClient(server_.port()).get(target);
  }
  http::TestResponse put_couriers(std::string_view body) {
    return http::TestClient(server_.port())
        .exchange("PUT", "/couriers", "Content-Type: application/json\r\n", body);
  }
  static OrderId order(std::string_view id) { return OrderId::parse(id).value(); }

  db::TemporaryDatabase database_;
  db::Pool pool_{database_.url()};
  Store store_{pool_};
  http::Pool threads_;
  Api api_{store_, threads_};
  http::TestServer server_{routed(api_), {.service = "delivery"}};
};

TEST_F(DeliveryApi, ShowsADeliveryWithItsStages) {
  const Timetable at_once(0);
  const Timestamp when(std::chrono::milliseconds(1'795'376'336'007));
  (void)store_.proceed(order("order-1"), at_once, when);
  (void)store_.proceed(order("order-1"), at_once, when);
  EXPECT_EQ(get("/deliveries/order-1").body,
            R"({"orderId":"order-1","state":"DEPARTED","since":"2026-11-22T19:38:56.007Z",)"
            R"("changes":[{"state":"REQUESTED","at":"2026-11-22T19:38:56.007Z"},)"
            R"({"state":"DEPARTED","at":"2026-11-22T19:38:56.007Z"}]})");
}

TEST_F(DeliveryApi, ShowsWhyADeliveryWasRejected) {
  (void)store_.proceed(order("order-9"), Timetable(), now());
  const auto delivery = json::parse(get("/deliveries/order-9").body);
  EXPECT_EQ(delivery.at("state"), "REJECTED");
  EXPECT_EQ(delivery.at("code"), "D002");
}

TEST_F(DeliveryApi, AnUnknownOrImpossibleOrderIs404) {
  EXPECT_EQ(get("/deliveries/order-1").status, 404);
  EXPECT_EQ(get("/deliveries/-").status, 404);
}

TEST_F(DeliveryApi, SetsTheCouriers) {
  EXPECT_EQ(put_couriers(R"({"available":0})").body, R"({"available":0})");
  EXPECT_EQ(store_.proceed(order("order-1"), Timetable(), now()).error(),
            Refusal{Code::no_available_courier});
  for (const char* body : {"{}", R"({"available":-1})", R"({"available":1.5})",
                           R"({"available":"1"})", R"({"available":1000000001})"})
    EXPECT_EQ(put_couriers(body).status, 400) << body;
}

}  // namespace
}  // namespace ordering::delivery
