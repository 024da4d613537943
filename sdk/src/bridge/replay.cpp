#include "bridge/replay.h"

#include <utility>

namespace temporal::bridge {

Replay::Replay(std::shared_ptr<Runtime> runtime, const tb_worker_options& options) {
  CoreError error;
  auto* worker =
      call_core(tb_replay_worker_new, runtime->handle(), &options, &handle_, &error, store_error);
  if (!worker) throw_error(error);
  worker_.reset(new Worker(std::move(runtime), worker));
}

void Replay::push(std::string_view workflow_id, std::string_view history, Handler<void> handler) {
  call_core(tb_replay_push, handle_, bytes(workflow_id), bytes(history), send(std::move(handler)),
            [](void* user_data, const tb_error* error) {
              Received<void> received(user_data);
              error ? received(error) : received(Result<void>());
            });
}

void Replay::close() {
  call_core(tb_replay_free, std::exchange(handle_, nullptr));
}

}  // namespace temporal::bridge
