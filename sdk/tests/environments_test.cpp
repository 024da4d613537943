// temporal/testing.h on the real server: time that it skips, workers, histories that it lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/replay.h>
#include <temporal/testing.h>
#include <temporal/workflow.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "server.h"
#include "testing/test_calls.h"

namespace temporal::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf, ::testing::HasSubstr;
using testing::Environment, testing::error_of;
using workflow::Task;

constexpr auto kPatience = 30s;

struct Span {
  int days = 1;
  std::int64_t day_ms = std::chrono::milliseconds(24h).count();
};
constexpr WorkflowType<int(Span)> days_type{"Days"};
constexpr WorkflowType<int(Span)> parent_type{"ParentOfDays"};
constexpr ActivityType<int(int)> twice{"twice"};
struct Days {  // a day, an activity, and again
  static auto definition() { return workflow_definition(days_type, &Days::run); }
  Task<int> run(Span span) {
    int sum = 0;
    for (int day = 1; day <= span.days; ++day) {
      co_await workflow::sleep(std::chrono::milliseconds(span.day_ms));
      sum += co_await workflow::execute_activity(twice, {.start_to_close_timeout = 10s}, day);
    }
    co_return sum;
  }
};
struct ParentOfDays {
  static auto definition() { return workflow_definition(parent_type, &ParentOfDays::run); }
  Task<int> run(Span span) {
    co_return co_await workflow::execute_child_workflow(days_type, {}, span);
  }
};

Registry registry() {
  Registry r;
  r.workflow<Days>().workflow<ParentOfDays>().activity(twice, [](int n) { return 2 * n; });
  return r;
}
WorkflowOptions options(std::string id) {
  return {.id = std::move(id), .task_queue = "environments"};
}
template <class R>
R result(const WorkflowHandle<R>& handle) {
  return handle.result({.rpc = {.timeout = kPatience}}).get();
}

// [environments]
// One test for each environment: the line that names it is all that changes.
void runs_in(const Environment& env, std::chrono::milliseconds day) {
  auto worker = env.work({.task_queue = "environments", .registry = registry()});
  const Span span{.days = 3, .day_ms = day.count()};
  auto handle =
      env.client().start_workflow(parent_type, options(std::to_string(span.day_ms)), span).get();
  EXPECT_EQ(result(handle), 2 * (1 + 2 + 3));
}
TEST(Environments, Existing) {
  runs_in(Environment::existing(Server::shared().address()), 1ms);
}
TEST(Environments, TimeSkipping) {
  runs_in(Environment::time_skipping(Server::shared().address()), 24h);
}
TEST(Environments, Simulated) {
  runs_in(Environment::simulated(), 24h);
}
// [environments]

TEST(TimeSkipping, EndsAtItsLimitWithASentence) {
  auto env = Environment::time_skipping(Server::shared().address(), {.max_session_skip_count = 2});
  auto worker = env.work({.task_queue = "environments", .registry = registry()});
  auto handle = env.client().start_workflow(days_type, options("limited"), {.days = 5}).get();
  EXPECT_THAT(error_of(handle.result({.rpc = {.timeout = kPatience}})),
              AllOf(HasSubstr("workflow limited has skipped time 2 times"),
                    HasSubstr("max_session_skip_count")));
  handle.terminate().get();
  EXPECT_THROW(env.sleep(1s), std::logic_error);
  EXPECT_THROW(Environment::time_skipping(ClientOptions{}, {.max_session_skip_count = 0}),
               std::invalid_argument);
}

TEST(TimeSkipping, AServerThatCannotIsNamed) {
  const auto off = std::filesystem::temp_directory_path() /
                   ("no-time-skipping-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(off) << "frontend.WorkflowTimeSkippingEnabled:\n  - value: false\n";
  {
    testing::Server server({.binary = Server::binary(), .dynamic_config = off});
    auto env = Environment::time_skipping(server.address());
    EXPECT_THAT(
        error_of(env.client().start_workflow(days_type, options("none"), {})),
        AllOf(HasSubstr("this server cannot skip time"), HasSubstr("Environment::simulated()")));
  }
  std::filesystem::remove(off);
}

TEST(ReplayOfAQuery, IsOfWhatTheServerLists) {
  auto env = Environment::time_skipping(Server::shared().address());
  {
    auto worker = env.work({.task_queue = "environments", .registry = registry()});
    for (std::string id : {"listed-1", "listed-2", "listed-3"})
      result(env.client().start_workflow(days_type, options(id), {}).get());
  }
  const Replayer replayer({.registry = registry()});
  const testing::ReplayQueryOptions listed{
      .query = "WorkflowId STARTS_WITH 'listed-' AND ExecutionStatus = 'Completed'", .at_once = 2};
  std::vector<ReplayResult> results;
  for (auto limit = std::chrono::steady_clock::now() + kPatience;
       results.size() < 3 && std::chrono::steady_clock::now() < limit;)  // a list lags behind
    results = testing::replay(replayer, env.client(), listed);
  ASSERT_EQ(results.size(), 3u);
  for (const auto& r : results) EXPECT_TRUE(r.ok()) << r.workflow_id << ": " << r.failure;
  auto limited = listed;
  limited.limit = 1;
  EXPECT_EQ(testing::replay(replayer, env.client(), limited).size(), 1u);
}

// In protobuf, as in JSON.
TEST(ReplayOfAFolder, HasBothForms) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("histories-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  auto env = Environment::time_skipping(Server::shared().address());
  {
    auto worker = env.work({.task_queue = "environments", .registry = registry()});
    auto handle = env.client().start_workflow(days_type, options("kept"), {}).get();
    EXPECT_EQ(result(handle), 2);
    const auto history = handle.fetch_history().get();
    write("as-bytes.pb", history.bytes());
    write("as-text.json", history.to_json());
    write("notes.txt", "no history");
  }
  const auto histories = testing::read_histories(folder);
  ASSERT_EQ(histories.size(), 2u);
  EXPECT_EQ(histories[0].workflow_id(), "as-bytes");
  EXPECT_EQ(histories[1].workflow_id(), "as-text");
  EXPECT_EQ(histories[0].to_json(), histories[1].to_json());
  for (const auto& r : testing::replay(Replayer({.registry = registry()}), folder))
    EXPECT_TRUE(r.ok()) << r.workflow_id << ": " << r.failure;
  write("broken.pb", "\xff\xff");
  EXPECT_THROW(testing::read_histories(folder), std::invalid_argument);
  std::filesystem::remove_all(folder);
}

TEST(TestServer, WhatIsNoServerIsNamed) {
  try {
    testing::Server server({.binary = "/no/such/temporal-server"});
    FAIL() << "it runs";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/no/such/temporal-server is no Temporal server"));
  }
}

}  // namespace
}  // namespace temporal::tests
