// Eviction at every await, on the real server: with no cache, and with room for one of two runs
// that want it by turns, workflows give what they give where all of them stay in memory.
#include <temporal/activity.h>
#include <temporal/replayer.h>
#include <temporal/workflow_side_effect.h>
#include <temporal/workflow_sync.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;
using Lines = std::vector<std::string>;

// What no history knows: what runs await when they leave the memory, and who was in it.
class Watch {
 public:
  void awaits(const std::string& run, std::string what) {
    const std::scoped_lock lock(mutex_);
    awaits_[run] = std::move(what);
  }
  void begins(const std::string& run) {  // again, if it awaits something
    const std::scoped_lock lock(mutex_);
    if (auto found = awaits_.find(run); found != awaits_.end() && !found->second.empty())
      evicted_at_.insert(found->second);
  }
  std::set<std::string> evicted_at() const {
    const std::scoped_lock lock(mutex_);
    return evicted_at_;
  }
  int count(const std::string& what) const {
    const std::scoped_lock lock(mutex_);
    auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  int counted(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    return ++counts_[what];
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> awaits_;
  std::map<std::string, int> counts_;
  std::set<std::string> evicted_at_;
};
std::unique_ptr<Watch> watch;

constexpr ActivityType<std::string(std::string, std::string)> echo{"echo"};
constexpr ActivityType<std::string(std::string)> local{"local"};
constexpr ActivityType<int(std::string, int)> ask{"ask"};  // by an update of its caller
constexpr SignalType<void(int)> meet{"meet"}, hello{"hello"};
constexpr SignalType<void()> nudge{"nudge"};
constexpr UpdateType<int(int)> add{"add"};

constexpr WorkflowType<int(int)> child_type{"EvictedChild"};
struct Child {
  static auto definition() {
    return workflow_definition(child_type, &Child::run).signal(hello, &Child::on_hello);
  }
  Task<int> run(int waits_for) {
    co_await workflow::sleep(1ms);
    co_await workflow::wait_until([this, waits_for] { return heard_ >= waits_for; });
    co_return heard_;
  }
  void on_hello(int n) { heard_ += n; }
  int heard_ = 0;
};

struct Plan {
  std::string other = {};  // the run that wants the same place in the cache
  bool first = false;
  bool last = false;
  Lines lines = {};
};

constexpr WorkflowType<Lines(Plan)> every_type{"Every"};
class Every {
 public:
  static constexpr std::array kAwaits = {
      "activity",    "settled",     "back-off", "timer",       "side effect", "random",
      "update",      "handler",     "meeting",  "wait",        "child",       "started child",
      "child ended", "select",      "any",      "all",         "channel",     "scope",
      "shielded",    "child scope", "patch",    "the next run"};

  static auto definition() {
    return workflow_definition(every_type, &Every::run)
        .signal(meet, &Every::on_meet)
        .signal(nudge, &Every::on_nudge)
        .update(add, &Every::on_add, &Every::check_add);
  }

  Task<Lines> run(Plan plan) {
    watch->begins(workflow::info().run_id);
    other_ = plan.other;
    lines_ = plan.lines;
    if (!plan.last) {
      // By turns: without a cache, another's task makes Core run a local activity again.
      for (const bool first : {true, false}) {
        if (plan.first == first) {
          co_await activities();
          co_await what_is_recorded();
        }
        co_await meeting();
      }
      co_await handlers();
      co_await children();
      co_await meeting();
      co_await several();
      co_await scopes();
      co_await patches();
      co_await meeting();
      at("");
      workflow::continue_as_new(every_type, {}, {.other = other_, .last = true, .lines = lines_});
    }
    at("the next run");
    note(co_await echoed("next"));
    at("");
    co_return lines_;
  }

 private:
  static void at(std::string what) { watch->awaits(workflow::info().run_id, std::move(what)); }
  void note(std::string line) { lines_.push_back(std::move(line)); }

  static workflow::ActivityOptions options() { return {.start_to_close_timeout = kPatience}; }
  workflow::Future<std::string> echoed(std::string text) {
    return workflow::execute_activity(echo, options(), other_, std::move(text));
  }
  void on_meet(int step) { other_step_ = step; }
  void on_nudge() { watch->counted("nudged " + workflow::info().workflow_id); }
  void check_add(int n) const {
    if (n < 0) throw ApplicationFailure("less than nothing");
  }

  // Each goes on once the other has come as far: a signal of a workflow, a condition woken by one.
  Task<> meeting() {
    ++step_;
    at("meeting");
    co_await workflow::external_workflow(other_).signal(meet, step_);
    at("wait");
    co_await workflow::wait_until([this] { return other_step_ >= step_; });
    note("met " + std::to_string(step_));
  }

  Task<> activities() {
    at("activity");
    note(co_await echoed("activity"));
    at("settled");
    auto failing = echoed("fail");
    auto failed = co_await failing.settled();
    note(failed ? "no failure" : failed.error().root().message());
    auto nudging = echoed("");
    at("back-off");  // a timer of the workflow
    note(co_await workflow::execute_local_activity(
        local,
        {.start_to_close_timeout = kPatience,
         .retry_policy = RetryPolicy{.initial_interval = 100ms, .backoff_coefficient = 1},
         .local_retry_threshold = 10ms},
        "local"));
    nudging = echoed("");
    at("timer");
    while (!nudging.ready()) co_await workflow::sleep(200ms);
    note("slept");
  }

  Task<> what_is_recorded() {
    auto run = workflow::info().run_id;
    note(co_await workflow::side_effect(
        [run] { return "effect " + std::to_string(watch->counted("effect " + run)); }));
    at("side effect");
    co_await echoed("");
    for (int i = 0; i < 2; ++i)
      note(co_await workflow::mutable_side_effect(
          "limit", [run] { return "limit " + std::to_string(watch->counted("limit " + run)); }));
    auto drawn = std::to_string(workflow::random().uniform(0, 1'000'000)) + workflow::uuid4() +
                 std::to_string(workflow::random("named")()) +
                 std::to_string(workflow::now().time_since_epoch().count());
    at("random");
    note(drawn == co_await echoed(drawn) ? "the same" : "another");
  }

  Task<> handlers() {
    at("update");
    note("asked " + std::to_string(co_await workflow::execute_activity(ask, options(), other_, 5)));
    auto refused = workflow::execute_activity(ask, options(), other_, -1);
    auto why = co_await refused.settled();
    note(why ? "not refused" : why.error().root().message());
    note("sum " + std::to_string(sum_));
  }
  Task<int> on_add(int n) {
    at("handler");
    co_await echoed("in the handler");
    sum_ += n;
    co_await workflow::sleep(1ms);
    co_return sum_;
  }

  Task<> children() {
    at("child");
    note("child " + std::to_string(co_await workflow::execute_child_workflow(child_type, {}, 0)));
    at("started child");
    auto child = co_await workflow::start_child_workflow(child_type, {}, 7);
    co_await child.signal(hello, 3);
    co_await echoed("");
    co_await child.signal(hello, 4);
    at("child ended");
    note("child " + std::to_string(co_await child.result()));
  }

  Task<> several() {
    auto hour = workflow::sleep(1h);
    auto one = echoed("one");
    at("select");
    note("selected " + std::to_string(co_await workflow::select(hour, one)));
    std::vector<workflow::Future<std::string>> more;
    for (auto text : {"fail", "b"}) more.push_back(echoed(text));
    auto none = workflow::wait_until([] { return false; });
    at("any");
    co_await workflow::any(more);
    auto two = echoed("two");
    at("all");
    auto [first, second] = co_await workflow::all(one, two);
    note(first + second);
    auto failed = co_await more[0].settled();
    note((failed ? "?" : "failed, ") + co_await more[1] + (none.ready() ? "?" : ""));
    workflow::Channel<std::string> channel(1);
    auto sent = workflow::spawn(sending(channel, workflow::Semaphore(1)));
    while (auto text = co_await channel.receive()) note("received " + *text);
    co_await sent;
  }
  Task<> sending(workflow::Channel<std::string> channel, workflow::Semaphore one) {
    for (auto text : {"x", "y"}) {
      auto permit = co_await one.acquire();
      at("channel");
      co_await channel.send(co_await echoed(text));
    }
    channel.close();
  }

  Task<> in_the_scope(int kind) {
    if (kind == 0) co_await workflow::sleep(1h);
    if (kind == 1) co_await workflow::wait_until([] { return false; });
    if (kind == 2) co_await workflow::execute_child_workflow(child_type, {}, 1);
  }
  Task<std::string> undo() {
    at("shielded");
    co_return co_await echoed("undone");
  }
  Task<> scopes() {
    workflow::Scope scope;
    std::vector<workflow::Future<void>> all;
    for (int kind = 0; kind < 3; ++kind)
      all.push_back(workflow::spawn(workflow::in_scope(scope, in_the_scope(kind))));
    at("scope");
    co_await echoed("");
    auto shielded = workflow::spawn(workflow::in_scope(scope, workflow::shielded(undo())));
    co_await echoed("");
    scope.cancel("enough");
    at("child scope");
    for (auto& one : all) {
      auto ended = co_await one.settled();
      note(!ended && ended.error().root().kind() == FailureKind::canceled ? "canceled" : "?");
    }
    note(co_await shielded);
  }

  Task<> patches() {
    const bool before = workflow::patched("a change");
    at("patch");
    co_await echoed("");
    note(before && workflow::patched("a change") ? "patched" : "not patched");
  }

  std::string other_;
  Lines lines_;
  int step_ = 0;
  int other_step_ = 0;
  int sum_ = 0;
};

class Evictions : public ServerTest {
 protected:
  struct Played {
    std::vector<Lines> results;
    std::set<std::string> evicted_at;
  };

  Registry registry() {
    Registry registry;
    registry.workflow<Every>().workflow<Child>();
    registry.activity(echo, [this](activity::Context context, std::string other, std::string text) {
      let_work(other);
      watch->counted("echoed " + context.info().workflow_id);
      if (text == "fail") throw ApplicationFailure("failed", {.non_retryable = true});
      return text;
    });
    registry.activity(local, [](activity::Context context, std::string text) {
      const auto echoes = "echoed " + context.info().workflow_id;
      if (context.info().attempt < 2 || watch->count(echoes) < 3)
        throw std::runtime_error("not yet");
      return text;
    });
    registry.activity(ask, [this](activity::Context context, std::string other, int n) {
      let_work(other);
      try {
        return client.workflow_handle(every_type, context.info().workflow_id)
            .execute_update(add, n)
            .get();
      } catch (const UpdateFailedError& e) {
        throw ApplicationFailure(e.failure().message(), {.non_retryable = true});
      }
    });
    return registry;
  }

  // Returns once the other run has been in the worker, which evicts its caller from a cache of one.
  void let_work(const std::string& other) const {
    const auto nudged = "nudged " + other;
    const int before = watch->count(nudged);
    try {
      client.workflow_handle(every_type, other).signal(nudge).get();
    } catch (const RpcError& e) {
      if (e.code() == RpcCode::not_found) return;  // it has ended
      throw;
    }
    eventually([&] { return watch->count(nudged) > before; }, "the other run");
  }

  // Two runs that alternate, in a worker with this cache.
  Played play(std::size_t cache) {
    watch = std::make_unique<Watch>();
    const std::string name = queue + "-" + std::to_string(cache);
    const Lines ids = {name + "-a", name + "-b"};
    std::vector<WorkflowHandle<Lines>> runs;
    for (std::size_t i : {0U, 1U})
      runs.push_back(client
                         .start_workflow(every_type, {.id = ids[i], .task_queue = name},
                                         {.other = ids[1 - i], .first = i == 0})
                         .get());
    Worker worker(client,
                  {.task_queue = name, .registry = registry(), .max_cached_workflows = cache});
    worker.start();
    Played played;
    for (auto& run : runs) played.results.push_back(result(run));
    // A result may be known before the worker is told to forget the run that had it.
    eventually([&] { return worker.status().cached_workflows <= cache; }, "the last eviction");
    played.evicted_at = watch->evicted_at();
    for (auto& run : runs) check_histories(run);
    return played;
  }
  void check_histories(const WorkflowHandle<Lines>& run) {
    for (const auto& run_id : {run.first_execution_run_id(), std::string()}) {
      auto history = client.workflow_handle(every_type, run.id(), run_id).fetch_history().get();
      const auto json = history.to_json();
      // A nudge that comes while a run ends makes the server ask for its last task again.
      for (std::size_t at = 0; (at = json.find(kCause, at)) != json.npos; at += kCause.size())
        EXPECT_TRUE(json.substr(at + kCause.size()).starts_with("UNHANDLED_COMMAND")) << json;
      EXPECT_FALSE(json.contains("EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT"));
      auto replayed = Replayer({.registry = registry()}).replay(history);
      EXPECT_TRUE(replayed.ok()) << replayed.failure << replayed.report;
    }
  }

  static constexpr std::string_view kCause = "WORKFLOW_TASK_FAILED_CAUSE_";
  const std::set<std::string> everywhere{Every::kAwaits.begin(), Every::kAwaits.end()};
  static Lines want(bool first) {
    Lines own = {"activity", "failed",  "local",   "slept",
                 "effect 1", "limit 1", "limit 2", "the same"};
    own.insert(first ? own.end() : own.begin(), "met 1");
    const Lines then = {"met 2",     "asked 5",    "less than nothing",
                        "sum 5",     "child 0",    "child 7",
                        "met 3",     "selected 1", "onetwo",
                        "failed, b", "received x", "received y",
                        "canceled",  "canceled",   "canceled",
                        "undone",    "patched",    "met 4",
                        "next"};
    own.insert(own.end(), then.begin(), then.end());
    return own;
  }
  void expect_the_results(const Played& played) const {
    EXPECT_EQ(played.results, (std::vector{want(true), want(false)}));
  }
};

TEST_F(Evictions, NoneWhereAllRunsStayInMemory) {
  auto played = play(WorkerOptions().max_cached_workflows);
  expect_the_results(played);
  EXPECT_THAT(played.evicted_at, ::testing::IsEmpty());
}

TEST_F(Evictions, AtEveryAwaitWithoutACache) {
  auto played = play(0);
  expect_the_results(played);
  EXPECT_EQ(played.evicted_at, everywhere);
}

TEST_F(Evictions, AtEveryAwaitWhereTwoRunsEvictEachOther) {
  auto played = play(1);
  expect_the_results(played);
  auto most = everywhere;
  most.erase("meeting");  // the server may have recorded the signal before the other run works
  played.evicted_at.erase("meeting");
  EXPECT_EQ(played.evicted_at, most);
}

}  // namespace
}  // namespace temporal::tests
