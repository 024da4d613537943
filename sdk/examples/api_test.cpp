// Every form of the SDK's public face, compiled, here in one program that uses them together and by
// place in api_workflow.cpp, api_client.cpp, api_data.cpp and api_worker.cpp. Workflows run on the
// instance alone, client calls are made but, being lazy, not sent. What a form does is tested beside
// its code; here it must stay a form.
#include <gtest/gtest.h>
#include <temporal/client.h>
#include <temporal/registry.h>
#include <temporal/saga.h>
#include <temporal/worker.h>
#include <temporal/workflow.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workflow/test_play.h"

namespace {

using namespace std::chrono_literals;
namespace workflow = temporal::workflow;
namespace activity = temporal::activity;
using temporal::testing::Play;

// --- Definitions: data, names and signatures

struct ChargeInput {
  std::string order_id = {};
  std::int64_t amount = 0;
};
struct Charged {
  std::string payment_id = {};
};
struct RefundInput {
  std::string order_id = {};
};
struct OrderInput {
  std::string order_id = {};
};
struct Completed {
  std::string order_id = {};
};
struct CancelRequest {
  std::string by = {};
};
struct CancelAnswer {
  bool accepted = false;
};
inline constexpr temporal::ActivityType<Charged(ChargeInput)> charge_payment{"chargePayment"};
inline constexpr temporal::ActivityType<void(RefundInput)> refund_payment{"refundPayment"};
inline constexpr temporal::ActivityType<int(int)> slow{"slow"};
inline constexpr temporal::WorkflowType<std::string(int)> audit{"Audit"};
struct OrderWorkflow {
  static constexpr temporal::WorkflowType<Completed(OrderInput)> type{"OrderWorkflow"};
  static constexpr temporal::UpdateType<CancelAnswer(CancelRequest)> cancel{"cancel"};
  static constexpr temporal::SignalType<void(std::string)> note{"note"};
  static constexpr temporal::QueryType<int()> notes{"notes"};
};
inline constexpr temporal::KeywordKey kCode{"Code"};

// --- A workflow

class OrderSaga {
 public:
  explicit OrderSaga(OrderInput in) : id_(std::move(in.order_id)) {}  // gets run's arguments
  static auto definition() {
    return temporal::workflow_definition(OrderWorkflow::type, &OrderSaga::run,
                                         {.cancel_requests = workflow::observe})
        .update(OrderWorkflow::cancel, &OrderSaga::cancel, &OrderSaga::check_cancel)
        .signal(OrderWorkflow::note, &OrderSaga::note)
        .query(OrderWorkflow::notes, &OrderSaga::notes);
  }

  workflow::Task<Completed> run(OrderInput in) {
    saga_.compensate_with(refund_payment, {.start_to_close_timeout = 10s}, {.order_id = id_});
    std::optional<temporal::Failure> failure;
    try {
      co_await workflow::in_scope(steps_, forward(in));
    } catch (const temporal::TemporalFailure& e) {
      failure = e.failure();
    }
    if (failure) {
      auto undone = co_await saga_.compensate();
      if (!undone.stopped) temporal::throw_failure(*failure);
    }
    co_return Completed{id_};
  }

 private:
  workflow::Task<> forward(OrderInput in) {
    auto charge = workflow::execute_activity(
        charge_payment,
        {.task_queue = "PaymentTaskQueue", .start_to_close_timeout = 10s, .summary = "charge"},
        {.order_id = in.order_id, .amount = 100});
    auto patience = workflow::sleep(30s, {.summary = "patience"});
    if (co_await workflow::select(charge, patience) == 1) workflow::logger().warn("slow payment");
    auto charged = co_await charge.settled();
    if (!charged) temporal::throw_failure(charged.error());
    auto near = workflow::execute_local_activity(slow, {.start_to_close_timeout = 1s}, 7);
    auto both = co_await workflow::all(near, patience);
    if (std::get<0>(both) > 100) throw temporal::ApplicationFailure("much", {.type = "Much"});
    co_await children();
    co_await attributes();
  }
  workflow::Task<> children() {
    auto child = co_await workflow::start_child_workflow(
        audit, {.id = "audit-" + id_, .search_attributes = {{kCode.is("A")}}}, 1);
    std::vector<workflow::Future<std::string>> results;
    results.push_back(child.result());
    results.push_back(workflow::execute_child_workflow(audit, {}, 2));
    auto first = co_await workflow::any(results);
    co_await workflow::external_workflow("other").signal(OrderWorkflow::note, id_);
    (void)first;
  }
  workflow::Task<> attributes() {
    if (workflow::patched("memo")) workflow::upsert_memo({{"id", temporal::Value::of(id_)}});
    workflow::deprecate_patch("older");
    workflow::upsert_search_attributes({kCode.is(*workflow::memo<std::string>("id"))});
    auto when = workflow::now() + std::chrono::seconds(workflow::random().uniform(1, 6));
    workflow::logger().info(workflow::uuid4(), {{"run", workflow::info().run_id}});
    if (workflow::info().continue_as_new_suggested && when > workflow::info().start_time)
      workflow::continue_as_new(OrderWorkflow::type, {.run_timeout = 1h}, {.order_id = id_});
    bool noted = co_await workflow::wait_until([this] { return !notes_.empty(); }, 24h);
    if (!noted) throw workflow::EndCanceled{"nobody said anything"};
    co_await workflow::wait_until(workflow::all_handlers_finished);
  }
  workflow::Task<CancelAnswer> cancel(CancelRequest request) {
    const auto update = workflow::current_update();
    workflow::logger().info("cancel", {{"update", update ? update->id : ""}});
    auto watch = workflow::spawn(
        [](std::string by) -> workflow::Task<std::string> { co_return by + "!"; }(request.by));
    steps_.cancel(co_await std::move(watch));
    co_await workflow::shielded(undo());
    co_return CancelAnswer{.accepted = true};
  }
  workflow::Task<> undo() {
    while (auto step = saga_.pop()) {
      auto undone = step->start();
      co_await undone.settled();
    }
  }
  void check_cancel(CancelRequest request) const {
    if (request.by.empty()) throw temporal::ApplicationFailure("who?", {.type = "WHO"});
  }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  int notes() const { return static_cast<int>(notes_.size()); }

  workflow::Saga saga_{{.stop = [](const workflow::Compensated& c) {
    return !c.result && c.result.error().root().type() == "D005";
  }}};
  workflow::Scope steps_;
  std::string id_;
  std::vector<std::string> notes_;
};

temporal::testing::Job start() {
  return temporal::testing::init(R"({"order_id":"o-1"})");
}

TEST(Api, AWorkflowRunsOnTheInstanceAlone) {
  using namespace temporal::testing;
  Play p(OrderSaga::definition());
  EXPECT_EQ(p(start()), R"(ScheduleActivity1({"order_id":"o-1","amount":100}) StartTimer1(30000))");
  EXPECT_EQ(p(bad(1, "declined")), R"(ScheduleActivity2({"order_id":"o-1"}))");
  EXPECT_EQ(p(queried("q", "notes")), "QuerySucceeded:q(0)");
  EXPECT_EQ(p(ok(2, "")), "Fail(declined)");
}

TEST(Api, AnUpdateCancelsTheSteps) {
  using namespace temporal::testing;
  Play p(OrderSaga::definition());
  p(start());
  EXPECT_EQ(p(updated("u", "cancel", {R"({"by":""})"})), "UpdateRejected:u(who?)");
  EXPECT_EQ(
      p(updated("v", "cancel", {R"({"by":"me"})"})),
      R"(UpdateAccepted:v RequestCancelActivity1 CancelTimer1 ScheduleActivity2({"order_id":"o-1"}))");
  EXPECT_EQ(p(gone(1), ok(2, "")), R"(UpdateCompleted:v({"accepted":true}) Fail(by request))");
}

// --- Activities and the registry

class Payments {
 public:
  Charged charge(ChargeInput in) { return {.payment_id = in.order_id}; }
  temporal::Async<void> refund(activity::Context context, RefundInput) {
    context.heartbeat(std::string("half"));
    co_return;
  }
};

TEST(Api, ARegistryBindsMethodsAndFunctions) {
  auto payments = std::make_shared<Payments>();
  temporal::Registry registry;
  registry.workflow<OrderSaga>();
  registry.activity(charge_payment, &Payments::charge, payments);
  registry.activity(refund_payment, &Payments::refund, payments);
  registry.activity(slow, [](activity::Context, int n) { return n; });
  EXPECT_NE(registry.find_workflow("OrderWorkflow"), nullptr);
  EXPECT_NE(registry.find_activity("slow"), nullptr);
}

// --- The client: each call is made and, as nobody awaits it, never sent

TEST(Api, ClientCallsAreLazy) {
  auto client = temporal::Client::lazy({.target = "127.0.0.1:1"});
  auto started =
      client.start_workflow(OrderWorkflow::type,
                            {.id = "o-1",
                             .task_queue = "orders",
                             .id_reuse_policy = temporal::WorkflowIdReusePolicy::reject_duplicate},
                            {.order_id = "o-1"});
  auto handle = client.workflow_handle(OrderWorkflow::type, "o-1");
  auto result = handle.result();
  auto update = handle.execute_update(OrderWorkflow::cancel, {.by = "me"});
  auto query = handle.query(OrderWorkflow::notes);
  auto signal = handle.signal(OrderWorkflow::note, "hello");
  auto description = handle.describe();
  auto cancel = handle.cancel();
  auto listed = client.list_workflows();
  EXPECT_FALSE(client.connected());
}

}  // namespace
