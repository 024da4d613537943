// Core's worker: polls and completions, in protobuf bytes. Who uses it keeps the rules of
// temporal_bridge.h: one poll of each kind at a time, every task completed, then finalize.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/connection.h"

namespace temporal::bridge {

class Worker {
 public:
  // Throws std::invalid_argument for options that cannot be right, and for a second worker of the
  // connection on the same queue and kinds.
  Worker(std::shared_ptr<Connection> connection, const tb_worker_options& options);
  ~Worker() { call_core(tb_worker_free, handle_); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Handlers are called on a thread of Core: they hand over and return.
  void validate(Handler<std::string> handler);  // a coresdk.NamespaceInfo

  using Task = std::optional<std::string>;  // none: the worker is shut down
  void poll_workflow_activation(Handler<Task> handler);
  void poll_activity_task(Handler<Task> handler);
  void poll_nexus_task(Handler<Task> handler);

  void complete_workflow_activation(std::string_view completion, Handler<void> handler);
  void complete_activity_task(std::string_view completion, Handler<void> handler);
  void complete_nexus_task(std::string_view completion, Handler<void> handler);

  // Throws where the message is malformed or the worker finalized.
  void record_activity_heartbeat(std::string_view heartbeat);
  void request_workflow_eviction(std::string_view run_id);
  // Throws std::invalid_argument where the connection is of another runtime.
  void replace_connection(const Connection& connection);
  tb_worker_slots slots() const;

  void initiate_shutdown();
  void finalize_shutdown(Handler<void> handler);

 private:
  friend class Replay;
  Worker(std::shared_ptr<Runtime> runtime, tb_worker* handle)
      : runtime_(std::move(runtime)), handle_(handle) {}
  std::shared_ptr<Runtime> runtime_;  // freed after the worker
  tb_worker* handle_;
};

}  // namespace temporal::bridge
