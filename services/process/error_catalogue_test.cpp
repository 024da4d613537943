#include "process/error_catalogue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "contract/refusal.h"
#include "http/test_server.h"

namespace ordering::process {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr std::string_view kBrowser = "Accept: text/html,application/xml;q=0.9,*/*;q=0.8\r\n";

class CatalogueTest : public testing::Test {
 protected:
  http::Router router() {
    http::Router router;
    catalogue.add_to(router);
    return router;
  }
  json::array errors(std::string_view path, std::string_view fields = {}) {
    return json::parse(client.get(path, fields).body).at("errors").as_array();
  }
  ErrorCatalogue catalogue;
  http::TestServer server{router(), {.service = "order", .problem_types = "/errors/"}};
  http::TestClient client{server.port()};
};

TEST_F(CatalogueTest, HasTheWholeTableAndWhatHttpRefuses) {
  const auto all = errors("/errors");
  ASSERT_GT(all.size(), all_codes().size());
  for (std::size_t i = 0; i < all_codes().size(); ++i) {
    EXPECT_EQ(all[i].at("code").as_string(), all_codes()[i].code);
    EXPECT_EQ(all[i].at("message").as_string(), all_codes()[i].english);
  }
  EXPECT_EQ(errors("/errors/HTTP_413").front(), json::value({{"code", "HTTP_413"},
                                                             {"name", "CONTENT_TOO_LARGE"},
                                                             {"service", "each"},
                                                             {"status", 413},
                                                             {"message", "Content Too Large"}}));
}

TEST_F(CatalogueTest, OneCodeWithAllItsMeanings) {
  EXPECT_EQ(errors("/errors/P001").size(), 2);
  EXPECT_EQ(errors("/errors/I003").front(),
            json::value({{"code", "I003"},
                         {"name", "OUT_OF_STOCK"},
                         {"service", "inventory"},
                         {"status", 409},
                         {"message", "The item is out of stock."}}));
}

TEST_F(CatalogueTest, InKorean) {
  const auto answer = client.get("/errors/I003", "Accept-Language: ko\r\n");
  EXPECT_EQ(answer.header("Content-Language"), "ko");
  EXPECT_EQ(answer.header("Vary"), "Accept, Accept-Language");
  EXPECT_THAT(answer.body, HasSubstr("상품의 재고가 없습니다."));
  EXPECT_THAT(client.get("/errors", std::string(kBrowser) + "Accept-Language: ko\r\n").body,
              HasSubstr("<html lang=\"ko\">"));
}

TEST_F(CatalogueTest, AsAPageForABrowser) {
  const auto page = client.get("/errors", kBrowser);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, HasSubstr("<a href=\"/errors/D005\">D005</a>"));
  EXPECT_EQ(client.get("/errors", "Accept: text/plain\r\n").status, 406);
  EXPECT_EQ(client.post("/errors", "{}").status, 405);
}

TEST_F(CatalogueTest, AProblemLeadsToItsEntry) {
  const auto problem = json::parse(client.get("/errors/P999").body);
  EXPECT_EQ(problem.at("type").as_string(), "/errors/HTTP_404");
  EXPECT_EQ(client.get(problem.at("type").as_string().c_str()).status, 200);
}

TEST(CatalogueText, NeedsNoEscapeInAPage) {
  for (const auto& entry : error_catalogue())
    for (const auto& text : {entry.code, entry.name, entry.message.english, entry.message.korean})
      EXPECT_EQ(text.find_first_of("<>&\""), std::string::npos) << text;
}

}  // namespace
}  // namespace ordering::process
