#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/sdk/core/activity_task/activity_task.pb.h>
#include <temporal/sdk/core/core_interface.pb.h>

#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "worker/test_activities.h"
#include "workflow/side_effects.h"

namespace temporal::detail {
namespace {

class Upside final : public PayloadCodec {  // turns data around, and back
 public:
  Async<std::vector<Payload>> encode(std::vector<Payload> payloads, SerializationContext) override {
    for (auto& p : payloads) std::ranges::reverse(p.data);
    co_return payloads;
  }
  Async<std::vector<Payload>> decode(std::vector<Payload> payloads,
                                     SerializationContext context) override {
    return encode(std::move(payloads), std::move(context));
  }
};

TEST_F(ActivityTasksTest, ASideEffectIsRecordedByTheWorkerItself) {
  start({}, {[]() -> std::unique_ptr<ActivityInboundInterceptor> {
          throw std::logic_error("it is no activity of the user's");
        }});
  auto t = task(std::string(kSideEffectActivity));
  t.mutable_start()->set_is_local(true);
  add_json(t, "21");
  give(t);
  EXPECT_EQ(port.next().result().completed().result().data(), "21");
  t.set_task_token("another token");
  t.mutable_start()->clear_input();  // in a replay there is no value
  give(t);
  EXPECT_EQ(port.next().result().completed().result().metadata().at("encoding"), "binary/null");
  t.set_task_token("a third token");
  t.mutable_start()->set_is_local(false);  // only a workflow of this worker's may ask for it
  give(t);
  EXPECT_TRUE(port.next().result().has_failed());
}

TEST_F(ActivityTasksTest, AFunctionsResultIsTheCompletion) {
  registry.activity(twice, [](int n) { return 2 * n; });
  start();
  auto t = task("twice");
  add_json(t, "21");
  give(t);
  auto completion = port.next();
  EXPECT_EQ(completion.task_token(), "token");
  EXPECT_EQ(completion.result().completed().result().data(), "42");
}

TEST_F(ActivityTasksTest, ACodecSeesWhatComesAndWhatGoes) {
  registry.activity(twice, [](activity::Context context, int n) {
    context.heartbeat(12);
    EXPECT_EQ(context.headers().at("h").data, "\"ba\"");  // left as it is
    return 2 * n;
  });
  start(DataConverter({.codec = std::make_shared<Upside>()}));
  auto t = task("twice");
  add_json(t, "12");  // 21
  (*t.mutable_start()->mutable_header_fields())["h"].set_data("\"ba\"");
  give(t);
  EXPECT_EQ(port.next().result().completed().result().data(), "24");  // 42
}

// Appends a digit to what goes in and to what comes out.
struct Digit final : ActivityInboundInterceptor {
  explicit Digit(int d) : digit(d) {}
  Async<Value> execute(ExecuteActivityInput input) override {
    input.args[0] = Value::of(10 * input.args[0].as<int>() + digit);
    auto result = co_await next->execute(std::move(input));
    co_return Value::of(10 * result.as<int>() + digit);
  }
  static ActivityInterceptorFactory make(int digit) {
    return [digit] { return std::make_unique<Digit>(digit); };
  }
  const int digit;
};

TEST_F(ActivityTasksTest, TheFirstInterceptorIsOutermost) {
  constexpr ActivityType<int(int)> slowly{"slowly"};
  registry.activity(twice, [](int n) { return 2 * n; });
  registry.activity(slowly, [](activity::Context context, int n) -> Async<int> {
    co_await activity::sleep(1ms, context);
    co_return 2 * n;
  });
  start({}, {Digit::make(1), Digit::make(2)});
  for (const auto* type : {"twice", "slowly"}) {
    auto t = task(type, type);
    add_json(t, "3");  // 312 goes in, 624 comes out
    give(t);
    EXPECT_EQ(port.next().result().completed().result().data(), "62421");
  }
}

TEST_F(ActivityTasksTest, WhatABlockingActivityThrowsGoesThroughItsInterceptors) {
  struct Rescue final : ActivityInboundInterceptor {
    Async<Value> execute(ExecuteActivityInput input) override {
      try {
        co_return co_await next->execute(std::move(input));
      } catch (const std::runtime_error&) {
        co_return Value::of(7);
      }
    }
  };
  registry.activity(twice, [](int) -> int { throw std::runtime_error("no"); });
  start({}, {[] { return std::make_unique<Rescue>(); }});
  auto t = task("twice");
  add_json(t, "3");
  give(t);
  EXPECT_EQ(port.next().result().completed().result().data(), "7");
}

TEST_F(ActivityTasksTest, WhatAnInterceptorsFactoryThrowsEndsTheAttempt) {
  registry.activity(act, [] { FAIL() << "it ran"; });
  start({}, {[]() -> std::unique_ptr<ActivityInboundInterceptor> {
          throw ApplicationFailure("no place", {.type = "Full"});
        }});
  give(task("act"));
  EXPECT_EQ(port.next().result().failed().failure().message(), "no place");
}

TEST_F(ActivityTasksTest, AFailureIsEncodedToo) {
  registry.activity(
      act, [] { throw ApplicationFailure("no", {.type = "No", .details = {Value::of<int>(12)}}); });
  start(DataConverter({.codec = std::make_shared<Upside>()}));
  give(task("act"));
  auto failure = port.next().result().failed().failure();
  EXPECT_EQ(failure.message(), "no");
  EXPECT_EQ(failure.application_failure_info().details().payloads(0).data(), "21");
}

struct Odd : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST_F(ActivityTasksTest, AnyExceptionIsAFailureOfItsType) {
  registry.activity(act, [] { throw Odd("odd"); });
  start();
  give(task("act"));
  auto failure = port.next().result().failed().failure();
  EXPECT_EQ(failure.message(), "odd");
  EXPECT_THAT(failure.application_failure_info().type(), testing::EndsWith("Odd"));
  EXPECT_FALSE(failure.application_failure_info().non_retryable());
}

TEST_F(ActivityTasksTest, WrongArgumentsFailTheAttempt) {
  registry.activity(twice, [](int n) { return 2 * n; });
  start();
  give(task("twice"));
  EXPECT_THAT(port.next().result().failed().failure().message(),
              testing::HasSubstr("0 arguments given, 1 wanted"));
  auto t = task("twice", "another token");
  add_json(t, "\"text\"");
  give(t);
  EXPECT_TRUE(port.next().result().has_failed());
}

TEST_F(ActivityTasksTest, AnUnknownTypeNamesTheKnownOnes) {
  registry.activity(twice, [](int n) { return n; }).activity(act, [] {});
  start();
  give(task("other"));
  auto failure = port.next().result().failed().failure();
  EXPECT_EQ(failure.message(),
            "activity type \"other\" is not registered with this worker; registered are: act, "
            "twice");
  EXPECT_EQ(failure.application_failure_info().type(), "NotFoundError");
}

TEST_F(ActivityTasksTest, ACoroutineWaitsWithoutAThread) {
  registry.activity(twice, [](activity::Context context, int n) -> Async<int> {
    co_await activity::sleep(1ms, context);
    co_return 2 * n;
  });
  start();
  for (int i = 0; i < 10; ++i) {
    auto t = task("twice", std::to_string(i));
    add_json(t, "4");
    give(t);
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(port.next().result().completed().result().data(), "8");
}

TEST_F(ActivityTasksTest, CancellationWakesASleepAndIsReported) {
  std::latch running(1);
  registry.activity(act, [&running](activity::Context context) {
    running.count_down();
    activity::sleep(1h, context).get();
  });
  start();
  give(task("act"));
  running.wait();
  cancel(coresdk::activity_task::CANCELLED);
  auto result = port.next().result();
  EXPECT_TRUE(result.cancelled().failure().has_canceled_failure_info());
}

TEST_F(ActivityTasksTest, APauseIsAFailureToBeTriedAgain) {
  std::latch running(1);
  // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the registry keeps the closure
  registry.activity(act, [&running](activity::Context context) -> Async<void> {
    running.count_down();
    co_await activity::sleep(1h, context);
  });
  start();
  give(task("act"));
  running.wait();
  cancel(coresdk::activity_task::PAUSED);
  EXPECT_EQ(port.next().result().failed().failure().application_failure_info().type(),
            "ActivityPause");
}

TEST_F(ActivityTasksTest, ACanceledFailureWithoutARequestIsAFailure) {
  registry.activity(act, [] { throw CanceledFailure("my own idea"); });
  start();
  give(task("act"));
  EXPECT_TRUE(port.next().result().failed().failure().has_canceled_failure_info());
}

TEST_F(ActivityTasksTest, ALaterCompletionFreesTheSlot) {
  registry.activity(act, [](activity::Context context) { context.complete_later(); });
  start();
  give(task("act"));
  EXPECT_TRUE(port.next().result().has_will_complete_async());
}

TEST_F(ActivityTasksTest, HeartbeatsCarryDetailsAndEndWithTheActivity) {
  std::optional<activity::Context> kept;
  registry.activity(act, [&kept](activity::Context context) {
    EXPECT_EQ(context.last_details<int>(), 3);
    EXPECT_EQ(context.last_details<int>(1), std::nullopt);
    context.heartbeat(4, std::string("of five"));
    kept = context;
  });
  start();
  auto t = task("act");
  auto* details = t.mutable_start()->add_heartbeat_details();
  (*details->mutable_metadata())["encoding"] = "json/plain";
  details->set_data("3");
  give(t);
  port.next();
  kept->heartbeat(5);  // nobody is there any longer
  auto heartbeats = port.heartbeats();
  ASSERT_EQ(heartbeats.size(), 1u);
  EXPECT_EQ(heartbeats[0].task_token(), "token");
  EXPECT_EQ(heartbeats[0].details(0).data(), "4");
  EXPECT_EQ(heartbeats[0].details(1).data(), "\"of five\"");
}

TEST_F(ActivityTasksTest, TheInfoIsWhatCoreSays) {
  registry.activity(act, [](activity::Context context) {
    const auto& info = context.info();
    EXPECT_EQ(info.activity_id, "1");
    EXPECT_EQ(info.task_queue, "queue");
    EXPECT_EQ(info.attempt, 3u);
    EXPECT_EQ(info.heartbeat_timeout, 1500ms);
    EXPECT_EQ(info.start_to_close_timeout, std::nullopt);
    EXPECT_EQ(info.scheduled_time, std::chrono::system_clock::time_point(5s));
    EXPECT_EQ(info.priority.priority_key, 2);
  });
  start();
  auto t = task("act");
  t.mutable_start()->set_attempt(3);
  t.mutable_start()->mutable_heartbeat_timeout()->set_seconds(1);
  t.mutable_start()->mutable_heartbeat_timeout()->set_nanos(500'000'000);
  t.mutable_start()->mutable_scheduled_time()->set_seconds(5);
  t.mutable_start()->mutable_priority()->set_priority_key(2);
  give(t);
  EXPECT_TRUE(port.next().result().has_completed());
}

using ActivityDeath = ActivityTasksTest;
TEST_F(ActivityDeath, OutOfMemoryEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        registry.activity(act, [] { throw std::bad_alloc(); });
        start();
        give(task("act"));
        port.next();
      },
      "");
}

TEST(Registry, RefusesANameTwiceAndANullObject) {
  struct Doer {
    void act() {}
  };
  Registry registry;
  registry.activity(act, [] {});
  EXPECT_THROW(registry.activity(act, [] {}), std::logic_error);
  EXPECT_THROW(
      registry.activity(ActivityType<void()>{"other"}, &Doer::act, std::shared_ptr<Doer>()),
      std::invalid_argument);
  auto copy = registry;
  copy.activity(ActivityType<void()>{"more"}, &Doer::act, std::make_shared<Doer>());
  EXPECT_FALSE(registry.find_activity("more"));
  EXPECT_TRUE(copy.find_activity("more"));
}

}  // namespace
}  // namespace temporal::detail
