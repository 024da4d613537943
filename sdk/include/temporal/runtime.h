// Runtime: the threads of Temporal's Core, and where its logs, metrics and the program's
// continuations go. A program needs one; more are allowed.
//
//   auto runtime = temporal::Runtime::create({.log_sink = sink, .meter = meter});
//   auto client = temporal::Client::connect({.target = "localhost:7233", .runtime = runtime}).get();
//
// A Runtime is a value that shares its parts: they end when the last copy has gone, and with it the
// last client and worker that hold one. A client that is given none uses one with the defaults,
// shared by all such clients of the process.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "temporal/executor.h"
#include "temporal/log.h"
#include "temporal/metrics.h"

namespace temporal {

namespace bridge {
class Runtime;
}
namespace detail {
class TimerQueue;
}

struct RuntimeOptions {
  // Where continuations of Asyncs, callbacks and coroutine activities run. Unset: one thread that
  // the runtime owns.
  std::shared_ptr<Executor> executor = {};
  // Unset: standard error, warn and up.
  std::shared_ptr<LogSink> log_sink = {};
  // What Core logs, in the syntax of Rust's EnvFilter: a level, then exceptions by module. Core's
  // lines come to log_sink with the target "core".
  std::string core_log_filter = "warn";
  // Unset: no metrics.
  std::shared_ptr<MetricMeter> meter = {};
  // Threads of Core, which only do network I/O and state machines. 0: 2.
  std::uint32_t core_threads = 0;
  // How often a worker reports itself to the server, from 1 s to 60 s; unset: it does not.
  std::optional<std::chrono::milliseconds> worker_heartbeat_interval = std::chrono::seconds(60);
  // Those reports say on what system, in what hosting environment (Docker, Kubernetes, Lambda …) and
  // built by what compiler the worker runs. True: they do not.
  bool disable_environment_info = false;
};

class Runtime {
 public:
  // Starts the threads. Throws std::invalid_argument for an option that cannot be right.
  static Runtime create(RuntimeOptions options = {});
  // The one with default options that clients share; made when it is first asked for, ended when
  // nobody uses it any longer.
  static Runtime shared_default();

  const std::shared_ptr<Executor>& executor() const;
  const std::shared_ptr<LogSink>& log_sink() const;
  const std::shared_ptr<MetricMeter>& meter() const;  // null where none was given
  Logger logger(std::string target = "app") const;

  // For the SDK's own parts.
  const std::shared_ptr<bridge::Runtime>& core() const;
  const std::shared_ptr<detail::TimerQueue>& timers() const;

  // A copy of the same Runtime.
  bool operator==(const Runtime&) const = default;

 private:
  struct Impl;
  explicit Runtime(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace temporal
