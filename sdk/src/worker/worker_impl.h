// The parts of a Worker, for itself and for WorkerGroup.
#pragma once
#include <chrono>
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "bridge/worker.h"
#include "temporal/worker.h"
#include "worker/session.h"
#include "worker/slot_broker.h"
#include "worker/thread_pool.h"
#include "worker/worker_claim.h"

namespace temporal {

class Worker::Impl {
 public:
  // `pool`: unset: the worker has its own.
  Impl(Client client, WorkerOptions options, std::shared_ptr<detail::ThreadPool> pool = {});

  // Of its own pool.
  static std::size_t activity_threads(const WorkerOptions& options);

  void run(std::stop_token stop);
  void start();
  void request_stop() { stop_.request_stop(); }
  void shutdown();
  WorkerStatus status() const;
  static Async<void> replace_client(std::shared_ptr<Impl> self, Client client);

 private:
  template <class T>
  using Answer = std::expected<T, std::string>;

  void begin();
  void work(const std::stop_token& stop);
  // Nothing when core_ may serve. What it has made stays there for the next attempt.
  std::optional<std::string> connect(const std::stop_token& stop);
  Answer<std::shared_ptr<bridge::Worker>> make(const std::stop_token& stop);
  std::optional<std::string> validate(bridge::Worker& core, const std::stop_token& stop);
  std::optional<std::string> serve(const std::stop_token& stop);
  // Swaps them with the worker's.
  void adopt(Client& client, std::unique_ptr<detail::WorkerClaim>& claim,
             const bridge::Connection& connection);
  Client client() const;
  std::string not_ready(const WorkerStatus& status) const;
  // Of the user's code that is no workflow's.
  const std::shared_ptr<Executor>& executor() const {
    return options_.executor ? options_.executor : runtime_.executor();
  }
  detail::SlotBroker::Places slot_places() const;
  void pause(const std::stop_token& stop, std::chrono::milliseconds duration);
  void change(WorkerState state);
  void note(std::string error);
  std::optional<detail::WorkflowTasksOptions> workflow_options() const;
  detail::ActivityTasksOptions activity_options() const;

  const WorkerOptions options_;
  const std::string name_space_;
  const Runtime runtime_;
  const DataConverter converter_;
  const Logger logger_;
  const std::shared_ptr<detail::ThreadPool> pool_;
  const std::shared_ptr<detail::TaskCounts> counts_ = std::make_shared<detail::TaskCounts>();

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Client client_;
  std::unique_ptr<detail::WorkerClaim> claim_;  // until it has stopped
  WorkerState state_ = WorkerState::created;
  std::string last_error_;
  std::shared_ptr<bridge::Worker> core_;  // from its making to the end of its session
  std::unique_ptr<detail::Session> session_;
  bool begun_ = false;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace temporal
