// What a workflow is made of on the real server: handlers, dynamic ones too, constructors, patches, and
// what it tells of itself.
#include <temporal/api.h>
#include <temporal/api/sdk/v1/enhanced_stack_trace.pb.h>
#include <temporal/api/sdk/v1/workflow_metadata.pb.h>
#include <temporal/protobuf.h>
#include <temporal/replayer.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixture.h"
#include "summing_meter.h"

namespace temporal::tests {
namespace {

using workflow::Task;

class Handlers : public ServerTest {
 protected:
  template <class R>
  static std::string rejection(Async<R> update) {
    try {
      std::move(update).get();
    } catch (const UpdateFailedError& e) {
      return e.failure().message();
    }
    return "none";
  }
};

// --- Bound at run time

struct Desk {
  static constexpr WorkflowType<int()> type{"Desk"};
  static constexpr UpdateType<int(int)> deposit{"deposit"};
  static constexpr QueryType<int()> balance{"balance"};
  static constexpr SignalType<void(std::string)> rule{"rule"};
};
class DeskWorkflow {
 public:
  static auto definition() { return workflow_definition(Desk::type, &DeskWorkflow::run); }
  Task<int> run() {
    workflow::set_query_handler(Desk::balance, [this] { return balance_; });
    workflow::set_signal_handler(Desk::rule, [this](std::string rule) { rule_ = rule; });
    workflow::set_update_handler(
        Desk::deposit,
        // NOLINTNEXTLINE(*-capturing-lambda-coroutines): the run keeps the closure
        [this](int amount) -> Task<int> {
          co_await workflow::sleep(1ms);
          co_return balance_ += amount;
        },
        [](int amount) {
          if (amount <= 0) throw ApplicationFailure("nothing to deposit");
        });
    co_await workflow::wait_until([this] { return rule_ == "close"; });
    workflow::set_update_handler(Desk::deposit, nullptr);
    co_await workflow::wait_until([this] { return rule_ == "end"; });
    co_return balance_;
  }

 private:
  int balance_ = 0;
  std::string rule_;
};

TEST_F(Handlers, BoundByTheRun) {
  work_on<DeskWorkflow>({}, {.max_cached_workflows = 0});
  // With the start, so that it comes before run has bound anything.
  const WorkflowOptions options = {
      .id = queue, .task_queue = queue, .id_conflict_policy = WorkflowIdConflictPolicy::fail};
  auto first = client.execute_update_with_start(Desk::type, options, call(Desk::deposit, 5)).get();
  EXPECT_EQ(first, 5);
  auto desk = client.workflow_handle(Desk::type, queue);
  EXPECT_EQ(rejection(desk.execute_update(Desk::deposit, 0)), "nothing to deposit");
  EXPECT_EQ(desk.execute_update(Desk::deposit, 2).get(), 7);
  EXPECT_EQ(desk.query(Desk::balance).get(), 7);
  desk.signal(Desk::rule, "close").get();
  EXPECT_EQ(desk.query(Desk::balance).get(), 7);  // answered once the run has seen the signal
  EXPECT_EQ(rejection(desk.execute_update(Desk::deposit, 1)),
            "no handler for the update deposit; this workflow has none");
  desk.signal(Desk::rule, "end").get();
  EXPECT_EQ(result(desk), 7);
}

// --- An update sent again to the next run

struct Till {
  static constexpr WorkflowType<int(int, std::vector<std::string>)> type{"Till"};
  static constexpr UpdateType<int(int)> pay{"pay"};
};
class TillWorkflow {  // each payment is a run's last deed
 public:
  static auto definition() {
    return workflow_definition(Till::type, &TillWorkflow::run)
        .update(Till::pay, &TillWorkflow::pay);
  }
  TillWorkflow(int paid, std::vector<std::string> seen) : paid_(paid), seen_(std::move(seen)) {}
  Task<int> run(int paid, std::vector<std::string>) {
    co_await workflow::wait_until([this, paid] { return paid_ != paid; });
    co_await workflow::wait_until(workflow::all_handlers_finished);
    workflow::continue_as_new(Till::type, {}, paid_, seen_);
    co_return paid_;
  }
  Task<int> pay(int amount) {
    const auto id = workflow::current_update()->id;
    co_await workflow::sleep(1ms);
    if (std::ranges::find(seen_, id) == seen_.end()) {
      seen_.push_back(workflow::current_update()->id);
      paid_ += amount;
    }
    co_return paid_;
  }

 private:
  int paid_;
  std::vector<std::string> seen_;
};

TEST_F(Handlers, AnUpdateIsKnownByItsIdInTheNextRun) {
  work_on<TillWorkflow>({}, {.max_cached_workflows = 0});
  client.start_workflow(Till::type, {.id = queue, .task_queue = queue}, 0, {}).get();
  const auto till = client.workflow_handle(Till::type, queue);
  const auto pay = [&](const char* id) {
    return till.execute_update(Till::pay, {.id = id}, 5).get();
  };
  EXPECT_EQ(pay("first"), 5);
  const auto before = till.describe().get().run_id;
  EXPECT_EQ(pay("second"), 10);
  eventually([&] { return till.describe().get().run_id != before; }, "the next run");
  EXPECT_EQ(pay("second"), 10);  // another run's, to the server
  till.terminate({.reason = "enough"}).get();
}

// --- Every name

class AnyWorkflow {
 public:
  static auto definition() {
    return dynamic_workflow_definition(&AnyWorkflow::run)
        .dynamic_signal(&AnyWorkflow::on_signal)
        .dynamic_update(&AnyWorkflow::on_update, &AnyWorkflow::check_update)
        .dynamic_query(&AnyWorkflow::on_query);
  }
  Task<RawValue> run(RawArgs args) {
    co_await workflow::wait_until([this] { return signals_.contains("end"); });
    co_return args.as<RawValue>(1);
  }
  void on_signal(std::string name, RawArgs args) { signals_[name] += args.as<int>(0); }
  Task<RawValue> on_update(std::string name, RawArgs args) {
    co_await workflow::sleep(1ms);
    signals_[name] += 1;
    co_return args.as<RawValue>(0);
  }
  void check_update(std::string name, RawArgs args) const {
    if (args.size() == 0) throw ApplicationFailure(name + " of nothing");
  }
  int on_query(std::string name, RawArgs) const { return signals_.at(name); }

 private:
  std::map<std::string, int> signals_;
};

TEST_F(Handlers, DynamicOnesOfADynamicWorkflow) {
  constexpr WorkflowType<std::string(int, std::string)> any{"AnyTypeAtAll"};
  constexpr SignalType<void(int)> raise{"raise"}, end{"end"};
  constexpr UpdateType<std::vector<int>(std::vector<int>)> mirror{"mirror"};
  constexpr UpdateType<int()> nothing{"nothing"};
  constexpr QueryType<int()> raised{"raise"}, mirrored{"mirror"};
  work_on<AnyWorkflow>({}, {.max_cached_workflows = 0});
  auto handle = start(any, 1, "result");
  handle.signal(raise, 3).get();
  handle.signal(raise, 4).get();
  EXPECT_EQ(handle.query(raised).get(), 7);
  EXPECT_EQ(handle.execute_update(mirror, std::vector{1, 2}).get(), (std::vector{1, 2}));
  EXPECT_EQ(rejection(handle.execute_update(nothing)), "nothing of nothing");
  EXPECT_EQ(handle.query(mirrored).get(), 1);
  handle.signal(end, 0).get();
  EXPECT_EQ(result(handle), "result");
}

// --- What a run tells of itself

struct Teller {
  static constexpr WorkflowType<void()> type{"Teller"};
  static constexpr SignalType<void()> go{"go"};
  static constexpr UpdateType<int(int)> slow{"slow"};
  static auto definition() {
    return workflow_definition(type, &Teller::run)
        .signal(go, &Teller::on_go, {.description = "Lets it end."})
        .update(slow, &Teller::on_slow,
                {.description = "Takes for ever.",
                 .unfinished_policy = workflow::HandlerUnfinishedPolicy::abandon});
  }
  Task<> run() {
    workflow::set_current_details("waits to be let go");
    co_await workflow::wait_until([this] { return gone_; });
  }
  void on_go() { gone_ = true; }
  Task<int> on_slow(int n) {
    co_await workflow::sleep(1h);
    co_return n;
  }
  bool gone_ = false;
};
TEST_F(Handlers, ARunTellsOfItself) {
  work_on<Teller>({}, {.max_cached_workflows = 0});
  auto handle = start(Teller::type);
  constexpr QueryType<api::sdk::v1::WorkflowMetadata()> metadata{"__temporal_workflow_metadata"};
  constexpr QueryType<std::string()> stack{"__stack_trace"};
  constexpr QueryType<api::sdk::v1::EnhancedStackTrace()> enhanced{"__enhanced_stack_trace"};
  const auto told = handle.query(metadata).get();
  EXPECT_EQ(told.current_details(), "waits to be let go");
  ASSERT_EQ(told.definition().signal_definitions_size(), 1);
  EXPECT_EQ(told.definition().signal_definitions(0).description(), "Lets it end.");
  EXPECT_THAT(handle.query(stack).get(), testing::HasSubstr("handlers_test.cpp:"));
  EXPECT_THAT(handle.query(enhanced).get().stacks(0).locations(0).function_name(),
              testing::HasSubstr("Teller::run"));
}
// The client's update ends with the workflow, whose handler was abandoned.
TEST_F(Handlers, AnAbandonedHandlersUpdateFails) {
  work_on<Teller>();
  auto handle = start(Teller::type);
  auto update = handle.start_update(Teller::slow, {}, 7).get();
  handle.signal(Teller::go).get();
  result(handle);
  EXPECT_THROW(update.result().get(), Error);
}

// --- Constructors, failures, the log

struct Overdrawn : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Ledger {
  static constexpr WorkflowType<int(int)> type{"Ledger"};
  static constexpr UpdateType<int(int)> take{"take"};
  static auto definition() {
    return workflow_definition(type, &Ledger::run,
                               {.failure_types = {workflow::failure_type<Overdrawn>()}})
        .update(take, &Ledger::on_take);
  }
  explicit Ledger(int opening) : balance_(opening) {}
  Task<int> run(int) {
    workflow::logger().info("opened", {{"balance", std::to_string(balance_)}});
    co_await workflow::sleep(1ms);
    workflow::logger().info("closing");
    co_await workflow::sleep(1ms);
    if (balance_ < 0) throw Overdrawn("nothing is left");
    co_return balance_;
  }
  int on_take(int n) { return balance_ -= n; }

 private:
  int balance_;
};
// The update runs before run does, on the object that run's argument has made.
TEST_F(Handlers, AConstructorGetsRunsArguments) {
  work_on<Ledger>({}, {.max_cached_workflows = 0});
  const WorkflowOptions options = {
      .id = queue, .task_queue = queue, .id_conflict_policy = WorkflowIdConflictPolicy::fail};
  EXPECT_EQ(
      client.execute_update_with_start(Ledger::type, options, call(Ledger::take, 3), 10).get(), 7);
  EXPECT_EQ(result(client.workflow_handle(Ledger::type, queue)), 7);
}
TEST_F(Handlers, AListedExceptionFailsTheRun) {
  work_on<Ledger>();
  const auto failure = failure_of(start(Ledger::type, -1));
  EXPECT_EQ(failure.message(), "nothing is left");
  EXPECT_THAT(failure.type(), testing::HasSubstr("Overdrawn"));
}

struct Lines final : LogSink {
  std::mutex mutex;
  std::vector<std::string> workflow;
  void write(const LogRecord& record) override {
    std::lock_guard lock(mutex);
    if (record.target == "workflow") workflow.push_back(record.message);
  }
};
TEST_F(Handlers, EachLineOfTheLogIsWrittenOnce) {
  auto lines = std::make_shared<Lines>();
  client = Client::connect({.target = Server::shared().address(),
                            .runtime = Runtime::create({.log_sink = lines})})
               .get();
  work_on<Ledger>({}, {.max_cached_workflows = 0});
  EXPECT_EQ(run(Ledger::type, 1), 1);
  std::lock_guard lock(lines->mutex);
  EXPECT_EQ(lines->workflow, (std::vector<std::string>{"opened", "closing"}));
}

struct Measured {
  static constexpr WorkflowType<void()> type{"Measured"};
  static auto definition() { return workflow_definition(type, &Measured::run); }
  Task<> run() {
    ++begun;
    auto& meter = workflow::metric_meter();
    auto steps = meter.counter({.name = "steps"}, {});
    auto open = meter.up_down_counter({.name = "open"}, {});
    auto spent = meter.histogram({.name = "spent"}, {});
    for (int i = 1; i <= 3; ++i) {
      steps->add(1);
      open->add(-i);
      spent->record(i);
      meter.gauge({.name = "last"}, {})->set(i);
      co_await workflow::sleep(1ms);
    }
  }
  static inline std::atomic<int> begun = 0;
};
TEST_F(Handlers, EachRecordOfAMetricIsMadeOnce) {
  auto meter = std::make_shared<SummingMeter>();
  client = Client::connect(
               {.target = Server::shared().address(), .runtime = Runtime::create({.meter = meter})})
               .get();
  auto& worker = work_on<Measured>({}, {.max_cached_workflows = 0});
  run(Measured::type);
  worker.shutdown();
  EXPECT_GE(Measured::begun, 4);  // once for each task
  const auto run = " namespace=default task_queue=" + queue + " workflow_type=Measured";
  EXPECT_EQ(meter->sum("steps" + run), 3);
  EXPECT_EQ(meter->sum("open" + run), -6);
  EXPECT_EQ(meter->sum("spent" + run), 6);
  EXPECT_EQ(meter->sum("last" + run), 3);
}

// --- Patches in stages

struct Staged {
  static constexpr WorkflowType<std::string()> type{"Staged"};
  static auto definition() { return workflow_definition(type, &Staged::run); }
  Task<std::string> run() {
    std::string path = workflow::patched("faster") ? "new" : "old";
    co_await workflow::sleep(1ms);
    co_return path + (workflow::patched("faster") ? " new" : " old");
  }
};
// A marker of the patch in the history, or none; and a worker of today's code, without the callback,
// goes on with either.
TEST_F(Handlers, APatchIsTakenWhereTheWorkerSaysSo) {
  work_on<Staged>({}, {.max_cached_workflows = 0,
                       .patch_activation_callback = [](const workflow::PatchActivationInput& in) {
                         return in.patch_id == "faster" && in.info.workflow_id.ends_with("-2");
                       }});
  auto first = start(Staged::type), second = start(Staged::type);
  EXPECT_EQ(result(first), "old old");
  EXPECT_EQ(result(second), "new new");
  auto old_history = first.fetch_history().get(), new_history = second.fetch_history().get();
  EXPECT_THAT(old_history.to_json(), testing::Not(testing::HasSubstr("MARKER_RECORDED")));
  EXPECT_THAT(new_history.to_json(), testing::HasSubstr("MARKER_RECORDED"));
  Registry registry;
  registry.workflow<Staged>();
  for (const auto& replayed : Replayer({.registry = registry}).replay({old_history, new_history}))
    EXPECT_EQ(replayed.failure, "");
}

}  // namespace
}  // namespace temporal::tests
