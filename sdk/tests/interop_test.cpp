// Workflows in C++ call activities of the SDKs for Python and Go, and workflows of those call
// activities in C++: payloads, failures with causes, headers, cancellation. The other sides, which
// take the same names, are interop/peer.py and interop/go; tools/setup --test makes what they run
// with.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <temporal/activity.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"

namespace temporal::tests {
namespace {

using workflow::Task;

struct Order {
  std::string order_id = {};
  int amount = 0;
  std::vector<std::string> tags = {};
  std::optional<std::string> note = {};
  double ratio = 0;
  bool operator==(const Order&) const = default;
};
struct Told {  // what the workflow of the peer saw of activities in C++
  Order order = {};
  std::string tenant = {};
  std::string failure_type = {};
  std::string failure_message = {};
  std::vector<int> failure_details = {};
  bool failure_non_retryable = false;
  std::string cause_type = {};
  bool canceled = false;
};

constexpr ActivityType<Order(Order)> peer_raise{"peer_raise"}, cpp_raise{"cpp_raise"};
constexpr ActivityType<void(std::string)> peer_fail{"peer_fail"}, cpp_fail{"cpp_fail"};
constexpr ActivityType<std::string()> peer_tenant{"peer_tenant"}, cpp_tenant{"cpp_tenant"};
constexpr ActivityType<void(std::string)> peer_wait{"peer_wait"};
constexpr ActivityType<std::string(std::string)> peer_waited{"peer_waited"};
constexpr ActivityType<void()> cpp_wait{"cpp_wait"};
constexpr WorkflowType<Told(std::string)> peer_caller{"PeerCaller"};
constexpr SignalType<void()> waits{"waits"};

// A worker of another SDK, and what it does in its own way.
struct Sdk {
  std::string name;
  std::vector<std::string> program;
  std::string tag;         // that it adds to an order
  std::string cause_type;  // of its failure's cause
};
const std::vector<Sdk> kSdks = {
    {"Python", {INTEROP_PYTHON, INTEROP_PYTHON_PEER}, "파이썬", "ValueError"},
    {"Go", {INTEROP_GO_PEER}, "고", "ShelfError"},
};

// Its process, which ends when its standard input does.
class Peer {
 public:
  Peer(std::vector<std::string> words, const std::string& address, const std::string& queue) {
    std::array<int, 2> in = {}, out = {};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    words.insert(words.end(), {address, queue});
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int failed = posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    char first = 0;
    const bool ready = failed == 0 && read(out[0], &first, 1) == 1;  // "ready", or its end
    output_ = out[0];  // open as long as it lives: an unbuffered Python writes more after this
    if (!ready) throw std::runtime_error("the other SDK's worker did not begin: " + words[0]);
  }
  ~Peer() {
    close(input_);
    close(output_);
    waitpid(process_, nullptr, 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

 private:
  pid_t process_ = -1;
  int input_ = -1;
  int output_ = -1;
};

struct Called {  // what the workflow in C++ saw of activities of the peer
  Order order = {};
  std::string tenant = {};
  std::string failure_type = {};
  std::string failure_message = {};
  int failure_detail = 0;
  bool failure_non_retryable = false;
  std::string cause_type = {};
  bool canceled = false;
  std::string waited = {};
};
constexpr WorkflowType<Called(std::string)> cpp_caller{"CppCaller"};
struct CppCaller {
  static auto definition() {
    return workflow_definition(cpp_caller, &CppCaller::run).signal(waits, &CppCaller::on_waits);
  }
  void on_waits() { waits_ = true; }

  Task<Called> run(std::string queue) {
    const workflow::ActivityOptions options{.task_queue = queue, .start_to_close_timeout = 20s};
    Called called;
    called.order = co_await workflow::execute_activity(
        peer_raise, options, {.order_id = "order-7", .amount = 12, .tags = {"a"}, .ratio = 0.25});
    called.tenant = co_await workflow::execute_activity(peer_tenant, options);
    auto failing = workflow::execute_activity(peer_fail, options, "book");
    if (auto failed = co_await failing.settled(); !failed) {
      const auto& why = *failed.error().cause();
      called.failure_type = why.type();
      called.failure_message = why.message();
      called.failure_detail = why.detail<int>(0).value_or(-1);
      called.failure_non_retryable = why.non_retryable();
      called.cause_type = why.cause() ? why.cause()->type() : "";
    }
    auto cancelable = options;
    cancelable.heartbeat_timeout = 5s;
    cancelable.cancellation_type = workflow::ActivityCancellationType::wait_cancellation_completed;
    workflow::Scope scope;
    auto waiting = workflow::spawn(workflow::in_scope(scope, wait(cancelable)));
    co_await workflow::wait_until([this] { return waits_; });
    scope.cancel("enough");
    auto ended = co_await waiting.settled();
    called.canceled = !ended && ended.error().root().kind() == FailureKind::canceled;
    called.waited =
        co_await workflow::execute_activity(peer_waited, options, workflow::info().run_id);
    co_return called;
  }
  static Task<> wait(workflow::ActivityOptions options) {
    co_await workflow::execute_activity(peer_wait, options, workflow::info().run_id);
  }
  bool waits_ = false;
};

struct Tenant final : workflow::OutboundInterceptor {  // sends "blue" along
  workflow::Future<Value> execute_activity(workflow::ActivityInput in) override {
    in.headers["tenant"] = Value::of(std::string("blue")).to_payload(nullptr, {});
    return next->execute_activity(std::move(in));
  }
};

class Interop : public ServerTest, public ::testing::WithParamInterface<Sdk> {
 protected:
  void SetUp() override {
    for (const auto& needed : GetParam().program) {
      if (std::filesystem::exists(needed)) continue;
      const auto why = needed + " is not there: tools/setup --test makes it";
      if (std::getenv("CI")) FAIL() << why;  // which has to have it
      GTEST_SKIP() << why;
    }
  }
  Peer peer() const { return {GetParam().program, Server::shared().address(), peer_queue}; }
  const std::string peer_queue = queue + "-peer";
};
INSTANTIATE_TEST_SUITE_P(With, Interop, ::testing::ValuesIn(kSdks),
                         [](const auto& info) { return info.param.name; });

TEST_P(Interop, AWorkflowInCppCallsItsActivities) {
  auto other = peer();
  WorkerOptions options;
  options.workflow_interceptors = {
      [] { return workflow::Interceptors{.outbound = std::make_unique<Tenant>()}; }};
  work_on<CppCaller>({}, options);
  auto called = run(cpp_caller, peer_queue);
  EXPECT_EQ(
      called.order,
      (Order{.order_id = "order-7", .amount = 13, .tags = {"a", GetParam().tag}, .ratio = 0.25}));
  EXPECT_EQ(called.tenant, "blue");
  EXPECT_EQ(called.failure_type, "OutOfStock");
  EXPECT_EQ(called.failure_message, "book is out of stock");
  EXPECT_EQ(called.failure_detail, 3);
  EXPECT_TRUE(called.failure_non_retryable);
  EXPECT_EQ(called.cause_type, GetParam().cause_type);
  EXPECT_TRUE(called.canceled);
  EXPECT_EQ(called.waited, "canceled");
}

TEST_P(Interop, ItsWorkflowCallsActivitiesInCpp) {
  std::atomic<bool> stopped = false;
  Registry registry;
  registry.activity(cpp_raise, [](Order order) {
    ++order.amount;
    order.tags.emplace_back("C++");
    return order;
  });
  registry.activity(cpp_fail, [](std::string item) {
    throw ApplicationFailure(
        item + " is out of stock",
        {.type = "OutOfStock",
         .non_retryable = true,
         .details = {Value::of(3)},
         .cause = std::make_shared<const Failure>(
             ApplicationFailure("no such shelf", {.type = "std::out_of_range"}).failure())});
  });
  registry.activity(cpp_tenant, [](activity::Context context) {
    return Value(context.headers().at("tenant")).as<std::string>();
  });
  registry.activity(cpp_wait, [this, &stopped](activity::Context context) {
    client.workflow_handle<void>(context.info().workflow_id).signal(waits).get();
    while (!context.stop_token().stop_requested()) {
      std::this_thread::sleep_for(50ms);
      context.heartbeat();
    }
    stopped = true;
    context.throw_if_canceled();
  });
  WorkerOptions options;
  options.max_heartbeat_throttle_interval = 100ms;
  work(registry, options);
  auto other = peer();
  auto told = result(
      client.start_workflow(peer_caller, {.id = queue, .task_queue = peer_queue}, queue).get());
  EXPECT_EQ(told.order,
            (Order{.order_id = "order-7", .amount = 13, .tags = {"a", "C++"}, .ratio = 0}));
  EXPECT_EQ(told.tenant, "red");
  EXPECT_EQ(told.failure_type, "OutOfStock");
  EXPECT_EQ(told.failure_message, "book is out of stock");
  EXPECT_EQ(told.failure_details, std::vector{3});
  EXPECT_TRUE(told.failure_non_retryable);
  EXPECT_EQ(told.cause_type, "std::out_of_range");
  EXPECT_TRUE(told.canceled);
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace temporal::tests
