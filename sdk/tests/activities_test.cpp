// Activities, called by a workflow on the real server.
#include <temporal/activity.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>

#include "fixture.h"
#include "summing_meter.h"

namespace temporal::tests {
namespace {

struct Greeting {
  std::string name = {};
  int times = 0;
};
struct Missing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr ActivityType<std::string(Greeting)> greet{"greet"};
constexpr ActivityType<int()> count{"count"};
constexpr ActivityType<void()> act{"act"};
constexpr ActivityType<std::string()> tell{"tell"};

// A workflow that calls one activity, as the test wants it called.
workflow::ActivityOptions options;
constexpr WorkflowType<std::string(Greeting)> greet_once{"GreetOnce"};
struct GreetOnce {
  static auto definition() { return workflow_definition(greet_once, &GreetOnce::run); }
  workflow::Task<std::string> run(Greeting in) {
    co_return co_await workflow::execute_activity(
        greet, {.start_to_close_timeout = 10s, .retry_policy = {{.maximum_attempts = 1}}}, in);
  }
};
constexpr WorkflowType<int()> count_once{"CountOnce"};
struct CountOnce {
  static auto definition() { return workflow_definition(count_once, &CountOnce::run); }
  workflow::Task<int> run() { co_return co_await workflow::execute_activity(count, options); }
};
constexpr WorkflowType<void()> act_once{"ActOnce"};
struct ActOnce {
  static auto definition() { return workflow_definition(act_once, &ActOnce::run); }
  workflow::Task<> run() { co_await workflow::execute_activity(act, options); }
};
constexpr WorkflowType<std::string()> tell_locally{"TellLocally"};
struct TellLocally {
  static auto definition() { return workflow_definition(tell_locally, &TellLocally::run); }
  workflow::Task<std::string> run() {
    co_return co_await workflow::execute_local_activity(
        tell, {.start_to_close_timeout = 10s,
               .retry_policy = {{.initial_interval = 10ms, .maximum_attempts = 5}}});
  }
};

class Activities : public ServerTest {
 protected:
  Activities() {
    options = {.start_to_close_timeout = 20s,
               .retry_policy = {{.initial_interval = 10ms, .maximum_attempts = 5}}};
  }
};

class Greeter {
 public:
  explicit Greeter(std::string word) : word_(std::move(word)) {}
  std::string greet(Greeting in) {
    std::string all;
    for (int i = 0; i < in.times; ++i) all += word_ + " " + in.name + "! ";
    return all;
  }
  Async<std::string> greet_slowly(activity::Context context, Greeting in) {
    co_await activity::sleep(20ms, context);
    co_return greet(in) + context.info().activity_type;
  }

 private:
  const std::string word_;
};

TEST_F(Activities, AMethodOfAnObject) {
  Registry registry;
  registry.activity(greet, &Greeter::greet, std::make_shared<Greeter>("Hello"));
  work_on<GreetOnce>(registry);
  EXPECT_EQ(run(greet_once, {.name = "you", .times = 2}), "Hello you! Hello you! ");
}

TEST_F(Activities, ACoroutineWithItsContext) {
  Registry registry;
  Greeter greeter("Hi");
  registry.activity(greet, &Greeter::greet_slowly, std::ref(greeter));
  auto& worker = work_on<GreetOnce>(registry);
  EXPECT_EQ(run(greet_once, {.name = "you", .times = 1}), "Hi you! greet");
  worker.shutdown();  // before the greeter goes
}

TEST_F(Activities, ManyCoroutinesWaitOnOneThread) {
  constexpr int kMany = 20;
  static std::atomic<int> waiting;
  waiting = 0;
  Registry registry;
  registry.activity(act, [](activity::Context context) -> Async<void> {
    ++waiting;
    while (waiting < kMany) co_await activity::sleep(5ms, context);
  });
  work_on<ActOnce>(registry);
  std::vector<WorkflowHandle<void>> handles;
  for (int i = 0; i < kMany; ++i) handles.push_back(start(act_once));
  for (auto& handle : handles) result(handle);
}

TEST_F(Activities, AreRetriedUntilTheySucceed) {
  Registry registry;
  registry.activity(count, [](activity::Context context) -> int {
    auto attempt = static_cast<int>(context.info().attempt);
    if (attempt < 3) throw Missing("not yet");
    return attempt;
  });
  work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 3);
}

TEST_F(Activities, AnExceptionBecomesAFailureOfItsTypeAndCause) {
  Registry registry;
  registry.activity(act, [] { throw Missing("nothing is here"); });
  work_on<ActOnce>(registry);
  options.retry_policy->maximum_attempts = 2;
  auto failure = failure_of(start(act_once));
  EXPECT_EQ(failure.kind(), FailureKind::activity);
  ASSERT_TRUE(failure.cause());
  EXPECT_EQ(failure.cause()->kind(), FailureKind::application);
  EXPECT_EQ(failure.cause()->message(), "nothing is here");
  EXPECT_THAT(failure.cause()->type(), testing::EndsWith("Missing"));
}

TEST_F(Activities, ANonRetryableFailureIsTriedOnce) {
  std::atomic<int> calls = 0;
  Registry registry;
  registry.activity(act, [&calls] {
    ++calls;
    throw ApplicationFailure("no such card", {.type = "CardError", .non_retryable = true});
  });
  auto& worker = work_on<ActOnce>(registry);
  auto failure = failure_of(start(act_once));
  EXPECT_EQ(failure.root().type(), "CardError");
  EXPECT_TRUE(failure.root().non_retryable());
  EXPECT_EQ(calls, 1);
  worker.shutdown();
}

TEST_F(Activities, OneThatIsNotRegisteredNamesThoseThatAre) {
  Registry registry;
  registry.activity(count, [] { return 1; });
  work_on<ActOnce>(registry);
  options.retry_policy->maximum_attempts = 1;
  auto failure = failure_of(start(act_once));
  EXPECT_EQ(failure.root().message(),
            "activity type \"act\" is not registered with this worker; registered are: count");
}

TEST_F(Activities, AnArgumentThatDoesNotDecodeFailsTheActivity) {
  constexpr ActivityType<std::string(int)> other{"greet"};
  Registry registry;
  registry.activity(other, [](int) { return std::string(); });
  work_on<GreetOnce>(registry);
  auto failure = failure_of(start(greet_once, {.name = "you", .times = 1}));
  EXPECT_EQ(failure.kind(), FailureKind::activity);
  EXPECT_EQ(failure.root().type(), "temporal::ConversionError");
  EXPECT_EQ(failure.root().message(), "$ is no whole number");
}

TEST_F(Activities, ATimeoutIsAFailureWithItsKind) {
  Registry registry;
  registry.activity(
      act, [](activity::Context context) -> Async<void> { return activity::sleep(1h, context); });
  work_on<ActOnce>(registry);
  options.start_to_close_timeout = 200ms;
  options.retry_policy->maximum_attempts = 1;
  auto failure = failure_of(start(act_once));
  EXPECT_EQ(failure.root().kind(), FailureKind::timeout);
}

TEST_F(Activities, HeartbeatDetailsReachTheNextAttempt) {
  Registry registry;
  registry.activity(count, [](activity::Context context) -> int {
    auto done = context.last_details<int>();
    EXPECT_EQ(context.last_details<std::string>(1), done ? std::optional("pages") : std::nullopt);
    if (done) return *done;
    context.heartbeat(41, std::string("pages"));
    context.heartbeat(42, std::string("pages"));  // throttled, but the last one counts
    throw Missing("try again");
  });
  options.heartbeat_timeout = 10s;
  work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 42);
}

// Of many, the first is sent, and then one after each interval.
TEST_F(Activities, HeartbeatsAreThrottled) {
  auto meter = std::make_shared<SummingMeter>();
  client = Client::connect(
               {.target = Server::shared().address(), .runtime = Runtime::create({.meter = meter})})
               .get();
  const auto sent = [meter] {
    return meter->sum_of("temporal_request", "operation=RecordActivityTaskHeartbeat");
  };
  Registry registry;
  registry.activity(count, [&](activity::Context context) {
    for (int i = 0; i < 50; ++i) {
      context.heartbeat(i);
      activity::sleep(1ms, context).get();
    }
    eventually([&] { return sent() >= 1; }, "the first");
    return 1;
  });
  options.heartbeat_timeout = 20s;
  auto& slow = work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 1);
  slow.shutdown();
  EXPECT_EQ(sent(), 1);
  registry.activity(act, [&](activity::Context context) {
    eventually(
        [&] {
          context.heartbeat();
          return sent() >= 4;
        },
        "three more");
  });
  work_on<ActOnce>(registry, {.max_heartbeat_throttle_interval = 20ms});
  run(act_once);
}

TEST_F(Activities, WithoutHeartbeatsTheyTimeOut) {
  Registry registry;
  registry.activity(count, [](activity::Context context) -> Async<int> {
    if (context.info().attempt == 1) co_await activity::sleep(1h, context);
    co_return static_cast<int>(context.info().attempt);
  });
  options.heartbeat_timeout = 300ms;
  work_on<CountOnce>(registry);
  EXPECT_EQ(run(count_once), 2);
}

TEST_F(Activities, ACancellationReachesOneThatHeartbeats) {
  std::latch running(1);
  Registry registry;
  registry.activity(act, [&](activity::Context context) {
    running.count_down();
    for (;;) {  // until the sleep throws
      context.heartbeat();
      activity::sleep(20ms, context).get();
    }
  });
  options.heartbeat_timeout = 1s;
  options.cancellation_type = workflow::ActivityCancellationType::wait_cancellation_completed;
  auto& worker = work_on<ActOnce>(registry);
  auto handle = start(act_once);
  running.wait();
  handle.cancel().get();
  EXPECT_EQ(failure_of(handle).kind(), FailureKind::canceled);
  worker.shutdown();
}

TEST_F(Activities, CancellationMayBeIgnored) {
  std::latch running(1);
  Registry registry;
  registry.activity(count, [&](activity::Context context) {
    running.count_down();
    std::latch told(1);
    std::stop_callback on_stop(context.stop_token(), [&told] { told.count_down(); });
    context.heartbeat();
    while (!told.try_wait()) context.heartbeat();
    EXPECT_EQ(context.cancel_reason(), activity::CancelReason::canceled);
    EXPECT_THROW(context.throw_if_canceled(), CanceledFailure);
    return 7;
  });
  options.heartbeat_timeout = 1s;
  options.cancellation_type = workflow::ActivityCancellationType::wait_cancellation_completed;
  work_on<CountOnce>(registry);
  auto handle = start(count_once);
  running.wait();
  handle.cancel().get();
  EXPECT_EQ(result(handle), 7);
}

TEST_F(Activities, SomeoneElseMayComplete) {
  std::promise<std::string> token;
  Registry registry;
  registry.activity(count, [&](activity::Context context) -> int {
    token.set_value(context.info().task_token);
    context.complete_later();
  });
  work_on<CountOnce>(registry);
  auto handle = start(count_once);
  auto other = client.activity_handle(token.get_future().get());
  other.heartbeat(1).get();
  other.complete(11).get();
  EXPECT_EQ(result(handle), 11);
}

TEST_F(Activities, SomeoneElseMayFail) {
  std::promise<std::string> token;
  Registry registry;
  registry.activity(count, [&](activity::Context context) -> int {
    token.set_value(context.info().task_token);
    context.complete_later();
  });
  options.retry_policy->maximum_attempts = 1;
  work_on<CountOnce>(registry);
  auto handle = start(count_once);
  client.activity_handle(token.get_future().get())
      .fail(ApplicationFailure("refused", {.type = "Refused"}).failure())
      .get();
  EXPECT_EQ(failure_of(handle).root().type(), "Refused");
}

TEST_F(Activities, KnowWhatTheyAre) {
  Registry registry;
  std::string id;
  registry.activity(act, [&](activity::Context context) {
    const auto& info = context.info();
    EXPECT_EQ(info.activity_type, "act");
    EXPECT_EQ(info.workflow_type, "ActOnce");
    EXPECT_EQ(info.workflow_id, id);
    EXPECT_EQ(info.task_queue, queue);
    EXPECT_EQ(info.workflow_namespace, "default");
    EXPECT_EQ(info.attempt, 1u);
    EXPECT_FALSE(info.is_local);
    EXPECT_EQ(info.start_to_close_timeout, 20s);
    EXPECT_EQ(info.heartbeat_timeout, std::nullopt);
    EXPECT_FALSE(info.task_token.empty());
    ASSERT_TRUE(info.retry_policy);
    EXPECT_EQ(info.retry_policy->maximum_attempts, 5);
    EXPECT_LE(std::chrono::abs(info.started_time - std::chrono::system_clock::now()), 30s);
  });
  id = queue + "-1";
  work_on<ActOnce>(registry);
  run(act_once);
}

TEST_F(Activities, LocalOnesRunInTheWorkflowsWorkerAndAreRetried) {
  std::atomic<int> calls = 0;
  Registry registry;
  registry.activity(tell, [&](activity::Context context) -> std::string {
    EXPECT_TRUE(context.info().is_local);
    EXPECT_THROW(context.complete_later(), std::logic_error);
    if (++calls < 3) throw Missing("once more");
    return "told";
  });
  auto& worker = work_on<TellLocally>(registry);
  EXPECT_EQ(run(tell_locally), "told");
  worker.shutdown();
  EXPECT_EQ(calls, 3);
}

TEST_F(Activities, ALocalOneOfAWorkerWithoutActivitiesFails) {
  work_on<TellLocally>();
  auto failure = failure_of(start(tell_locally));
  EXPECT_THAT(failure.root().message(),
              testing::HasSubstr("\"tell\" is not registered with this worker; registered are: "
                                 "none"));
}

TEST_F(Activities, ADynamicOneTakesWhatNoOtherDoes) {
  Registry registry;
  registry.activity(count, [] { return 3; });
  registry.dynamic_activity([](activity::Context context, RawArgs args) {
    return context.info().activity_type + " " + args.as<Greeting>(0).name;
  });
  work_on<GreetOnce, CountOnce>(registry);
  EXPECT_EQ(run(greet_once, {.name = "you", .times = 1}), "greet you");
  options.retry_policy->maximum_attempts = 1;
  EXPECT_EQ(run(count_once), 3);  // the dynamic one would throw: it has no argument
}

}  // namespace
}  // namespace temporal::tests
