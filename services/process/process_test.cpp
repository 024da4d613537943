#include "process/process.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ordering::process
