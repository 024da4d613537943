#include "http/admission.h"

#include <gtest/gtest.h>

#include "http/operations.h"
#include "http/test_server.h"

namespace http {
namespace {

// A server with one guarded resource, and health beside it.
class Guarded {
 public:
  explicit Guarded(AdmissionOptions options)
      : admission_(std::move(options)),
        server_(router(), {.service = "order", .admit = [this](const Request& request) {
                             admission_.admit(request);
                           }}) {}
  TestResponse get(std::string_view target, std::string_view fields = {}) {
    return TestClient(server_.port()).get(target, fields);
  }
  TestResponse post(std::string_view fields) {
    return TestClient(server_.port()).exchange("POST", "/orders", fields, {});
  }

 private:
  Router router() {
    Router router;
    router.get("/orders", *this, &Guarded::orders).post("/orders", *this, &Guarded::orders);
    operations_.add_to(router);
    return router;
  }
  Task<Response> orders(const Request&) { co_return reply({{"ok", true}}); }

  Admission admission_;
  Operations operations_{{}};
  TestServer server_;
};

TEST(Admission, EverybodyMayCallWhereNothingIsSet) {
  Guarded server({});
  for (int n = 0; n < 100; ++n) EXPECT_EQ(server.get("/orders").status, 200);
}

TEST(Admission, AKeyIsTakenFromEitherHeader) {
  Guarded server({.api_key = "open-sesame"});
  EXPECT_EQ(server.get("/orders", "Authorization: Bearer open-sesame\r\n").status, 200);
  EXPECT_EQ(server.get("/orders", "authorization: bearer  open-sesame\r\n").status, 200);
  EXPECT_EQ(server.get("/orders", "X-API-Key: open-sesame\r\n").status, 200);
}

TEST(Admission, NoKeyIs401AndAWrongOne403) {
  Guarded server({.api_key = "open-sesame"});
  const auto none = server.get("/orders");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(server.get("/orders", "Authorization: Basic b3Blbg==\r\n").status, 401);
  for (const auto* wrong : {"open-sesam", "open-sesame2", "x", "OPEN-SESAME"})
    EXPECT_EQ(server.get("/orders", std::string("X-API-Key: ") + wrong + "\r\n").status, 403);
}

TEST(Admission, APageOfAnotherSiteChangesNothing) {
  Guarded server({});
  for (const std::string from : {"cross-site", "same-site"}) {
    EXPECT_EQ(server.post("Sec-Fetch-Site: " + from + "\r\n").status, 403) << from;
    EXPECT_EQ(server.get("/orders", "Sec-Fetch-Site: " + from + "\r\n").status, 200) << from;
  }
  EXPECT_EQ(server.post("Sec-Fetch-Site: same-origin\r\n").status, 200);
  EXPECT_EQ(server.post("Sec-Fetch-Site: none\r\n").status, 200);
  EXPECT_EQ(server.post("").status, 200);
}

TEST(Admission, HealthNeedsNoKey) {
  Guarded server({.api_key = "open-sesame", .rate = 1});
  for (const auto* path : {"/livez", "/readyz", "/metrics", "/livez"})
    EXPECT_EQ(server.get(path).status, 200) << path;
}

TEST(Admission, BeyondTheRateIs429) {
  Guarded server({.rate = 3});
  int refused = 0;
  for (int n = 0; n < 50; ++n) {
    const auto answer = server.get("/orders");
    if (answer.status == 200) continue;
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace http
