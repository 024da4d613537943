#include "http/asset.h"

#include <gmock/gmock.h>

#include "http/test_server.h"

namespace http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kLarge(200'000, 'x');
const std::vector<Asset> kAssets{
    {.name = "page.css", .content_type = "text/css", .etag = R"("1a")", .bytes = "p{}"},
    {.name = "large.js", .content_type = "text/javascript", .etag = R"("2b")", .bytes = kLarge}};

struct Files {
  Task<Response> get(const Request& request) {
    const Asset* asset = find_asset(kAssets, request.param("file"));
    if (!asset) throw Problem{.status = 404};
    co_return serve(request, *asset);
  }
};

class AssetTest : public testing::Test {
 protected:
  Router router() {
    return std::move(Router().get("/files/{file}", files, &Files::get, {.produces = ""}));
  }
  Files files;
  TestServer server{router()};
  TestClient client{server.port()};
};

TEST_F(AssetTest, IsServedWithItsTypeAndAPolicy) {
  const auto answer = client.get("/files/page.css", "Accept: text/css,*/*;q=0.1\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "p{}");
  EXPECT_EQ(answer.header("Content-Type"), "text/css");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  const auto policy = answer.header("Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST_F(AssetTest, IsNotSentToWhomHasIt) {
  for (const char* has : {R"("1a")", R"(W/"1a")", R"("0", "1a")", "*"}) {
    const auto answer =
        client.get("/files/page.css", "If-None-Match: " + std::string(has) + "\r\n");
    EXPECT_EQ(answer.status, 304) << has;
    EXPECT_EQ(answer.header("ETag"), R"("1a")");
    EXPECT_THAT(answer.body, IsEmpty());
  }
  EXPECT_EQ(client.get("/files/page.css", "If-None-Match: \"2b\"\r\n").status, 200);
}

TEST_F(AssetTest, OnlyAsWhatAcceptAdmits) {
  EXPECT_EQ(client.get("/files/page.css", "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(client.get("/files/page.js").status, 404);
  EXPECT_EQ(client.exchange("HEAD", "/files/page.css", {}, {}).header("Content-Length"), "3");
  EXPECT_EQ(client.post("/files/page.css", "{}").status, 405);
}

TEST_F(AssetTest, ALargeOneComesWhole) {
  client.send(
      "GET /files/large.js HTTP/1.0\r\n\r\n");  // without chunks: to the end of the connection
  std::string all;
  while (all.size() < kLarge.size() || !all.ends_with(kLarge)) all += client.piece();
  EXPECT_THAT(all.substr(0, all.find("\r\n\r\n")), Not(HasSubstr("Content-Length")));
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, kLarge.size());
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace http
