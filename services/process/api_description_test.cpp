#include "process/api_description.h"

#include <gmock/gmock.h>

#include "http/test_server.h"

namespace ordering::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kOpenapi = R"({"openapi":"3.1.0","paths":{
  "/orders":{"parameters":[],"get":{},"post":{}},
  "/livez":{"get":{"security":[]}}}})";

TEST(Differences, NoneWhereRoutesAndDescriptionAreTheSame) {
  EXPECT_THAT(
      differences(kOpenapi,
                  {{"GET", "/livez", true}, {"POST", "/orders", false}, {"GET", "/orders", false}}),
      IsEmpty());
}

TEST(Differences, EachIsNamed) {
  EXPECT_THAT(
      differences(kOpenapi,
                  {{"GET", "/livez", false}, {"GET", "/orders", false}, {"GET", "/audit", false}}),
      ElementsAre("GET /livez is not described in openapi.json",
                  "GET /audit is not described in openapi.json",
                  "openapi.json describes no route: GET /livez without a key",
                  "openapi.json describes no route: POST /orders"));
}

class ApiDescriptionTest : public testing::Test {
 protected:
  http::Router router() {
    http::Router router;
    api.add_to(router);
    return router;
  }
  ApiDescription api{{.name = "openapi.json",
                      .content_type = "application/json",
                      .etag = R"("1")",
                      .bytes = kOpenapi}};
  http::TestServer server{router()};
  http::TestClient client{server.port()};
};

TEST_F(ApiDescriptionTest, IsServedAsJson) {
  const auto answer = client.get("/openapi.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, kOpenapi);
  EXPECT_EQ(client.get("/openapi.json", "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(client.post("/openapi.json", "{}").status, 405);
}

// With npm at build time and without.
TEST_F(ApiDescriptionTest, ThePageLoadsNothingFromElsewhere) {
  const auto page = client.get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.header("Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.body, HasSubstr("/openapi.json"));
  EXPECT_THAT(page.body, Not(HasSubstr("://")));
  EXPECT_EQ(client.get("/docs", "Accept: application/json\r\n").status, 406);
}

TEST_F(ApiDescriptionTest, WhatThePageNamesIsThere) {
  const auto page = client.get("/docs").body;
  constexpr std::string_view kFolder = "\"/docs/";
  int files = 0;
  for (auto at = page.find(kFolder); at != std::string::npos; at = page.find(kFolder, at + 1)) {
    const auto path = page.substr(at + 1, page.find('"', at + 1) - at - 1);
    http::TestClient one(server.port());  // a large file's connection is closed behind it
    EXPECT_EQ(one.get(path).status, 200) << path;
    ++files;
  }
  EXPECT_GE(files, 1);
  EXPECT_EQ(client.get("/docs/nothing.js").status, 404);
  EXPECT_EQ(client.get("/docs/..%2Fdocs.html").status, 404);
}

}  // namespace
}  // namespace ordering::process
