#include "process/process.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "db/error.h"

namespace ordering::process {
namespace {

struct Ended {
  int status = 0;
  std::string said = {};
};

Ended run_until(const std::function<int()>& body) {
  testing::internal::CaptureStderr();
  const int status = run("jumun-payment", body);
  return {.status = status, .said = testing::internal::GetCapturedStderr()};
}

TEST(Run, AWrongSettingIsStatus2AndOneSentence) {
  const auto ended = run_until([]() -> int { throw std::invalid_argument("X takes a number"); });
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.said, "jumun-payment: X takes a number\n");
}

TEST(Run, AStoreThatCannotBeOpenedNamesItsSetting) {
  const auto ended = run_until([]() -> int { throw db::Error("08001", "cannot open /x"); });
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.said,
            "jumun-payment: DATABASE_URL (or DATA_DIR where it is unset) cannot be used: "
            "cannot open /x\n");
}

TEST(Run, AnythingElseIsStatus1) {
  EXPECT_EQ(run_until([]() -> int { throw std::runtime_error("x"); }).status, 1);
  EXPECT_EQ(run_until([] { return 0; }).status, 0);
}

TEST(Run, AWrongAddressOfTemporalIsNamed) {
  for (const char* wrong : {"localhost", "localhost:", ":7233", "localhost:http", "localhost:0",
                            "localhost:70000", "a:b:7233", "http://localhost", "grpc://h:7233"}) {
    setenv("TEMPORAL_ADDRESS", wrong, 1);
    const auto ended = run_until([] { return Process({.service = "payment"}), 0; });
    EXPECT_EQ(ended.status, 2) << wrong;
    EXPECT_EQ(ended.said, std::string("jumun-payment: TEMPORAL_ADDRESS is \"") + wrong +
                              "\", but it takes HOST:PORT\n");
  }
  for (const char* right :
       {"localhost:7233", "[::1]:7233", "http://h:1", "https://h.example:443"}) {
    setenv("TEMPORAL_ADDRESS", right, 1);
    EXPECT_EQ(run_until([] { return Process({.service = "payment"}), 0; }).status, 0) << right;
  }
  unsetenv("TEMPORAL_ADDRESS");
}

TEST(Run, TheProcessMayHold4096Descriptors) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 1024;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  run_until([] { return 0; });
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 4096));
}

}  // namespace
}  // namespace ordering::process
