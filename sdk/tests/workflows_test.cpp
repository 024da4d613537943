// Workflows on the real server: what only it can show. The rest is in the instance's own tests.
#include <temporal/activity.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;

struct Cart {
  static constexpr WorkflowType<int(int)> type{"Cart"};
  static constexpr SignalType<void(std::string)> add{"add"};
  static constexpr SignalType<void()> close{"close"};
  static constexpr QueryType<std::vector<std::string>()> items{"items"};
  static constexpr UpdateType<int(std::string)> remove{"remove"};
};

class CartWorkflow {
 public:
  static auto definition() {
    return workflow_definition(Cart::type, &CartWorkflow::run)
        .signal(Cart::add, &CartWorkflow::add)
        .signal(Cart::close, &CartWorkflow::close)
        .query(Cart::items, &CartWorkflow::items)
        .update(Cart::remove, &CartWorkflow::remove, &CartWorkflow::check_remove);
  }
  Task<int> run(int limit) {
    co_await workflow::wait_until(
        [this, limit] { return closed_ || static_cast<int>(items_.size()) >= limit; });
    co_return static_cast<int>(items_.size());
  }
  void add(std::string item) { items_.push_back(std::move(item)); }
  void close() { closed_ = true; }
  std::vector<std::string> items() const { return items_; }
  void check_remove(std::string item) const {
    if (std::ranges::count(items_, item) == 0)
      throw ApplicationFailure("there is no " + item, {.type = "NoSuchItem"});
  }
  Task<int> remove(std::string item) {
    co_await workflow::sleep(10ms);
    if (item == "glue") throw ApplicationFailure("glue sticks", {.type = "Stuck"});
    std::erase(items_, item);
    co_return static_cast<int>(items_.size());
  }

 private:
  std::vector<std::string> items_;
  bool closed_ = false;
};

class Workflows : public ServerTest {};

TEST_F(Workflows, SignalsQueriesAndUpdates) {
  work_on<CartWorkflow>();
  auto cart = start(Cart::type, 3);
  cart.signal(Cart::add, "tea").get();
  cart.signal(Cart::add, "glue").get();
  EXPECT_EQ(cart.query(Cart::items).get(), (std::vector<std::string>{"tea", "glue"}));
  EXPECT_EQ(cart.execute_update(Cart::remove, "tea").get(), 1);
  EXPECT_EQ(cart.query(Cart::items).get(), (std::vector<std::string>{"glue"}));
  cart.signal(Cart::close).get();
  EXPECT_EQ(result(cart), 1);
  EXPECT_EQ(cart.query(Cart::items).get(), (std::vector<std::string>{"glue"}));  // after its end
}

TEST_F(Workflows, AnUpdateIsRejectedByItsValidatorAndFailsByItsHandler) {
  work_on<CartWorkflow>();
  auto cart = start(Cart::type, 3);
  cart.signal(Cart::add, "glue").get();
  auto refused = [&](const std::string& item) -> std::string {
    try {
      cart.execute_update(Cart::remove, item).get();
    } catch (const UpdateFailedError& e) {
      return e.failure().type();
    }
    return "none";
  };
  EXPECT_EQ(refused("coffee"), "NoSuchItem");
  EXPECT_EQ(refused("glue"), "Stuck");
  auto history = cart.fetch_history().get();
  cart.signal(Cart::close).get();
  EXPECT_EQ(result(cart), 1);
}

TEST_F(Workflows, AQueryThatDoesNotExistFails) {
  constexpr QueryType<int()> none{"none"};
  work_on<CartWorkflow>();
  auto cart = start(Cart::type, 1);
  EXPECT_THROW(cart.query(none).get(), QueryFailedError);
}

// --- Timers

constexpr WorkflowType<std::int64_t(int)> nap_type{"Nap"};
struct Nap {
  static auto definition() { return workflow_definition(nap_type, &Nap::run); }
  Task<std::int64_t> run(int milliseconds) {
    auto before = workflow::now();
    co_await workflow::sleep(std::chrono::milliseconds(milliseconds), {.summary = "a nap"});
    auto never = co_await workflow::wait_until([] { return false; }, 10ms);
    if (never) throw ApplicationFailure("false became true");
    co_return std::chrono::duration_cast<std::chrono::milliseconds>(workflow::now() - before)
        .count();
  }
};

TEST_F(Workflows, Timers) {
  work_on<Nap>();
  EXPECT_GE(run(nap_type, 100), 100);
}

// --- Children

constexpr WorkflowType<std::string(std::string)> child_type{"Child"};
constexpr SignalType<void(std::string)> hurry{"hurry"};
struct ChildWorkflow {
  static auto definition() {
    return workflow_definition(child_type, &ChildWorkflow::run).signal(hurry, &ChildWorkflow::on);
  }
  Task<std::string> run(std::string what) {
    if (what == "fail") throw ApplicationFailure("the child failed", {.type = "ChildBroke"});
    co_await workflow::wait_until([this] { return !how_.empty(); });
    co_return what + how_;
  }
  void on(std::string how) { how_ = how; }
  std::string how_;
};
constexpr WorkflowType<std::string(std::string)> parent_type{"Parent"};
struct ParentWorkflow {
  static auto definition() { return workflow_definition(parent_type, &ParentWorkflow::run); }
  Task<std::string> run(std::string what) {
    auto id = workflow::info().workflow_id + "-child";
    auto child = co_await workflow::start_child_workflow(child_type, {.id = id}, what);
    if (what == "external")
      co_await workflow::external_workflow(id).signal(hurry, "!");
    else
      co_await child.signal(hurry, "?");
    co_return co_await child.result();
  }
};

TEST_F(Workflows, ChildrenAndTheirSignals) {
  work_on<ParentWorkflow, ChildWorkflow>();
  EXPECT_EQ(run(parent_type, "child"), "child?");
  EXPECT_EQ(run(parent_type, "external"), "external!");
}

constexpr WorkflowType<void()> failing_parent_type{"FailingParent"};
struct FailingParent {
  static auto definition() { return workflow_definition(failing_parent_type, &FailingParent::run); }
  Task<> run() { co_await workflow::execute_child_workflow(child_type, {}, "fail"); }
};

TEST_F(Workflows, AFailureKeepsItsCausesOnItsWay) {
  work_on<FailingParent, ChildWorkflow>();
  auto failure = failure_of(start(failing_parent_type));
  EXPECT_EQ(failure.kind(), FailureKind::child_workflow);
  ASSERT_TRUE(failure.cause());
  EXPECT_EQ(failure.cause()->message(), "the child failed");
  EXPECT_EQ(failure.cause()->type(), "ChildBroke");
}

// --- Continue as new

constexpr WorkflowType<int(int, std::vector<int>)> counting_type{"Counting"};
struct Counting {
  static auto definition() { return workflow_definition(counting_type, &Counting::run); }
  Task<int> run(int left, std::vector<int> seen) {
    seen.push_back(left);
    if (left > 0) workflow::continue_as_new(counting_type, {}, left - 1, seen);
    co_return static_cast<int>(seen.size());
  }
};

TEST_F(Workflows, ContinueAsNewAndTheResultFollows) {
  work_on<Counting>();
  EXPECT_EQ(run(counting_type, 3, {}), 4);
}

// --- Cancellation

constexpr WorkflowType<std::string()> tidy_type{"Tidy"};
constexpr ActivityType<std::string(std::string)> echo{"echo"};
struct Tidy {
  static auto definition() { return workflow_definition(tidy_type, &Tidy::run); }
  Task<std::string> run() {
    auto slept = co_await workflow::sleep(1h).settled();
    if (slept) co_return "slept";
    co_await workflow::shielded(clean_up());
    throw_failure(slept.error());
  }
  Task<> clean_up() {
    co_await workflow::execute_activity(echo, {.start_to_close_timeout = 10s}, "cleaned");
  }
};

TEST_F(Workflows, CancellationWithAShieldedCleanUp) {
  std::atomic<int> cleaned = 0;
  Registry registry;
  registry.activity(echo, [&cleaned](std::string what) {
    ++cleaned;
    return what;
  });
  auto& worker = work_on<Tidy>(registry);
  auto handle = start(tidy_type);
  handle.cancel().get();
  EXPECT_EQ(failure_of(handle).kind(), FailureKind::canceled);
  EXPECT_EQ(handle.describe().get().status, WorkflowStatus::canceled);
  worker.shutdown();
  EXPECT_EQ(cleaned, 1);
}

// --- Memo, search attributes, patches, random

constexpr WorkflowType<std::string()> attributes_type{"Attributes"};
struct Attributes {
  static auto definition() { return workflow_definition(attributes_type, &Attributes::run); }
  Task<std::string> run() {
    auto first = workflow::memo<std::string>("first").value_or("none");
    workflow::upsert_memo({{"first", std::nullopt}, {"second", Value::of<int>(2)}});
    co_await workflow::sleep(1ms);
    co_return first + std::to_string(workflow::memo<int>("second").value_or(0)) +
        (workflow::memo<std::string>("first") ? "kept" : "removed");
  }
};

TEST_F(Workflows, Memo) {
  work_on<Attributes>();
  auto handle =
      client
          .start_workflow(attributes_type, {.id = queue,
                                            .task_queue = queue,
                                            .memo = {{"first", Value::of<std::string>("one")}}})
          .get();
  EXPECT_EQ(result(handle), "one2removed");
}

constexpr WorkflowType<std::string()> patched_type{"Patched"};
struct Patched {
  static auto definition() { return workflow_definition(patched_type, &Patched::run); }
  Task<std::string> run() {
    auto which = workflow::patched("new-way") ? "new" : "old";
    auto dice = workflow::random()();
    co_await workflow::sleep(1ms);
    co_return std::string(which) + (workflow::patched("new-way") ? " new" : " old") +
        (dice == 0 ? "?" : "");
  }
};

TEST_F(Workflows, PatchesWithoutACache) {
  work_on<Patched>({}, {.max_cached_workflows = 0});
  EXPECT_EQ(run(patched_type), "new new");
}

// --- Payloads

struct Everything {
  std::optional<int> nothing = {};
  std::vector<double> numbers = {};
  std::map<std::string, std::string> texts = {};
  bool yes = false;
  bool operator==(const Everything&) const = default;
};
constexpr WorkflowType<Everything(Everything, Bytes, std::optional<int>)> mirror_type{"Mirror"};
constexpr ActivityType<Bytes(Bytes)> mirror_bytes{"mirrorBytes"};
struct Mirror {
  static auto definition() { return workflow_definition(mirror_type, &Mirror::run); }
  Task<Everything> run(Everything all, Bytes bytes, std::optional<int> none) {
    auto back =
        co_await workflow::execute_activity(mirror_bytes, {.start_to_close_timeout = 10s}, bytes);
    if (back != bytes || none) throw ApplicationFailure("not what was sent");
    co_return all;
  }
};

TEST_F(Workflows, PayloadsOfEveryKind) {
  Registry registry;
  registry.activity(mirror_bytes, [](Bytes bytes) { return bytes; });
  work_on<Mirror>(registry);
  Everything all{.numbers = {0.5, -2}, .texts = {{"한국", "주문"}, {"", "\""}}, .yes = true};
  EXPECT_EQ(run(mirror_type, all, {.data = std::string("\0\xff", 2)}, std::nullopt), all);
}

}  // namespace
}  // namespace temporal::tests
