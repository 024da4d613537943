// Testing: environments in which a test runs workflows, of which it names one in one line.
//
//   auto env = temporal::testing::Environment::simulated();
//   auto worker = env.work({.task_queue = "orders", .registry = registry});
//   auto result = env.client()
//                     .execute_workflow(Order::type, {.id = "1", .task_queue = "orders"}, input)
//                     .get();
//
//   simulated      in this process, without a server: milliseconds for days of a workflow's time
//   time_skipping  a real server that skips the time in which a workflow only waits
//   existing       a real server and real time
//
// What a test says to env.client() is the same in all of them: start, signal, query, update, cancel,
// terminate, result, describe. A mock is a registry entry for the same ActivityType:
//
//   registry.activity(charge_payment, [](ChargeInput) -> Charged { throw Refused("P001"); });
//
// This header is the component temporal::testing; link it to tests only.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "temporal/activity_binding.h"
#include "temporal/activity_interceptor.h"
#include "temporal/client.h"
#include "temporal/registry.h"
#include "temporal/worker.h"
#include "temporal/workflow_definition.h"
#include "temporal/workflow_interceptor.h"

namespace temporal::testing {

struct SimulatedOptions {
  // What runs on every task queue that no worker serves: then work() is not needed.
  Registry registry = {};
  std::vector<workflow::FailureType> failure_types = {};
  workflow::PatchActivationCallback patch_activation_callback = {};
  std::vector<workflow::InterceptorFactory> workflow_interceptors = {};
  std::vector<ActivityInterceptorFactory> activity_interceptors = {};
  // Namespace, identity, converter, interceptors and runtime are used; what is about a connection is
  // not.
  ClientOptions client = {};
  // When the test begins, for workflows. Unset: 2026-01-01 00:00 UTC, so that runs are alike.
  Time start_time = {};
  std::uint64_t randomness_seed = 1;  // of workflow::random(), and so of uuid4()
  // How often the time may jump while one call waits, before it fails: what is retried for ever.
  std::uint64_t max_skips = 10'000;
  // How long, in real time, a call waits where nothing in the simulator can end its wait, before it
  // fails: for the test's other threads to act, and for activities that do real work.
  std::chrono::milliseconds patience = std::chrono::seconds(5);
};

// A Temporal server of the test's own: on SQLite in a temporary folder, on free ports of loopback,
// gone with this object, or with the process. Nothing is downloaded.
struct ServerOptions {
  // `temporal-server`, or the command line `temporal`: a path. Empty: what TEMPORAL_TEST_SERVER names,
  // else temporal-server, else temporal, on PATH.
  std::string binary = {};
  // A file of temporal-server's dynamic configuration, in YAML. Empty: one that turns time skipping on,
  // as it always is with `temporal`.
  std::string dynamic_config = {};
  std::chrono::milliseconds start_timeout = std::chrono::seconds(60);
};

class Server {
 public:
  // Returns when the namespace "default" takes workflows. Throws std::runtime_error, with the end of
  // the server's log, where it never does.
  explicit Server(ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& address() const;  // "127.0.0.1:40123"
  // A test may take the server away and bring it back, with its data, at the same address.
  void stop();
  void start();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct TimeSkippingOptions {
  // Of a workflow that a client of the environment starts, and of its chain of runs: how often it may
  // skip time, before what waits for it fails. (The server's own default is 200.)
  std::int32_t max_session_skip_count = 10'000;
};

// A worker that Environment::work() has started. It ends with this object, before its environment.
class [[nodiscard]] RunningWorker {
 public:
  RunningWorker(RunningWorker&&) noexcept;
  RunningWorker& operator=(RunningWorker&&) noexcept;
  ~RunningWorker();

 private:
  friend class Environment;
  class Impl;
  explicit RunningWorker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A value that shares what it stands on; that ends with its last copy.
//
// The simulator. It is deterministic: one thing happens at a time, in the order it was caused. Time
// stands still until a call waits (for a result, or an update) and all else waits too; then it jumps
// to the next timer, retry or timeout. So when start_workflow, signal or another call returns, what it
// caused at that instant has happened, and nothing later has.
//
// Activities run for real, one after another, in no time of the workflow's: time stands still while
// one runs. activity::sleep takes the workflow's time, and so does what a mock needs to time out, or
// to be retried. One that runs for 100 ms or more lets others run beside it. A cancel request reaches
// an activity at once, whether it heartbeats or not.
//
// A workflow that can never go on fails the calls that wait for it, with a sentence that says what it
// waits for; so does one whose task fails by a bug, at once. What the simulator has not (schedules,
// cron, list filters, histories, Nexus) is refused with a sentence that says so.
class Environment {
 public:
  // Throws std::invalid_argument for options that cannot be right.
  static Environment simulated(SimulatedOptions options = {});
  // A real server, whose time is real. The second is Environment::existing(Client::connect(…).get()).
  static Environment existing(Client client);
  static Environment existing(const std::string& target);
  // A server of 1.32 or newer, with frontend.WorkflowTimeSkippingEnabled. Every workflow that
  // client() starts, and its children, skip the time in which they have nothing but timers to wait
  // for, each by itself and at once, not only when a call waits. A server that cannot refuses the
  // start, with RpcError{unimplemented}.
  static Environment time_skipping(const std::string& target, TimeSkippingOptions options = {});
  static Environment time_skipping(ClientOptions client, TimeSkippingOptions options = {});

  const Client& client() const;
  // Starts a worker. On a server it is a Worker of client(); the simulator runs what its registry has,
  // with its interceptors and failure types, and does without its slots, pollers, threads and
  // deadlock_timeout: a workflow that blocks holds up the test.
  RunningWorker work(WorkerOptions options) const;
  // The time of the simulator; elsewhere the system's.
  Time now() const;
  // Lets the time pass: in the simulator whatever is due until then happens, and no real time passes.
  // Elsewhere it is real time. With time_skipping each workflow has a time of its own, so it is
  // std::logic_error.
  void sleep(std::chrono::milliseconds duration) const;

 private:
  class Impl;
  explicit Environment(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

// What complete_later() throws under an ActivityEnvironment.
struct CompletesLater : std::logic_error {
  using std::logic_error::logic_error;
};

struct ActivityEnvironmentOptions {
  activity::Info info = {};  // what the activity sees; empty members get a name of their own
  std::map<std::string, Payload> headers = {};
  Values last_details = {};  // of the last heartbeat of the attempt before
  // Called with each heartbeat, by whoever makes it.
  std::function<void(const Values&)> on_heartbeat = {};
  std::shared_ptr<LogSink> log_sink = {};   // unset: standard error, warn and up
  std::shared_ptr<MetricMeter> meter = {};  // unset: nothing is recorded
};

// Runs one activity, without a workflow:
//
//   testing::ActivityEnvironment env({.info = {.attempt = 2}, .last_details = {Value::of(7)}});
//   auto charged = env.run(&Payments::charge, payments, ChargeInput{…});
//
// activity::sleep returns at once, after as much of a time of its own.
class ActivityEnvironment {
 public:
  explicit ActivityEnvironment(ActivityEnvironmentOptions options = {});
  ~ActivityEnvironment();
  ActivityEnvironment(const ActivityEnvironment&) = delete;
  ActivityEnvironment& operator=(const ActivityEnvironment&) = delete;

  // A function, or a method and its object (a pointer of any kind), as a Registry takes them, with
  // the arguments that a workflow would give. Blocks until its result, also of an Async; throws what
  // it throws.
  template <class Fn, class... A>
  auto run(Fn fn, A... args) {
    return guard([&] { return call(fn, std::move(args)...); });
  }

  const activity::Context& context() const;
  // Asks the activity to end; any thread, also before it runs.
  void cancel(activity::CancelReason reason = activity::CancelReason::canceled);
  // Stops Context::worker_shutdown_token(); any thread, also before it runs.
  void begin_worker_shutdown();
  std::vector<Values> heartbeats() const;
  std::chrono::milliseconds slept() const;

 private:
  class Impl;
  template <class Fn, class... A>
  auto call(Fn& fn, A... args) {
    if constexpr (std::is_member_function_pointer_v<Fn>)
      return call_method(fn, std::move(args)...);
    else if constexpr (std::is_invocable_v<Fn&, activity::Context, A...>)
      return finished([&] { return fn(context(), std::move(args)...); });
    else
      return finished([&] { return fn(std::move(args)...); });
  }
  template <class Fn, class Object, class... A>
  auto call_method(Fn fn, Object object, A... args) {
    if constexpr (std::is_invocable_v<Fn, Object&, activity::Context, A...>)
      return finished([&] { return std::invoke(fn, object, context(), std::move(args)...); });
    else
      return finished([&] { return std::invoke(fn, object, std::move(args)...); });
  }
  template <class F>
  static auto finished(F f) {
    using Returned = decltype(f());
    if constexpr (std::is_same_v<Returned, typename temporal::detail::Awaited<Returned>::type>)
      return f();
    else
      return f().get();
  }
  template <class F>
  static auto guard(F f) {
    std::exception_ptr later;
    try {
      return f();
    } catch (const std::exception&) {
      throw;
    } catch (...) {
      later = std::current_exception();
    }
    translate(later);
  }
  [[noreturn]] static void translate(const std::exception_ptr& thrown);
  std::unique_ptr<Impl> impl_;
};

}  // namespace temporal::testing
