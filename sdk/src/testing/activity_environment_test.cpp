// One activity, with a made-up context.
#include <gtest/gtest.h>
#include <temporal/testing.h>

#include <memory>
#include <string>

namespace temporal::testing {
namespace {

using namespace std::chrono_literals;

struct Copier {
  std::string to;
  std::string copy(std::string from) { return from + " to " + to; }
  Async<int> rows(activity::Context context, int count) {
    auto row = context.last_details<int>().value_or(0);
    for (; row < count; ++row) {
      context.heartbeat(row);
      co_await activity::sleep(1min, context);
    }
    co_return row;
  }
};

TEST(ActivityEnvironment, RunsFunctionsAndMethods) {
  ActivityEnvironment env;
  EXPECT_EQ(env.run([](int n) { return 2 * n; }, 4), 8);
  EXPECT_EQ(env.run(&Copier::copy, std::make_shared<Copier>("disk"), std::string("tape")),
            "tape to disk");
  int calls = 0;
  env.run([&](activity::Context) { ++calls; });
  EXPECT_EQ(calls, 1);
  EXPECT_THROW(env.run([](int) -> int { throw ApplicationFailure("no"); }, 1), ApplicationFailure);
}

TEST(ActivityEnvironment, ShowsItsContextAndKeepsItsHeartbeats) {
  // [activity]
  ActivityEnvironment env(
      {.info = {.activity_type = "copyRows", .attempt = 2}, .last_details = {Value::of(2)}});
  Copier copier;
  EXPECT_EQ(env.run(&Copier::rows, &copier, 5), 5);
  ASSERT_EQ(env.heartbeats().size(), 3u);
  EXPECT_EQ(env.heartbeats().back().at(0).as<int>(), 4);
  EXPECT_EQ(env.slept(), 3min);
  // [activity]
  EXPECT_EQ(env.context().info().attempt, 2u);
  EXPECT_EQ(env.context().info().activity_type, "copyRows");
  EXPECT_FALSE(env.context().info().workflow_id.empty());
}

TEST(ActivityEnvironment, CancelsWithAReason) {
  ActivityEnvironment* self = nullptr;
  ActivityEnvironment env({.on_heartbeat = [&](const Values& details) {
    if (details.at(0).as<int>() == 2) self->cancel(activity::CancelReason::worker_shutdown);
  }});
  self = &env;
  Copier copier;
  EXPECT_THROW(env.run(&Copier::rows, &copier, 5), CanceledFailure);
  EXPECT_EQ(env.context().cancel_reason(), activity::CancelReason::worker_shutdown);
  EXPECT_EQ(env.heartbeats().size(), 3u);
  EXPECT_EQ(env.slept(), 2min);
}

TEST(ActivityEnvironment, KnowsWhoIsCompletedElsewhere) {
  ActivityEnvironment env;
  EXPECT_THROW(env.run([](activity::Context context) -> int { context.complete_later(); }),
               CompletesLater);
}

}  // namespace
}  // namespace temporal::testing
