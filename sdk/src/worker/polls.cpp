#include "worker/polls.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace temporal::detail {

// Outlives the Polls by the last steps of a callback.
struct Polls::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::size_t open = 0;
  std::optional<std::string> failed = {};

  void end(std::optional<std::string> reason) {
    std::lock_guard lock(mutex);
    --open;
    if (reason && !failed) failed = std::move(reason);
    changed.notify_all();
  }
};

struct Polls::Loop {
  std::shared_ptr<State> state;
  std::shared_ptr<bridge::Worker> core;
  Poll poll;
  Take take;
};

Polls::Polls(std::shared_ptr<bridge::Worker> core)
    : core_(std::move(core)), state_(std::make_shared<State>()) {}

void Polls::start(Poll poll, Take take) {
  {
    std::lock_guard lock(state_->mutex);
    ++state_->open;
  }
  next(std::make_shared<Loop>(state_, core_, poll, std::move(take)));
}

void Polls::next(std::shared_ptr<Loop> loop) {
  auto* l = loop.get();
  (l->core.get()->*l->poll)(
      [loop = std::move(loop)](bridge::Result<bridge::Worker::Task> task) mutable {
        if (task && *task) {
          loop->take(std::move(**task));
          return next(std::move(loop));
        }
        auto state = std::move(loop->state);
        loop->core = nullptr;
        loop->take = nullptr;
        state->end(task ? std::nullopt : std::optional(task.error().message));
      });
}

std::optional<std::string> Polls::wait(std::stop_token stop) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, std::move(stop), [this] { return state_->failed.has_value(); });
  return state_->failed;
}

void Polls::wait_until_ended() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->open == 0; });
}

}  // namespace temporal::detail
