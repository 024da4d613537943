#include "bridge/worker.h"

namespace temporal::bridge {

namespace {

void on_poll(void* user_data, const tb_bytes* task, const tb_error* error) {
  Received<Worker::Task> received(user_data);
  if (error) return received(error);
  received(task ? Worker::Task(text(*task)) : std::nullopt);
}

void on_done(void* user_data, const tb_error* error) {
  Received<void> received(user_data);
  error ? received(error) : received(Result<void>());
}

tb_worker* make(const Connection& connection, const tb_worker_options& options) {
  CoreError error;
  auto* handle = call_core(tb_worker_new, connection.handle(), &options, &error, store_error);
  if (!handle) throw_error(error);
  return handle;
}

}  // namespace

Worker::Worker(std::shared_ptr<Connection> connection, const tb_worker_options& options)
    : Worker(connection->runtime(), make(*connection, options)) {}

void Worker::validate(Handler<std::string> handler) {
  call_core(tb_worker_validate, handle_, send(std::move(handler)),
            [](void* user_data, tb_bytes info, const tb_error* error) {
              Received<std::string> received(user_data);
              error ? received(error) : received(text(info));
            });
}

void Worker::poll_workflow_activation(Handler<Task> handler) {
  call_core(tb_worker_poll_workflow_activation, handle_, send(std::move(handler)), on_poll);
}
void Worker::poll_activity_task(Handler<Task> handler) {
  call_core(tb_worker_poll_activity_task, handle_, send(std::move(handler)), on_poll);
}
void Worker::poll_nexus_task(Handler<Task> handler) {
  call_core(tb_worker_poll_nexus_task, handle_, send(std::move(handler)), on_poll);
}

void Worker::complete_workflow_activation(std::string_view completion, Handler<void> handler) {
  call_core(tb_worker_complete_workflow_activation, handle_, bytes(completion),
            send(std::move(handler)), on_done);
}
void Worker::complete_activity_task(std::string_view completion, Handler<void> handler) {
  call_core(tb_worker_complete_activity_task, handle_, bytes(completion), send(std::move(handler)),
            on_done);
}
void Worker::complete_nexus_task(std::string_view completion, Handler<void> handler) {
  call_core(tb_worker_complete_nexus_task, handle_, bytes(completion), send(std::move(handler)),
            on_done);
}

void Worker::record_activity_heartbeat(std::string_view heartbeat) {
  CoreError error;
  if (!call_core(tb_worker_record_activity_heartbeat, handle_, bytes(heartbeat), &error,
                 store_error))
    throw_error(error);
}

void Worker::request_workflow_eviction(std::string_view run_id) {
  call_core(tb_worker_request_workflow_eviction, handle_, bytes(run_id));
}

void Worker::replace_connection(const Connection& connection) {
  if (connection.runtime() != runtime_)
    throw std::invalid_argument("a worker's connections are all of one Runtime");
  CoreError error;
  if (!call_core(tb_worker_replace_connection, handle_, connection.handle(), &error, store_error))
    throw_error(error);
}

tb_worker_slots Worker::slots() const {
  tb_worker_slots slots{};
  call_core(tb_worker_read_slots, handle_, &slots);
  return slots;
}

void Worker::initiate_shutdown() {
  call_core(tb_worker_initiate_shutdown, handle_);
}

void Worker::finalize_shutdown(Handler<void> handler) {
  call_core(tb_worker_finalize_shutdown, handle_, send(std::move(handler)), on_done);
}

}  // namespace temporal::bridge
