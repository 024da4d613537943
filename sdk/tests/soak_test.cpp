// A worker under load for minutes, on the real server: a mix of all that workflows do, a small
// cache, restarts. Every result and every history is checked, and that memory, threads and files do
// not grow.
//
// TEMPORAL_SOAK_SECONDS sets how long, else five minutes. It prints one line of figures; the last
// ones stand in docs/evidence/sdk-soak.md.
#include <dirent.h>
#include <temporal/activity.h>
#include <temporal/api.h>
#include <temporal/workflow_side_effect.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <thread>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;

constexpr int kLanes = 32;      // workflows at a time
constexpr auto kLife = 30s;     // of a worker, before the next one takes its place
constexpr auto kLongest = 90s;  // of a call: a task lost with its worker comes again after 10 s
constexpr auto kAtAnEnd = 1s;   // around a worker's end, where Core may lose a task
constexpr std::array<std::size_t, 3> kCaches = {4, 12, 30};  // of one worker after the other
constexpr std::int64_t kRunsADrop = 300;  // at least, for one task that Core drops elsewhere
constexpr double kMostGrowth = 24;        // MiB of memory after the warm-up
constexpr int kMostMoreThreads = 4;       // likewise
constexpr int kMostMoreFiles = 4;         // likewise
constexpr std::size_t kMostShown = 20;    // failures in words

std::atomic<std::int64_t> activities = 0, begun = 0, alive = 0;

struct Counted {  // a run's object, made again after an eviction
  Counted() { ++alive, ++begun; }
  ~Counted() { --alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
};

constexpr ActivityType<std::int64_t(std::int64_t)> twice{"twice"}, next{"next"}, flaky{"flaky"};
constexpr ActivityType<void(std::int64_t)> fails{"fails"};
constexpr SignalType<void(std::int64_t)> give{"give"};
constexpr UpdateType<std::int64_t(std::int64_t)> add{"add"};

const workflow::ActivityOptions kOptions{.start_to_close_timeout = kPatience,
                                         .retry_policy = RetryPolicy{.initial_interval = 10ms}};

Registry work_to_do() {
  Registry registry;
  auto counting = [](auto body) {
    return [body](activity::Context context, std::int64_t n) {
      ++activities;
      return body(context, n);
    };
  };
  registry.activity(twice, counting([](const auto&, std::int64_t n) { return 2 * n; }));
  registry.activity(next, counting([](const auto&, std::int64_t n) { return n + 1; }));
  registry.activity(flaky, counting([](const activity::Context& context, std::int64_t n) {
                      if (context.info().attempt < 2) throw std::runtime_error("not yet");
                      return n;
                    }));
  registry.activity(fails, counting([](const auto&, std::int64_t n) {
                      throw ApplicationFailure("as it should",
                                               {.type = std::to_string(n), .non_retryable = true});
                    }));
  return registry;
}

struct Thrice : Counted {
  static constexpr WorkflowType<std::int64_t(std::int64_t)> type{"SoakChild"};
  static auto definition() { return workflow_definition(type, &Thrice::run); }
  Task<std::int64_t> run(std::int64_t n) {
    co_await workflow::sleep(5ms);
    co_return 3 * n;
  }
};

struct Sum {
  std::int64_t n = 0;
  std::int64_t so_far = 0;
  bool last = false;
};
class Mixed : Counted {
 public:
  static constexpr WorkflowType<std::int64_t(Sum)> type{"SoakMixed"};
  static constexpr std::int64_t expected(std::int64_t n) { return 14 * n + 7; }
  static auto definition() {
    return workflow_definition(type, &Mixed::run)
        .signal(give, &Mixed::on_give)
        .update(add, &Mixed::on_add);
  }
  Task<std::int64_t> run(Sum sum) {
    const auto n = sum.n;
    if (sum.last) co_return sum.so_far + co_await workflow::execute_activity(twice, kOptions, 1);
    auto a = workflow::execute_activity(twice, kOptions, n);
    auto b = workflow::execute_activity(twice, kOptions, n + 1);
    auto [first, second] = co_await workflow::all(a, b);
    sum_ += first + second;  // 4n + 2
    sum_ += co_await workflow::execute_local_activity(next, {.start_to_close_timeout = kPatience},
                                                      n);                    // n + 1
    sum_ += co_await workflow::execute_child_workflow(Thrice::type, {}, n);  // 3n
    sum_ += co_await workflow::execute_activity(flaky, kOptions, n);         // n
    sum_ += co_await workflow::side_effect([n] { return n; });               // n
    auto failing = workflow::execute_activity(fails, kOptions, n);
    auto failed = co_await failing.settled();
    if (!failed && failed.error().root().type() == std::to_string(n)) ++sum_;      // 1
    sum_ += co_await canceled();                                                   // 1
    co_await workflow::wait_until([this] { return given_ == 2 && added_ == 1; });  // 4n
    co_await workflow::wait_until(workflow::all_handlers_finished);
    workflow::continue_as_new(type, {}, {.n = n, .so_far = sum_, .last = true});  // 2
  }

 private:
  static Task<> wait_long() { co_await workflow::sleep(1h); }
  static Task<std::int64_t> canceled() {
    workflow::Scope scope;
    auto waiting = workflow::spawn(workflow::in_scope(scope, wait_long()));
    co_await workflow::sleep(10ms);
    scope.cancel();
    auto ended = co_await waiting.settled();
    co_return !ended && ended.error().kind() == FailureKind::canceled ? 1 : 0;
  }
  void on_give(std::int64_t n) {
    sum_ += n;
    ++given_;
  }
  Task<std::int64_t> on_add(std::int64_t n) {
    auto more = co_await workflow::execute_activity(twice, kOptions, n);
    sum_ += more;
    ++added_;
    co_return more;
  }
  std::int64_t sum_ = 0;
  int given_ = 0;
  int added_ = 0;
};

struct CalledOff : Counted {
  static constexpr WorkflowType<void()> type{"SoakCalledOff"};
  static auto definition() { return workflow_definition(type, &CalledOff::run); }
  static Task<> undo() { co_await workflow::execute_activity(twice, kOptions, 1); }
  Task<> run() {
    auto waiting = workflow::sleep(1h);
    auto waited = co_await waiting.settled();
    co_await workflow::shielded(undo());
    if (!waited) throw_failure(waited.error());
  }
};

struct Failing : Counted {
  static constexpr WorkflowType<void(std::int64_t)> type{"SoakFailing"};
  static auto definition() { return workflow_definition(type, &Failing::run); }
  Task<> run(std::int64_t n) { co_await workflow::execute_activity(fails, kOptions, n); }
};

// --- What the process holds

struct Held {
  double mebibytes = 0;
  int threads = 0;
  int files = 0;
};
int entries(const char* folder) {
  int count = 0;
  if (DIR* open = ::opendir(folder)) {
    while (::readdir(open)) ++count;
    ::closedir(open);
  }
  return count;
}
Held held() {
  std::size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return {.mebibytes = static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / (1 << 20),
          .threads = entries("/proc/self/task"),
          .files = entries("/proc/self/fd")};
}
Held most(const Held& a, const Held& b) {
  return {std::max(a.mebibytes, b.mebibytes), std::max(a.threads, b.threads),
          std::max(a.files, b.files)};
}

// --- The load

class Soak : public ServerTest {
 protected:
  // Workflows of a lane, one after another, until the time is over.
  void lane(std::chrono::steady_clock::time_point end) {
    while (std::chrono::steady_clock::now() < end) {
      const auto n = ++started_;
      try {
        if (n % 8 == 0)
          call_off(n);
        else if (n % 8 == 1)
          fail(n);
        else
          mix(n);
      } catch (const std::exception& e) {
        wrong(n, e.what());
      }
    }
  }
  template <class R, class... A>
  WorkflowHandle<R> begin(std::int64_t n, const WorkflowType<R(A...)>& type,
                          std::type_identity_t<A>... args) {
    ++runs_;
    const WorkflowOptions options{.id = queue + "-" + std::to_string(n), .task_queue = queue};
    return client.start_workflow(type, options, std::move(args)...).get();
  }
  void mix(std::int64_t n) {
    auto handle = begin(n, Mixed::type, {.n = n});
    for (int i = 0; i < 2; ++i, ++signals_) handle.signal(give, n).get();
    if (handle.execute_update(add, {.rpc = {.timeout = kLongest}}, n).get() != 2 * n)
      wrong(n, "the update's result");
    ++updates_;
    runs_ += 2;  // a child, and a second run
    if (handle.result({.rpc = {.timeout = kLongest}}).get() != Mixed::expected(n))
      wrong(n, "the result");
    check_history(n, handle.first_execution_run_id());
    check_history(n);
  }
  void call_off(std::int64_t n) {
    auto handle = begin(n, CalledOff::type);
    handle.cancel().get();
    if (failure(handle).kind() != FailureKind::canceled) wrong(n, "it was not canceled");
    check_history(n);
  }
  void fail(std::int64_t n) {
    auto handle = begin(n, Failing::type, n);
    if (failure(handle).root().type() != std::to_string(n)) wrong(n, "its failure");
    check_history(n);
  }
  // No workflow task may have failed. One that ran out of time is given out again.
  void check_history(std::int64_t n, std::string run_id = {}) {
    const auto id = queue + "-" + std::to_string(n);
    auto fetched = client.workflow_handle<void>(id, std::move(run_id)).fetch_history().get();
    api::history::v1::History history;
    history.ParseFromString(fetched.bytes());
    for (const auto& event : history.events()) {
      if (event.has_workflow_task_failed_event_attributes())
        wrong(n, event.workflow_task_failed_event_attributes().ShortDebugString());
      if (!event.has_workflow_task_timed_out_event_attributes()) continue;
      const auto& timeout = event.workflow_task_timed_out_event_attributes();
      if (timeout.timeout_type() == api::enums::v1::TIMEOUT_TYPE_SCHEDULE_TO_START)
        ++waited_;  // for a worker that had ended
      else if (ended_about(history.events(timeout.started_event_id() - 1).event_time()))
        ++lost_;
      else
        ++dropped_;
    }
  }
  bool ended_about(const google::protobuf::Timestamp& time) {
    const std::chrono::system_clock::time_point at(std::chrono::seconds(time.seconds()) +
                                                   std::chrono::microseconds(time.nanos() / 1000));
    const std::scoped_lock lock(mutex_);
    return std::ranges::any_of(ends_, [at](const auto& end) {
      return at >= end.first - kAtAnEnd && at <= end.second + kAtAnEnd;
    });
  }
  void wrong(std::int64_t n, const std::string& what) {
    if (++failures_ <= kMostShown) ADD_FAILURE() << n << ": " << what;
  }

  // The next worker, after the one that is there has ended.
  void take_over() {
    if (worker_) end_worker();
    auto registry = work_to_do();
    registry.workflow<Mixed>().workflow<Thrice>().workflow<CalledOff>().workflow<Failing>();
    // As many slots as places: a task that waits in the worker for a place is lost when it ends.
    const auto places = kCaches[workers_ % kCaches.size()];
    worker_.emplace(client, WorkerOptions{.task_queue = queue,
                                          .registry = std::move(registry),
                                          .max_cached_workflows = places,
                                          .max_concurrent_workflow_tasks = places,
                                          .graceful_shutdown_timeout = kPatience});
    worker_->start();
    ++workers_;
  }
  void end_worker() {
    const auto begin = std::chrono::system_clock::now();
    worker_->shutdown();
    worker_.reset();
    const std::scoped_lock lock(mutex_);
    ends_.emplace_back(begin, std::chrono::system_clock::now());
  }
  // Of a workflow that is to fail.
  static Failure failure(const WorkflowHandle<void>& handle) {
    try {
      handle.result({.rpc = {.timeout = kLongest}}).get();
    } catch (const WorkflowFailedError& e) {
      return e.failure();
    }
    throw std::runtime_error("it completed");
  }
  void print(const Held& first, const Held& after) const {
    std::cout << "soak: " << length().count() << " s, " << started_ << " workflows in " << runs_
              << " runs, " << begun - runs_ << " times one replayed after an eviction, "
              << activities << " activities, " << signals_ << " signals, " << updates_
              << " updates, " << workers_ << " workers, at whose ends " << lost_
              << " tasks were lost and " << waited_ << " waited, " << dropped_
              << " tasks dropped elsewhere, RSS " << std::fixed << std::setprecision(1)
              << first.mebibytes << " -> " << after.mebibytes << " MiB, threads " << first.threads
              << " -> " << after.threads << ", files " << first.files << " -> " << after.files
              << ", " << failures_ << " failures" << std::endl;
  }
  static std::chrono::seconds length() {
    const char* set = std::getenv("TEMPORAL_SOAK_SECONDS");
    return set ? std::chrono::seconds(std::atoi(set)) : 5min;
  }

  std::optional<Worker> worker_;
  std::atomic<std::int64_t> started_ = 0, runs_ = 0, signals_ = 0, updates_ = 0, waited_ = 0,
                            lost_ = 0, dropped_ = 0;
  std::atomic<std::size_t> failures_ = 0;
  std::size_t workers_ = 0;
  std::mutex mutex_;
  std::vector<
      std::pair<std::chrono::system_clock::time_point, std::chrono::system_clock::time_point>>
      ends_;  // of workers, from the call to its return
};

TEST_F(Soak, ResultsAreRightAndNothingGrows) {
  const auto begin = std::chrono::steady_clock::now();
  const auto warm = begin + length() / 5, compared = warm + length() / 5;
  const auto end = begin + length(), last = end - length() / 5;
  Held first, after;  // the most of a fifth of the time, after the warm-up and at the end
  take_over();
  {
    std::vector<std::jthread> lanes;
    for (int i = 0; i < kLanes; ++i) lanes.emplace_back([this, end] { lane(end); });
    auto relieved = begin;
    for (auto now = begin; now < end; now = std::chrono::steady_clock::now()) {
      std::this_thread::sleep_for(100ms);
      if (now >= relieved + kLife) take_over(), relieved = now;
      if (now >= warm && now < compared) first = most(first, held());
      if (now >= last) after = most(after, held());
    }
  }
  eventually([this] { return worker_->status().cached_workflows == 0; }, "an empty cache");
  const auto status = worker_->status();
  EXPECT_EQ(status.workflow_tasks.used + status.activities.used + status.local_activities.used, 0U);
  end_worker();
  EXPECT_EQ(alive, 0);  // objects of runs
  EXPECT_EQ(failures_, 0U);
  EXPECT_LE(dropped_, 1 + runs_ / kRunsADrop);
  EXPECT_LE(after.mebibytes, first.mebibytes + kMostGrowth);
  EXPECT_LE(after.threads, first.threads + kMostMoreThreads);
  EXPECT_LE(after.files, first.files + kMostMoreFiles);
  print(first, after);
}

}  // namespace
}  // namespace temporal::tests
