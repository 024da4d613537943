// Handlers, dynamic workflows and patch activation on the real server.
#include <temporal/replayer.h>

#include <map>
#include <string>
#include <vector>

#include "fixture.h"

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
  EXPECT_EQ(rejection(desk.execute_update(Desk::deposit, 1)),
            "no handler for the update deposit; this workflow has none");
  desk.signal(Desk::rule, "end").get();
  EXPECT_EQ(result(desk), 7);
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
