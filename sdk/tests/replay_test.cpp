// The replayer, on histories that the real server wrote.
#include <temporal/replayer.h>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr WorkflowType<int(int)> sum_type{"Sum"};
constexpr ActivityType<int(int)> twice{"twice"};
constexpr SignalType<void(int)> more{"more"};

struct Sum {
  static auto definition() {
    return workflow_definition(sum_type, &Sum::run).signal(more, &Sum::on_more);
  }
  Task<int> run(int first) {
    auto doubled =
        co_await workflow::execute_activity(twice, {.start_to_close_timeout = 10s}, first);
    sum_ += doubled;  // a signal may have come first
    co_await workflow::sleep(1ms);
    co_await workflow::wait_until([this] { return sum_ > 10; });
    co_return sum_;
  }
  void on_more(int n) { sum_ += n; }
  int sum_ = 0;
};

// Another build, which forgot that workflows of the first one still run.
struct SumWithoutTimer {
  static auto definition() {
    return workflow_definition(sum_type, &SumWithoutTimer::run)
        .signal(more, &SumWithoutTimer::on_more);
  }
  Task<int> run(int first) {
    auto doubled =
        co_await workflow::execute_activity(twice, {.start_to_close_timeout = 10s}, first);
    sum_ += doubled;  // a signal may have come first
    auto none = co_await workflow::execute_activity(twice, {.start_to_close_timeout = 10s}, 0);
    sum_ += none;
    co_await workflow::wait_until([this] { return sum_ > 10; });
    co_return sum_;
  }
  void on_more(int n) { sum_ += n; }
  int sum_ = 0;
};

struct SumThatThrows {
  static auto definition() {
    return workflow_definition(sum_type, &SumThatThrows::run).signal(more, &SumThatThrows::on_more);
  }
  Task<int> run(int) {
    throw std::runtime_error("a bug of today");
    co_return 0;
  }
  void on_more(int) {}
};

class Replay : public ServerTest {
 protected:
  History recorded(bool ended = true) {
    Registry registry;
    registry.activity(twice, [](int n) { return 2 * n; });
    auto& worker = work_on<Sum>(registry);
    auto handle = start(sum_type, 3);
    if (ended) {
      handle.signal(more, 5).get();
      EXPECT_EQ(result(handle), 11);
    } else {
      eventually([&] { return worker.status().completed_workflow_tasks >= 3; }, "three tasks");
    }
    auto history = handle.fetch_history().get();
    if (!ended) handle.terminate({.reason = "recorded"}).get();
    worker.shutdown();
    return history;
  }
  template <class C>
  static ReplayResult replay(const History& history) {
    Registry registry;
    registry.workflow<C>();
    return Replayer({.registry = registry}).replay(history);
  }
};

TEST_F(Replay, TheSameCodeGoesOn) {
  auto history = recorded();
  auto result = replay<Sum>(history);
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.workflow_id, history.workflow_id());
  EXPECT_EQ(result.run_id, history.run_id());
}

TEST_F(Replay, AHistoryThatHasNotEnded) {
  auto history = recorded(false);
  EXPECT_EQ(replay<Sum>(history).failure, "");
  EXPECT_TRUE(replay<SumWithoutTimer>(history).nondeterministic);
}

TEST_F(Replay, OtherCommandsAreFoundOut) {
  auto result = replay<SumWithoutTimer>(recorded());
  EXPECT_TRUE(result.nondeterministic);
  EXPECT_THAT(result.failure, testing::HasSubstr("TMPRL1100"));
  EXPECT_THAT(result.report,
              testing::ContainsRegex("> .*TimerStarted timer 1 +ActivityTaskScheduled "
                                     "twice +at .*replay_test.cpp:"));
}

class Nondeterminism : public Replay {
 protected:
  // Of a run that another build goes on with, whose worker has `options`.
  Failure failure_with(WorkerOptions options) {
    Registry registry;
    registry.activity(twice, [](int n) { return 2 * n; });
    auto& first = work_on<Sum>(registry);
    auto handle = start(sum_type, 3);
    eventually([&] { return first.status().completed_workflow_tasks >= 3; }, "three tasks");
    first.shutdown();
    work_on<SumWithoutTimer>(registry, std::move(options));
    handle.signal(more, 5).get();
    return failure_of(handle);
  }
};

TEST_F(Nondeterminism, MayFailTheWorkflow) {
  EXPECT_THAT(failure_with({.nondeterminism_fails_workflow = true}).message(),
              testing::HasSubstr("TMPRL1100"));
}

TEST_F(Nondeterminism, MayFailTheWorkflowOfListedTypes) {
  EXPECT_THAT(failure_with({.nondeterminism_fails_workflow_types = {"Other", "Sum"}}).message(),
              testing::HasSubstr("TMPRL1100"));
}

TEST_F(Replay, ABugOfTodaysCodeIsNamed) {
  auto result = replay<SumThatThrows>(recorded());
  EXPECT_FALSE(result.nondeterministic);
  EXPECT_THAT(result.failure, testing::HasSubstr("a bug of today"));
}

TEST_F(Replay, ATypeThatIsNotRegistered) {
  struct Other {
    static auto definition() {
      return workflow_definition(WorkflowType<int()>{"Other"}, &Other::run);
    }
    Task<int> run() { co_return 1; }
  };
  EXPECT_THAT(replay<Other>(recorded()).failure, testing::HasSubstr("registered are: Other"));
}

TEST_F(Replay, ManyHistoriesOneAfterAnother) {
  auto history = recorded();
  auto json = History::from_json("from-json", history.to_json());
  Registry registry;
  registry.workflow<Sum>();
  Replayer replayer({.registry = registry});
  auto results = replayer.replay(std::vector{history, json, history});
  ASSERT_EQ(results.size(), 3u);
  for (const auto& result : results) EXPECT_EQ(result.failure, "");
  EXPECT_EQ(results[1].workflow_id, "from-json");
  EXPECT_TRUE(replayer.replay(std::vector<History>{}).empty());
}

TEST_F(Replay, WhatIsNoHistoryIsRefused) {
  Registry registry;
  registry.workflow<Sum>();
  Replayer replayer({.registry = registry});
  EXPECT_THROW(replayer.replay(History()), std::invalid_argument);
  EXPECT_THROW(Replayer({}), std::invalid_argument);
}

}  // namespace
}  // namespace temporal::tests
