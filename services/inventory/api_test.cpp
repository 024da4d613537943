#include "inventory/api.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "db/temporary_database.h"
#include "http/test_server.h"

namespace ordering::inventory {
namespace {

namespace json = boost::json;

constexpr std::string_view kJson = "Content-Type: application/json\r\n";

class InventoryApi : public testing::Test {
 protected:
  InventoryApi() { store_.migrate(); }

  static http::Router routed(Api& api) {
    http::Router router;
    api.add_to(router);
    return router;
  }
  http::TestResponse get(std::string_view target) {
    return http::TestClient(server_.port()).get(target);
  }
  http::TestResponse adjust(std::string_view item, std::string_view body) {
    return http::TestClient(server_.port())
        .post("/inventory/items/" + std::string(item) + "/adjust", body);
  }
  http::TestResponse put(std::string_view target, std::string_view body) {
    return http::TestClient(server_.port()).exchange("PUT", target, kJson, body);
  }
  static OrderId order(std::string_view id) { return OrderId::parse(id).value(); }

  db::TemporaryDatabase database_;
  db::Pool pool_{database_.url()};
  Store store_{pool_};
  http::Pool threads_;
  Api api_{store_, threads_};
  http::TestServer server_{routed(api_), {.service = "inventory"}};
};

TEST_F(InventoryApi, ShowsTheItems) {
  EXPECT_EQ(get("/inventory/items/ITEM_3").body,
            R"({"itemId":"ITEM_3","initial":-1,"available":0,"reserved":0,)"
            R"("discontinued":true,"warehouses":["SEOUL"]})");
  EXPECT_EQ(json::parse(get("/inventory/items").body).at("items").as_array().size(), 9U);
  EXPECT_EQ(get("/inventory/items/ITEM_0").status, 404);
  EXPECT_EQ(get("/inventory/items/1").status, 404);
}

TEST_F(InventoryApi, ShowsAReservation) {
  (void)store_.reserve(order("order-1"), now());
  (void)store_.reserve(order("order-2"), now());
  EXPECT_EQ(get("/inventory/reservations/order-1").body,
            R"({"orderId":"order-1","itemId":"ITEM_1","state":"RESERVED"})");
  EXPECT_EQ(get("/inventory/reservations/order-2").body,
            R"({"orderId":"order-2","itemId":"ITEM_2","state":"REJECTED","code":"I003"})");
  EXPECT_EQ(get("/inventory/reservations/order-3").status, 404);
  EXPECT_EQ(get("/inventory/reservations/-").status, 404);
}

TEST_F(InventoryApi, AdjustsTheStock) {
  const auto answer = adjust("ITEM_1", R"({"delta":-99,"reason":"broken","more":1})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body).at("available"), 1);
  EXPECT_EQ(json::parse(adjust("ITEM_0", R"({"delta":5,"reason":"new"})").body).at("warehouses"),
            json::array{"SEOUL"});
}

TEST_F(InventoryApi, RefusesToTakeWhatIsNotThere) {
  const auto answer = adjust("ITEM_1", R"({"delta":-101,"reason":"x"})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(json::parse(answer.body).at("code"), "I003");
}

TEST_F(InventoryApi, AReasonIsMeasuredInCharacters) {
  std::string syllables;
  for (int i = 0; i < 500; ++i) syllables += "가";
  const auto body = [](const std::string& reason) {
    return R"({"delta":1.0,"reason":")" + reason + "\"}";
  };
  EXPECT_EQ(adjust("ITEM_1", body(syllables)).status, 200);
  EXPECT_EQ(adjust("ITEM_1", body(syllables + "x")).status, 400);
  EXPECT_EQ(adjust("ITEM_1", body("\\u0000")).status, 400);
}

TEST_F(InventoryApi, RefusesWhatIsNoAdjustment) {
  for (const char* body :
       {R"({"delta":0,"reason":"x"})", R"({"delta":1})", R"({"reason":"x"})", "[]", "", "{",
        R"({"delta":1.5,"reason":"x"})", R"({"delta":"1","reason":"x"})",
        R"({"delta":1,"reason":""})", R"({"delta":1,"reason":7})",
        R"({"delta":1000000000000,"reason":"x"})", R"({"delta":99999999999999999999,"reason":"x"})",
        R"({"delta":1,"delta":2,"reason":"x"})"})
    EXPECT_EQ(adjust("ITEM_1", body).status, 400) << body;
  EXPECT_EQ(adjust("ITEM_1", R"({"delta":1,"reason":")" + std::string(501, 'x') + "\"}").status,
            400);
  EXPECT_EQ(adjust("item", R"({"delta":1,"reason":"x"})").status, 400);
  EXPECT_EQ(store_.find(ItemId::parse("ITEM_1").value())->available, 100);
}

TEST_F(InventoryApi, OpensAndClosesAWarehouse) {
  EXPECT_EQ(put("/warehouses/BUSAN", R"({"open":false})").body, R"({"name":"BUSAN","open":false})");
  (void)adjust("ITEM_2", R"({"delta":1,"reason":"x"})");
  EXPECT_EQ(store_.reserve(order("order-2"), now()).error(), Refusal{Code::warehouse_unavailable});
  EXPECT_EQ(put("/warehouses/JEJU", R"({"open":false})").status, 404);
  EXPECT_EQ(put("/warehouses/BUSAN", R"({"open":"no"})").status, 400);
  EXPECT_EQ(put("/warehouses/BUSAN", "{}").status, 400);
}

}  // namespace
}  // namespace ordering::inventory
