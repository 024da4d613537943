// Sessions: several activities of a workflow on one and the same host, for what they share there: a
// file, a cache, a device.
//
// The host, beside its workers:
//
//   temporal::session::Host host(client, {.task_queue = "files", .registry = activities});
//   host.start();
//
// The workflow:
//
//   auto session = co_await temporal::session::create({.task_queue = "files"});
//   auto path = co_await session.execute_activity(download, {.start_to_close_timeout = 1h}, url);
//   co_await session.execute_activity(convert, {.start_to_close_timeout = 1h}, path);
//   session.complete();
//
// How. A host has a task queue of its own, besides the one that all hosts share. A session is an
// activity of the shared queue, which a host with room takes: it tells the workflow its queue by a
// signal, and heartbeats until the session ends. When the host dies or shuts down that activity
// fails, and with it the session: its activities are cancelled, and the workflow may begin again with
// another one.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "temporal/worker_group.h"
#include "temporal/workflow.h"

namespace temporal::session {

enum class State : std::uint8_t { open, completed, failed };

struct Options {
  std::string task_queue = {};  // required: that of the hosts
  // Each of these is above zero, else std::invalid_argument. Until a host has room; then create()
  // fails with an ActivityFailure whose cause is a TimeoutFailure.
  std::chrono::milliseconds creation_timeout = std::chrono::minutes(1);
  // Of the whole session, which fails when it is over.
  std::chrono::milliseconds execution_timeout = std::chrono::hours(1);
  // So long after its death a host counts as dead. A host also learns that a session has ended with a
  // heartbeat, within 0.8 of this.
  std::chrono::milliseconds heartbeat_timeout = std::chrono::seconds(10);
};

namespace detail {
struct SessionState;
}

// Part of one run of a workflow; a copy is the same session.
class Session {
 public:
  explicit Session(std::shared_ptr<detail::SessionState> state);  // for create()
  State state() const;
  const std::optional<Failure>& failure() const;  // why it failed; unset: it did not
  const std::string& id() const;
  // The host's own. Kept, as in the input of a continue-as-new, it is what recreate() takes.
  const std::string& task_queue() const;

  // As workflow::execute_activity, on the host; options.task_queue is ignored. Where the session has
  // failed the Future settles with CanceledFailure; after complete(): std::logic_error.
  template <class R, class... A>
  workflow::Future<R> execute_activity(const ActivityType<R(A...)>& type,
                                       workflow::ActivityOptions options,
                                       std::type_identity_t<A>... args) const {
    return workflow::Future<R>::of(
        execute({.name = std::string(type.name),
                 .options = std::move(options),
                 .args = temporal::detail::Arguments<A...>::pack(std::move(args)...)}));
  }

  // Gives the host its room back. A workflow that ends does that too. Again: nothing.
  void complete() const;

 private:
  workflow::Future<Value> execute(workflow::ActivityInput in) const;
  std::shared_ptr<detail::SessionState> state_;
};

// Ends when a host has taken the session. Throws what kept it from that: an ActivityFailure.
workflow::Task<Session> create(Options options);
// On the host of an earlier session, while that host lives: `host` is its task_queue(). Throws likewise,
// without waiting for room: a full host refuses.
workflow::Task<Session> recreate(std::string host, Options options);

struct HostOptions {
  std::string task_queue = {};  // required: that all hosts share; no other worker's
  Registry registry = {};       // the activities of sessions
  std::size_t max_sessions = 100;
  // Of the worker for the sessions' activities: its queue and registry are the host's own.
  WorkerOptions worker = {};
};

// The sessions of this process. Threads and shutdown are those of a WorkerGroup; a shutdown fails its
// sessions after worker.graceful_shutdown_timeout.
class Host {
 public:
  // Throws as WorkerGroup.
  Host(Client client, HostOptions options);
  ~Host();  // shutdown()
  Host(Host&&) noexcept;
  Host& operator=(Host&&) = delete;

  void run(std::stop_token stop);
  void start();
  void shutdown();
  const std::string& task_queue() const;  // the host's own
  std::size_t sessions() const;           // open ones; any thread, at any time
  WorkerGroupStatus status() const;       // likewise

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace temporal::session
