// The client against a real server, with workflows that no worker runs. TEMPORAL_ADDRESS names it;
// without one these tests are skipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <temporal/api/workflowservice/v1/request_response.pb.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "temporal/client.h"
#include "temporal/client_config.h"

namespace temporal {
namespace {

using namespace std::chrono_literals;

struct Input {
  int number = 0;
};
struct Nobody {  // whose worker does not exist
  static constexpr WorkflowType<int(Input)> type{"Nobody"};
  static constexpr SignalType<void(std::string)> note{"note"};
  static constexpr QueryType<int()> total{"total"};
  static constexpr UpdateType<int(int)> add{"add"};
};

class ClientServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("TEMPORAL_ADDRESS"))
      shared = new Client(Client::connect(load_client_options({.disable_file = true})).get());
  }
  static void TearDownTestSuite() {
    delete shared;
    shared = nullptr;
  }
  void SetUp() override {
    if (!shared) GTEST_SKIP() << "TEMPORAL_ADDRESS names no server";
  }
  static const Client& client() { return *shared; }
  static WorkflowOptions options() {
    static int last = 0;
    return {.id = "client-" + std::to_string(::getpid()) + "-" + std::to_string(++last),
            .task_queue = "nobody"};
  }
  template <class F>
  static bool eventually(F condition) {  // visibility lags; bound: 20 s
    for (int i = 0; i < 200 && !condition(); ++i) std::this_thread::sleep_for(100ms);
    return condition();
  }
  template <class T>
  static RpcCode code_of(Async<T> call) {
    try {
      std::move(call).get();
      return RpcCode::ok;
    } catch (const RpcError& error) {
      return error.code();
    }
  }
  static inline Client* shared = nullptr;
};

TEST_F(ClientServerTest, StartsAndDescribes) {
  auto o = options();
  o.execution_timeout = 1h;
  o.run_timeout = 30min;
  o.task_timeout = 15s;
  o.memo = {{"who", Value::of(std::string("me"))}};
  o.static_summary = "one line";
  o.static_details = "more\nlines";
  o.priority = {.priority_key = 2};
  const auto before = std::chrono::system_clock::now() - 1min;
  auto handle = client().start_workflow(Nobody::type, o, {.number = 7}).get();
  auto d = handle.describe().get();
  EXPECT_EQ(d.workflow_id, o.id);
  EXPECT_EQ(d.run_id, handle.first_execution_run_id());
  EXPECT_EQ(d.workflow_type, "Nobody");
  EXPECT_EQ(d.task_queue, "nobody");
  EXPECT_EQ(d.status, WorkflowStatus::running);
  EXPECT_GT(d.start_time, before);
  EXPECT_FALSE(d.close_time);
  EXPECT_EQ(d.history_length, 2);
  EXPECT_EQ(d.memo.at("who").as<std::string>(), "me");
  EXPECT_EQ(d.static_summary, "one line");
  EXPECT_EQ(d.static_details, "more\nlines");
  EXPECT_EQ(d.execution_timeout, 1h);
  EXPECT_EQ(d.run_timeout, 30min);
  EXPECT_EQ(d.task_timeout, 15s);
  EXPECT_EQ(d.priority.priority_key, 2);
  EXPECT_FALSE(d.parent);
  ASSERT_TRUE(d.pending_workflow_task);
  EXPECT_FALSE(d.pending_workflow_task->started);
  EXPECT_FALSE(d.cancel_requested);
  EXPECT_TRUE(d.pending_activities.empty());
  EXPECT_FALSE(d.raw.empty());
}

TEST_F(ClientServerTest, IdPolicies) {
  auto o = options();
  auto first = client().start_workflow(Nobody::type, o, {}).get();
  try {
    client().start_workflow(Nobody::type, o, {}).get();
    FAIL() << "started twice";
  } catch (const WorkflowAlreadyStartedError& error) {
    EXPECT_EQ(error.run_id(), first.result_run_id());
    EXPECT_EQ(error.workflow_id(), o.id);
  }
  auto use = o;
  use.id_conflict_policy = WorkflowIdConflictPolicy::use_existing;
  EXPECT_EQ(client().start_workflow(Nobody::type, use, {}).get().result_run_id(),
            first.result_run_id());
  auto replace = o;
  replace.id_conflict_policy = WorkflowIdConflictPolicy::terminate_existing;
  auto second = client().start_workflow(Nobody::type, replace, {}).get();
  EXPECT_NE(second.result_run_id(), first.result_run_id());
  second.terminate().get();
  auto never = o;
  never.id_reuse_policy = WorkflowIdReusePolicy::reject_duplicate;
  EXPECT_THROW(client().start_workflow(Nobody::type, never, {}).get(), WorkflowAlreadyStartedError);
  client().start_workflow(Nobody::type, o, {}).get().terminate().get();
}

TEST_F(ClientServerTest, ARequestIdMakesAStartRepeatable) {
  auto o = options();
  o.request_id = o.id + "-request";
  auto first = client().start_workflow(Nobody::type, o, {}).get();
  auto again = client().start_workflow(Nobody::type, o, {}).get();
  EXPECT_EQ(first.result_run_id(), again.result_run_id());
}

TEST_F(ClientServerTest, SignalsAreInTheHistory) {
  auto o = options();
  auto handle = client().signal_with_start(Nobody::type, o, call(Nobody::note, "one"), {}).get();
  handle.signal(Nobody::note, "two").get();
  handle.signal(Nobody::note, {.request_id = "once"}, "three").get();
  handle.signal(Nobody::note, {.request_id = "once"}, "three").get();
  handle.signal("other", {Value::of(1), Value::of(true)}).get();
  auto json = handle.fetch_history().get().to_json();
  std::size_t signals = 0;
  for (std::size_t at = 0; (at = json.find("EXECUTION_SIGNALED", at)) != std::string::npos; ++at)
    ++signals;
  EXPECT_EQ(signals, 4U);
  auto small = handle.fetch_history_page({.page_size = 2}).get();
  EXPECT_LT(small.history.size(), 6U);  // the server cuts between its batches only
  EXPECT_FALSE(small.next_page_token.empty());
  EXPECT_EQ(History::from_json(o.id, json), handle.fetch_history({.page_size = 2}).get());
}

TEST_F(ClientServerTest, CancelIsARequestAndTerminateAnEnd) {
  auto handle = client().start_workflow(Nobody::type, options(), {}).get();
  handle.cancel({.reason = "changed my mind"}).get();
  EXPECT_TRUE(handle.describe().get().cancel_requested);
  EXPECT_EQ(handle.describe().get().status, WorkflowStatus::running);
  handle.terminate({.reason = "enough", .details = {Value::of(5)}}).get();
  auto d = handle.describe().get();
  EXPECT_EQ(d.status, WorkflowStatus::terminated);
  EXPECT_TRUE(d.close_time);
  try {
    handle.result().get();
    FAIL() << "no error";
  } catch (const WorkflowFailedError& error) {
    EXPECT_EQ(error.failure().kind(), FailureKind::terminated);
    EXPECT_EQ(error.failure().message(), "enough");
  }
  EXPECT_EQ(code_of(handle.signal(Nobody::note, "late")), RpcCode::not_found);
}

TEST_F(ClientServerTest, AResultIsWaitedFor) {
  auto handle = client().start_workflow(Nobody::type, options(), {}).get();
  auto result = handle.result();
  std::promise<Outcome<int>> outcome;
  result.start([&](auto o) { outcome.set_value(std::move(o)); });
  auto came = outcome.get_future();
  EXPECT_EQ(came.wait_for(300ms), std::future_status::timeout);
  handle.terminate().get();
  EXPECT_THROW(std::rethrow_exception(came.get().error()), WorkflowFailedError);
}

TEST_F(ClientServerTest, WaitingEndsByTimeoutStopAndCancel) {
  auto handle = client().start_workflow(Nobody::type, options(), {}).get();
  EXPECT_EQ(code_of(handle.result({.rpc = {.timeout = 200ms}})), RpcCode::deadline_exceeded);
  std::stop_source stop;
  auto stopped = handle.result({.rpc = {.stop = stop.get_token()}});
  auto canceled = handle.result();
  std::promise<RpcCode> first, second;
  auto keep = [](std::promise<RpcCode>& code) {
    return [&code](Outcome<int> outcome) {
      try {
        std::rethrow_exception(outcome.error());
      } catch (const RpcError& error) {
        code.set_value(error.code());
      }
    };
  };
  stopped.start(keep(first));
  canceled.start(keep(second));
  stop.request_stop();
  EXPECT_EQ(first.get_future().get(), RpcCode::canceled);
  canceled.cancel();
  EXPECT_EQ(second.get_future().get(), RpcCode::canceled);
}

TEST_F(ClientServerTest, UpdatesAndQueriesWithoutAWorkerEndInTime) {
  auto handle = client().start_workflow(Nobody::type, options(), {}).get();
  EXPECT_THROW(handle.execute_update(Nobody::add, {.rpc = {.timeout = 300ms}}, 1).get(),
               TimeoutError);
  EXPECT_THROW(handle.query(Nobody::total, {.rpc = {.timeout = 300ms}}).get(), RpcError);
  handle.terminate().get();
  EXPECT_THROW(handle
                   .query(Nobody::total, {.reject_condition = QueryRejectCondition::not_open,
                                          .rpc = {.timeout = 5s}})
                   .get(),
               QueryRejectedError);
}

TEST_F(ClientServerTest, UpdateWithStartRefusesATakenId) {
  auto o = options();
  auto first = client().start_workflow(Nobody::type, o, {}).get();
  o.id_conflict_policy = WorkflowIdConflictPolicy::fail;
  try {
    client().start_update_with_start(Nobody::type, o, call(Nobody::add, 1), {}).get();
    FAIL() << "started twice";
  } catch (const WorkflowAlreadyStartedError& error) {
    EXPECT_EQ(error.run_id(), first.first_execution_run_id());
  }
}

TEST_F(ClientServerTest, ListsPageByPageAndCounts) {
  const auto type = "Listed" + std::to_string(::getpid());
  const auto query = "WorkflowType = '" + type + "'";
  for (int i = 0; i < 5; ++i) client().start_workflow(type, options()).get();
  ASSERT_TRUE(
      eventually([&] { return client().count_workflows({.query = query}).get().count == 5; }));
  std::size_t listed = 0, pages = 0;
  std::string token;
  do {
    auto page =
        client().list_workflows({.query = query, .page_size = 2, .next_page_token = token}).get();
    for (const auto& w : page.workflows) EXPECT_EQ(w.workflow_type, type);
    listed += page.workflows.size();
    token = page.next_page_token;
    ++pages;
  } while (!token.empty() && pages < 10);
  EXPECT_EQ(listed, 5U);
  EXPECT_GE(pages, 3U);
  auto groups =
      client().count_workflows({.query = query + " GROUP BY ExecutionStatus"}).get().groups;
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].count, 5);
  EXPECT_EQ(groups[0].values.at(0).as<std::string>(), "Running");
}

TEST_F(ClientServerTest, NotThereIsNotFound) {
  auto handle = client().workflow_handle(Nobody::type, "no-such-workflow");
  EXPECT_EQ(code_of(handle.describe()), RpcCode::not_found);
  EXPECT_EQ(code_of(handle.cancel()), RpcCode::not_found);
  EXPECT_EQ(code_of(handle.result()), RpcCode::not_found);
  EXPECT_EQ(code_of(client().activity_handle({"no-such-workflow", ""}, "1").complete(1)),
            RpcCode::not_found);
}

TEST_F(ClientServerTest, Namespaces) {
  const auto name = "client-test-" + std::to_string(::getpid());
  client().register_namespace({.name = name, .description = "of a test", .retention = 24h}).get();
  auto d = client().describe_namespace(name).get();
  EXPECT_EQ(d.name, name);
  EXPECT_EQ(d.description, "of a test");
  EXPECT_EQ(d.retention, 24h);
  EXPECT_EQ(code_of(client().register_namespace({.name = name})), RpcCode::already_exists);
  EXPECT_EQ(code_of(client().describe_namespace("no-such-namespace")), RpcCode::not_found);
}

TEST_F(ClientServerTest, AnyMethodByItsName) {
  auto bytes = client().call(RpcService::workflow, "GetSystemInfo", "").get();
  temporal::api::workflowservice::v1::GetSystemInfoResponse info;
  ASSERT_TRUE(info.ParseFromString(bytes));
  EXPECT_THAT(info.server_version(), testing::Not(testing::IsEmpty()));
  EXPECT_EQ(code_of(client().call(RpcService::workflow, "NoSuchMethod", "")),
            RpcCode::unimplemented);
  EXPECT_EQ(code_of(client().call(RpcService::workflow, "DescribeNamespace", "\xff\xff")),
            RpcCode::invalid_argument);
}

TEST_F(ClientServerTest, ALazyClientSharesItsFirstDial) {
  auto lazy = Client::lazy(load_client_options({.disable_file = true}));
  EXPECT_FALSE(lazy.connected());
  auto a = lazy.count_workflows(), b = lazy.count_workflows();
  std::promise<bool> first, second;
  a.start([&](auto outcome) { first.set_value(outcome.has_value()); });
  b.start([&](auto outcome) { second.set_value(outcome.has_value()); });
  EXPECT_TRUE(first.get_future().get());
  EXPECT_TRUE(second.get_future().get());
  EXPECT_TRUE(lazy.connected());
}

// Counts the records of each metric.
class CountingMeter final : public MetricMeter {
 public:
  std::shared_ptr<MetricCounter> counter(const MetricOptions& metric,
                                         const MetricLabels&) override {
    return make<Series<MetricCounter>>(metric);
  }
  std::shared_ptr<MetricUpDownCounter> up_down_counter(const MetricOptions& metric,
                                                       const MetricLabels&) override {
    return make<Series<MetricUpDownCounter>>(metric);
  }
  std::shared_ptr<MetricGauge> gauge(const MetricOptions& metric, const MetricLabels&) override {
    return make<Gauge>(metric);
  }
  std::shared_ptr<MetricHistogram> histogram(const MetricOptions& metric,
                                             const MetricLabels&) override {
    return make<Histogram>(metric);
  }
  int records(const std::string& name) {
    std::lock_guard lock(mutex_);
    return records_[name];
  }

 private:
  struct Recorder {
    CountingMeter* meter;
    std::string name;
    void record() const {
      std::lock_guard lock(meter->mutex_);
      ++meter->records_[name];
    }
  };
  template <class Metric>
  struct Series final : Metric {
    explicit Series(Recorder r) : recorder(std::move(r)) {}
    void add(std::conditional_t<std::is_same_v<Metric, MetricCounter>, std::uint64_t, std::int64_t>)
        override {
      recorder.record();
    }
    Recorder recorder;
  };
  struct Gauge final : MetricGauge {
    explicit Gauge(Recorder r) : recorder(std::move(r)) {}
    void set(double) override { recorder.record(); }
    Recorder recorder;
  };
  struct Histogram final : MetricHistogram {
    explicit Histogram(Recorder r) : recorder(std::move(r)) {}
    void record(double) override { recorder.record(); }
    Recorder recorder;
  };
  template <class T>
  std::shared_ptr<T> make(const MetricOptions& metric) {
    return std::make_shared<T>(Recorder{this, metric.name});
  }
  std::mutex mutex_;
  std::map<std::string, int> records_;
};

class KeptLog final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    if (record.target == "core") ++lines;
  }
  std::atomic<int> lines = 0;
};

TEST_F(ClientServerTest, CoresMetricsAndLogsArrive) {
  auto meter = std::make_shared<CountingMeter>();
  auto log = std::make_shared<KeptLog>();
  auto options = load_client_options({.disable_file = true});
  options.runtime = Runtime::create({.log_sink = log, .core_log_filter = "trace", .meter = meter});
  auto watched = Client::connect(options).get();
  watched.count_workflows().get();
  EXPECT_GT(meter->records("temporal_request"), 0);
  EXPECT_GT(meter->records("temporal_request_latency"), 0);
  EXPECT_GT(log->lines, 0);
}

}  // namespace
}  // namespace temporal
