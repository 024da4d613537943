// What workflow code may use, on the real server, and its histories replayed.
#include <temporal/activity.h>
#include <temporal/api/operatorservice/v1/request_response.pb.h>
#include <temporal/replayer.h>
#include <temporal/workflow_side_effect.h>
#include <temporal/workflow_sync.h>

#include <atomic>

#include "fixture.h"

namespace temporal::tests {
namespace {

using ::testing::HasSubstr;
using workflow::Task;

template <class C>
std::string replayed(const History& history) {
  Registry registry;
  registry.workflow<C>();
  return Replayer({.registry = registry}).replay(history).failure;
}

class Authoring : public ServerTest {};

// --- Local activities

constexpr ActivityType<std::uint32_t(std::string)> flaky{"flaky"};
constexpr WorkflowType<std::uint32_t()> patient_type{"Patient"};
struct Patient {
  static auto definition() { return workflow_definition(patient_type, &Patient::run); }
  Task<std::uint32_t> run() {
    co_return co_await workflow::execute_local_activity(
        flaky,
        {.start_to_close_timeout = 10s,
         .retry_policy = RetryPolicy{.initial_interval = 200ms, .backoff_coefficient = 1},
         .local_retry_threshold = 100ms,
         .summary = "three times",
         .include_arguments_in_marker = true},
        "seen in the UI");
  }
};

TEST_F(Authoring, ALongBackoffOfALocalActivityIsATimer) {
  std::atomic<int> attempts = 0;
  Registry registry;
  registry.activity(flaky, [&](activity::Context context, std::string) {
    ++attempts;
    if (context.info().attempt < 3) throw std::runtime_error("not yet");
    return context.info().attempt;
  });
  work_on<Patient>(registry, {.max_cached_workflows = 0});  // the timers come to a replay
  auto handle = start(patient_type);
  EXPECT_EQ(result(handle), 3U);
  EXPECT_EQ(attempts, 3);
  auto history = handle.fetch_history().get();
  auto json = history.to_json();
  EXPECT_THAT(json, HasSubstr("EVENT_TYPE_TIMER_FIRED"));
  EXPECT_THAT(json, HasSubstr("\"input\""));
  EXPECT_EQ(replayed<Patient>(history), "");
}

// --- Side effects

std::atomic<int> ran = 0;
constexpr WorkflowType<std::string()> effects_type{"Effects"};
struct Effects {
  static auto definition() { return workflow_definition(effects_type, &Effects::run); }
  Task<std::string> run() {
    auto first = co_await workflow::side_effect([] { return ++ran; }, {.summary = "a count"});
    std::string limits;
    for (int i = 0; i < 3; ++i) {
      co_await workflow::sleep(1ms);
      limits += std::to_string(
          co_await workflow::mutable_side_effect("limit", [] { return ++ran > 3 ? 9 : 5; }));
    }
    co_return std::to_string(first) + " " + limits;
  }
};

TEST_F(Authoring, SideEffectsRunOnceAndAreReplayed) {
  ran = 0;
  work_on<Effects>({}, {.max_cached_workflows = 0});  // of a worker without activities
  auto handle = start(effects_type);
  EXPECT_EQ(result(handle), "1 559");
  EXPECT_EQ(ran, 4);
  EXPECT_EQ(replayed<Effects>(handle.fetch_history().get()), "");
  EXPECT_EQ(ran, 4);
}

// --- Synchronisation, random streams

constexpr ActivityType<int(int)> twice{"twice"};
constexpr WorkflowType<int(int)> crowd_type{"Crowd"};
struct Crowd {
  static auto definition() { return workflow_definition(crowd_type, &Crowd::run); }
  Task<> one(workflow::Semaphore two, workflow::Channel<int> results, int n) {
    auto permit = co_await two.acquire();
    auto jitter = std::chrono::milliseconds(workflow::random("jitter").uniform(1, 5));
    co_await workflow::sleep(jitter, {.summary = "jitter"});
    auto result = co_await workflow::execute_activity(twice, {.start_to_close_timeout = 10s}, n);
    co_await results.send(result);
  }
  Task<int> run(int count) {
    workflow::Semaphore two(2);
    workflow::Channel<int> results(1);
    std::vector<workflow::Future<void>> all;
    for (int n = 1; n <= count; ++n) all.push_back(workflow::spawn(one(two, results, n)));
    int sum = 0;
    for (int n = 1; n <= count; ++n) sum += *co_await results.receive();
    co_await workflow::all(all);
    co_return sum;
  }
};

TEST_F(Authoring, SemaphoresChannelsAndRandomStreamsAreTheSameInAReplay) {
  std::atomic<int> running = 0, most = 0;
  Registry registry;
  registry.activity(twice, [&](int n) {
    most = std::max(most.load(), ++running);
    --running;
    return 2 * n;
  });
  work_on<Crowd>(registry, {.max_cached_workflows = 0});
  auto handle = start(crowd_type, 5);
  EXPECT_EQ(result(handle), 30);
  EXPECT_LE(most, 2);
  auto history = handle.fetch_history().get();
  EXPECT_THAT(history.to_json(), HasSubstr("userMetadata"));
  EXPECT_EQ(replayed<Crowd>(history), "");
}

// --- Event groups

constexpr WorkflowType<void()> grouped_type{"Grouped"};
struct Grouped {
  static auto definition() { return workflow_definition(grouped_type, &Grouped::run); }
  static Task<> wait() { co_await workflow::sleep(1ms); }
  Task<> run() {
    co_await workflow::in_scope(workflow::event_group("parcel 1"), wait());
    co_await wait();
  }
};

TEST_F(Authoring, EventGroupsStandInTheHistory) {
  work_on<Grouped>();
  auto handle = start(grouped_type);
  result(handle);
  auto history = handle.fetch_history().get();
  auto json = history.to_json();
  EXPECT_THAT(json, HasSubstr("eventGroupMarkers"));
  EXPECT_EQ(json.find("eventGroupMarkers"), json.rfind("eventGroupMarkers"));  // the first timer's
  EXPECT_EQ(replayed<Grouped>(history), "");
}

// --- What a run knows of its history

constexpr WorkflowType<std::string()> growing_type{"Growing"};
struct Growing {
  static auto definition() { return workflow_definition(growing_type, &Growing::run); }
  Task<std::string> run() {
    const auto& i = workflow::info();
    auto size = i.history_size;
    std::uint32_t length = i.history_length;
    while (!i.continue_as_new_suggested) {
      co_await workflow::sleep(1ms);
      if (i.history_length <= length || i.history_size <= size) co_return "it does not grow";
      length = i.history_length;
      size = i.history_size;
    }
    co_return length >= 10 &&
            i.continue_as_new_reasons ==
                std::vector{workflow::ContinueAsNewReason::too_many_history_events}
        ? "suggested"
        : "for another reason";
  }
};

// The test's dynamic configuration suggests it from ten events in this namespace.
TEST_F(Authoring, ALongHistorySuggestsToContinueAsNewAndSaysWhy) {
  client.register_namespace({.name = "short-histories"}).get();
  auto small =
      Client::connect({.target = Server::shared().address(), .name_space = "short-histories"})
          .get();
  Registry registry;
  registry.workflow<Growing>();
  Worker worker(small, {.task_queue = queue, .registry = registry});
  worker.start();
  eventually([&] { return worker.status().state == WorkerState::running; }, "the namespace");
  auto handle = small.start_workflow(growing_type, {.id = queue, .task_queue = queue}).get();
  EXPECT_EQ(result(handle), "suggested");
}

constexpr WorkflowType<std::int64_t(bool)> later_type{"Later"};
struct Later {
  static auto definition() { return workflow_definition(later_type, &Later::run); }
  Task<std::int64_t> run(bool first) {
    if (first) workflow::continue_as_new(later_type, {.backoff_start_interval = 1s}, false);
    co_return std::chrono::duration_cast<std::chrono::milliseconds>(workflow::now() -
                                                                    workflow::info().start_time)
        .count();
  }
};

TEST_F(Authoring, ContinueAsNewAfterADelay) {
  work_on<Later>();
  EXPECT_GE(run(later_type, true), 900);
}

// --- The run before

constexpr WorkflowType<std::string()> retried_type{"Retried"};
struct Retried {
  static auto definition() { return workflow_definition(retried_type, &Retried::run); }
  Task<std::string> run() {
    auto before = workflow::last_failure();
    if (!before) throw ApplicationFailure("the first failed");
    co_return before->message() + std::to_string(workflow::info().attempt) +
        (workflow::last_completion_result<int>() ? "?" : "");
  }
};

TEST_F(Authoring, ARetryKnowsWhyTheRunBeforeFailed) {
  work_on<Retried>();
  auto handle =
      client
          .start_workflow(retried_type, {.id = queue,
                                         .task_queue = queue,
                                         .retry_policy = RetryPolicy{.initial_interval = 10ms}})
          .get();
  EXPECT_EQ(result(handle), "the first failed2");
}

// --- Search attributes

constexpr KeywordKey kCode{"Code"};
constexpr IntKey kCount{"Count"};
constexpr WorkflowType<std::string()> listed_type{"Listed"};
struct Listed {
  static auto definition() { return workflow_definition(listed_type, &Listed::run); }
  Task<std::string> run() {
    auto before = workflow::search_attributes().get(kCode).value_or("none");
    workflow::upsert_search_attributes({kCode.unset(), kCount.is(7)});
    workflow::upsert_memo({{"who", Value::of<std::string>("me")}});
    co_await workflow::sleep(1ms);
    const auto& now = workflow::search_attributes();
    co_return before + (now.get(kCode) ? " kept " : " gone ") +
        std::to_string(now.get(kCount).value_or(0));
  }
};

TEST_F(Authoring, SearchAttributesAndMemoReachTheDescription) {
  api::operatorservice::v1::AddSearchAttributesRequest request;
  request.set_namespace_("default");
  (*request.mutable_search_attributes())["Code"] = api::enums::v1::INDEXED_VALUE_TYPE_KEYWORD;
  (*request.mutable_search_attributes())["Count"] = api::enums::v1::INDEXED_VALUE_TYPE_INT;
  client.call(RpcService::operators, "AddSearchAttributes", request.SerializeAsString()).get();
  work_on<Listed>({}, {.max_cached_workflows = 0});
  std::optional<WorkflowHandle<std::string>> handle;
  eventually(
      [&] {  // the server learns of them within seconds
        try {
          handle = client
                       .start_workflow(listed_type,
                                       {.id = queue,
                                        .task_queue = queue,
                                        .search_attributes = {kCode.is("A1"), kCount.is(1)}})
                       .get();
          return true;
        } catch (const RpcError&) {
          return false;
        }
      },
      "the search attributes");
  EXPECT_EQ(result(*handle), "A1 gone 7");
  auto description = handle->describe().get();
  EXPECT_EQ(description.search_attributes.get(kCount), 7);
  EXPECT_FALSE(description.search_attributes.get(kCode));
  EXPECT_EQ(description.memo.at("who").as<std::string>(), "me");
}

// --- Timers

constexpr WorkflowType<bool()> waiting_type{"Waiting"};
struct Waiting {
  static auto definition() { return workflow_definition(waiting_type, &Waiting::run); }
  Task<bool> run() {
    co_await workflow::sleep(1ms, {.summary = "nap"});
    auto never = workflow::wait_until([] { return false; }, 1ms, {.summary = "patience"});
    co_await never.settled();
    co_return never.ready();
  }
};

TEST_F(Authoring, TimersAndTimeoutsShowTheirSummaries) {
  work_on<Waiting>();
  auto handle = start(waiting_type);
  EXPECT_TRUE(result(handle));
  const auto history = handle.fetch_history().get().to_json();
  EXPECT_THAT(history, HasSubstr("Im5hcCI="));          // "nap", in base64
  EXPECT_THAT(history, HasSubstr("InBhdGllbmNlIg=="));  // "patience"
}

}  // namespace
}  // namespace temporal::tests
