// The client: what needs a server is compiled in functions that nobody calls, or made against a lazy
// client and never sent; Async, executors and interceptors run here alone.
#include <gtest/gtest.h>
#include <temporal/asio.h>
#include <temporal/client.h>
#include <temporal/client_config.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using namespace temporal;

struct Input {
  int number = 0;
};
struct Order {
  static constexpr WorkflowType<std::string(Input)> type{"Order"};
  static constexpr UpdateType<int(Input)> cancel{"cancel"};
  static constexpr SignalType<void(std::string)> note{"note"};
  static constexpr QueryType<int()> notes{"notes"};
  static constexpr QueryType<int(int)> after{"after"};
};

RpcOptions every_rpc_option(std::stop_token stop = {}) {
  return {.timeout = 2s,
          .retry = false,
          .metadata = {{"k", "v"}},
          .binary_metadata = {{"k-bin", "\x01"}},
          .stop = std::move(stop)};
}
WorkflowOptions options() {
  return {.id = "o-1",
          .task_queue = "orders",
          .id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate,
          .id_conflict_policy = WorkflowIdConflictPolicy::use_existing,
          .execution_timeout = 3h,
          .retry_policy = RetryPolicy{.maximum_attempts = 3},
          .memo = {{"who", Value::of(std::string("me"))}},
          .search_attributes = {KeywordKey{"Code"}.is("A1")},
          .priority = {.priority_key = 2},
          .rpc = every_rpc_option()};
}

// --- Not called: they need a server

[[maybe_unused]] Async<std::string> starts(std::stop_token stop) {
  auto client =
      co_await Client::connect({.target = "localhost:7233",
                                .name_space = "default",
                                .identity = "me",
                                .api_key = "key",
                                .tls = TlsOptions{.server_root_ca = "pem", .domain = "temporal"},
                                .headers = {{"k", "v"}},
                                .keep_alive = KeepAliveOptions{.interval = 10s},
                                .retry = {.max_retries = 3},
                                .connect_timeout = 5s,
                                .runtime = Runtime::shared_default()});
  auto handle = co_await client.start_workflow(Order::type, options(), {.number = 1});
  auto unnamed = co_await client.start_workflow("Order", options(), {Value::of(Input{1})});
  co_await client.execute_workflow(Order::type, options(), {.number = 2});
  co_await client.signal_with_start(Order::type, options(), call(Order::note, "hello"), {});
  auto update = co_await client.start_update_with_start(
      Order::type, options(), call(Order::cancel, {.wait_for = UpdateStage::accepted}, {}), {});
  const int canceled = co_await client.execute_update_with_start(Order::type, options(),
                                                                 call(Order::cancel, {}), {});
  co_return co_await handle.result({.follow_runs = false, .rpc = every_rpc_option(stop)}) +
      std::to_string(canceled) + update.id() + unnamed.id();
}

[[maybe_unused]] Async<int> talks(WorkflowHandle<std::string> handle) {
  co_await handle.signal(Order::note, "hello");
  co_await handle.signal(Order::note, {.request_id = "r", .rpc = every_rpc_option()}, "hello");
  co_await handle.signal("note", {Value::of(std::string("hello"))});
  int sum = co_await handle.query(Order::notes);
  sum +=
      co_await handle.query(Order::after, {.reject_condition = QueryRejectCondition::not_open}, 7);
  Value later = co_await handle.query("notes");
  sum += later.as<int>() + co_await handle.query<int>("after", {Value::of(1)});
  sum += co_await handle.execute_update(Order::cancel, {.number = 1});
  UpdateHandle<int> update = co_await handle.start_update(
      Order::cancel, {.id = "u-1", .wait_for = UpdateStage::completed}, {.number = 2});
  sum += update.outcome_known() ? co_await update.result() : 0;
  sum += co_await handle.update_handle(Order::cancel, "u-1").result(every_rpc_option());
  auto description = co_await handle.describe(every_rpc_option());
  if (description.status == WorkflowStatus::running) co_await handle.cancel({.reason = "enough"});
  co_await handle.terminate({.reason = "at once", .details = {Value::of(1)}});
  History history = co_await handle.fetch_history();
  auto page = co_await handle.fetch_history_page(
      {.filter = HistoryEventFilter::close_event, .wait_new_event = true});
  co_return sum + static_cast<int>(history.size() + page.history.size());
}

[[maybe_unused]] Async<std::int64_t> schedules(Client client) {
  ScheduleHandle nightly = co_await client.create_schedule(
      "nightly",
      {.action = scheduled(Order::type, {.id = "o", .task_queue = "orders"}, {.number = 1}),
       .spec = {.calendars = {{.hour = {{2}}, .day_of_week = {{1, 5}}}},
                .intervals = {{.every = 24h, .offset = 1h}},
                .cron_expressions = {"0 3 * * 0"},
                .time_zone_name = "Asia/Seoul"},
       .policies = {.overlap = ScheduleOverlapPolicy::skip, .catchup_window = 1min},
       .state = {.note = "why"}},
      {.trigger_immediately = true, .rpc = every_rpc_option()});
  co_await nightly.trigger(ScheduleOverlapPolicy::allow_all);
  co_await nightly.backfill({{.start_at = Time(1s), .end_at = Time(2s)}});
  co_await nightly.pause("not tonight");
  co_await nightly.unpause();
  co_await nightly.update([](const ScheduleDescription& known) {
    auto changed = known.schedule;
    changed.spec.jitter = 5min;
    return changed;
  });
  auto known = co_await nightly.describe(every_rpc_option());
  SchedulePage page = co_await client.list_schedules({.page_size = 10});
  co_await client.schedule_handle(page.schedules.front().id).remove();
  co_return known.info.actions;
}

[[maybe_unused]] Async<void> beside(Client client) {
  ListPage page = co_await client.list_workflows({.query = "WorkflowType = 'Order'"});
  page = co_await client.list_workflows({.next_page_token = page.next_page_token});
  auto count = co_await client.count_workflows({.query = "GROUP BY ExecutionStatus"});
  for (const auto& group : count.groups) (void)group.values;
  auto activity = client.activity_handle(std::string("token"));
  co_await activity.complete(7);
  co_await activity.complete(every_rpc_option());
  auto asked = co_await activity.heartbeat(every_rpc_option(), 50, std::string("half"));
  if (asked.cancel_requested) co_await activity.report_cancellation(std::string("why"));
  co_await client.activity_handle({"o-1", "run-1"}, "activity-1")
      .fail(Failure({.message = "lost"}), {Value::of(60)}, every_rpc_option());
  co_await client.register_namespace({.name = "mine", .retention = std::chrono::days(1)});
  co_await client.describe_namespace("mine");
  co_await client.call(RpcService::workflow, "GetSystemInfo", "", every_rpc_option());
  client.set_api_key("next");
  client.set_headers({{"k", "v"}});
}

// --- Made, and as nobody awaits them never sent

TEST(ApiClient, CallsAreLazy) {
  auto client = Client::lazy({.target = "127.0.0.1:1", .identity = "me"});
  {
    auto call = beside(client);
  }
  {
    auto call = talks(client.workflow_handle(Order::type, "o-1", "run-1"));
  }
  {
    auto call = client.start_workflow(Order::type, {.id = "o-1", .task_queue = "orders"}, {});
  }
  {
    auto call = client.workflow_handle("o-1").result();
  }
  EXPECT_EQ(client.identity(), "me");
  EXPECT_FALSE(client.connected());
}

TEST(ApiClient, OptionsFromTheEnvironment) {
  const ClientOptions options =
      load_client_options({.disable_file = true,
                           .environment = {{{"TEMPORAL_ADDRESS", "example.org:7233"},
                                            {"TEMPORAL_NAMESPACE", "mine"}}}});
  EXPECT_EQ(options.target, "example.org:7233");
  EXPECT_EQ(options.name_space, "mine");
}

struct Trace final : ClientInterceptor {
  int calls = 0;
  Async<StartedWorkflow> start_workflow(StartWorkflowInput input) override {
    ++calls;  // answers itself
    co_return StartedWorkflow{.workflow_id = input.options.id, .run_id = "run-1"};
  }
  Async<Value> query_workflow(QueryWorkflowInput input) override {
    ++calls;
    if (input.name == "notes") co_return Value::of(7);
    co_return co_await next->query_workflow(std::move(input));
  }
};
TEST(ApiClient, Interceptors) {
  auto trace = std::make_shared<Trace>();
  auto client = Client::lazy({.interceptors = {trace}});
  auto handle = client.start_workflow(Order::type, options(), {}).get();
  EXPECT_EQ(handle.id(), "o-1");
  EXPECT_EQ(handle.first_execution_run_id(), "run-1");
  EXPECT_EQ(handle.query(Order::notes).get(), 7);
  EXPECT_EQ(trace->calls, 2);
}

// --- Async, executors, Asio

Async<int> seven() {
  co_return 7;
}
Async<int> eight() {
  co_return co_await seven() + 1;
}
TEST(ApiClient, AnAsyncIsAwaitedWaitedForOrStarted) {
  EXPECT_EQ(eight().get(), 8);
  std::promise<int> answer;
  auto call = eight().on(std::make_shared<ThreadExecutor>(1));
  call.start([&](Outcome<int> outcome) { answer.set_value(outcome.value()); });
  EXPECT_EQ(answer.get_future().get(), 8);
  auto canceled = Async<int>(nullptr, [](std::stop_token stop, Callback<int> done) {
    done(stop.stop_requested() ? -1 : 1);
  });
  canceled.cancel();
  EXPECT_EQ(std::move(canceled).get(), -1);
}

TEST(ApiClient, AnAsyncIsAwaitedInAsio) {
  boost::asio::io_context io;
  auto answer = boost::asio::co_spawn(
      io, []() -> boost::asio::awaitable<int> { co_return co_await use_asio(eight()) + 1; },
      boost::asio::use_future);
  io.run();
  EXPECT_EQ(answer.get(), 9);
}

TEST(ApiClient, ARuntimeOfItsOwn) {
  struct Sink final : LogSink {
    void write(const LogRecord&) override {}
    LogLevel least() const override { return LogLevel::warn; }
  };
  boost::asio::io_context io;
  auto runtime = Runtime::create({.executor = std::make_shared<AsioExecutor>(io.get_executor()),
                                  .log_sink = std::make_shared<Sink>(),
                                  .core_log_filter = "error",
                                  .core_threads = 1,
                                  .worker_heartbeat_interval = std::nullopt});
  auto client = Client::lazy({.runtime = runtime});
  EXPECT_EQ(client.runtime(), runtime);
  runtime.logger("mine").info("a line", {{"key", "value"}});
}

}  // namespace
