#include "process/store.h"

#include <gtest/gtest.h>

#include "db/temporary_database.h"
#include "http/problem.h"

namespace ordering::process {
namespace {

using namespace std::chrono_literals;

TEST(OpenStore, WaitsForAServerThatIsNotThereButNotForEver) {
  const auto begun = std::chrono::steady_clock::now();
  try {
    open_store("postgresql://u:p@127.0.0.1:1/d", 300ms);
    FAIL();
  } catch (const db::Error& error) {
    EXPECT_TRUE(error.cannot_connect_now()) << error.what();
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
}

TEST(OpenStore, DoesNotWaitForWhatIsWrong) {
  EXPECT_THROW(open_store("sqlite:/dev/null/store.db", 1h), db::Error);
  EXPECT_THROW(open_store("postgresql://u:p%@h/d", 1h), db::Error);
}

unsigned status_of(const char* sqlstate) {
  try {
    throw db::Error(sqlstate, "x");
  } catch (const db::Error& error) {
    try {
      rethrow_for_http(error);
    } catch (const http::Problem& problem) {
      return problem.retry_after > 0s ? problem.status : 0;
    } catch (const db::Error&) {
      return 500;
    }
  }
}

TEST(RethrowForHttp, OnlyWhatMayBeRepeatedIs503) {
  for (const char* nothing_has_happened : {"57P03", "08006", "55P03", "53300"})
    EXPECT_EQ(status_of(nothing_has_happened), 503U) << nothing_has_happened;
  for (const char* other : {"08007", "23505", "42601"}) EXPECT_EQ(status_of(other), 500U) << other;
}

TEST(OpenStore, OpensOne) {
  const db::TemporaryDatabase database;
  EXPECT_TRUE(open_store(database.url()).answers());
}

}  // namespace
}  // namespace ordering::process
