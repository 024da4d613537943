#include "worker/polls.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace temporal::detail {

namespace {

// Of one kind, one for each of Core's pollers comes; more are a mistake that must not spin.
constexpr int kMostErrors = 1000;

bool nothing_follows(tb_error_kind kind) {
  return kind == TB_ERROR_CLOSED || kind == TB_ERROR_RUNTIME_FREED || kind == TB_ERROR_PANIC;
}

}  // namespace

// Outlives the Polls by the last steps of a callback.
struct Polls::State {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::size_t open = 0;
  std::optional<std::string> failed = {};

  void fail(const std::string& reason) {
    std::lock_guard lock(mutex);
    if (!failed) failed = reason;
    changed.notify_all();
  }
  void end() {
    std::lock_guard lock(mutex);
    --open;
    changed.notify_all();
  }
};

struct Polls::Loop {
  std::shared_ptr<State> state;
  PollPort& port;
  Poll poll;
  Take take;
  int errors = 0;
};

Polls::Polls(PollPort& port) : port_(port), state_(std::make_shared<State>()) {}

void Polls::start(Poll poll, Take take) {
  {
    std::lock_guard lock(state_->mutex);
    ++state_->open;
  }
  next(std::make_shared<Loop>(state_, port_, poll, std::move(take)));
}

void Polls::next(std::shared_ptr<Loop> loop) {
  auto& l = *loop;
  (l.port.*l.poll)([loop = std::move(loop)](bridge::Result<bridge::Worker::Task> task) mutable {
    if (task && *task) {
      loop->take(std::move(**task));
      return next(std::move(loop));
    }
    if (!task && goes_on(*loop, task.error())) return next(std::move(loop));
    auto state = std::move(loop->state);
    loop->take = nullptr;
    state->end();
  });
}

// After an error too, Core's shutdown waits for each kind to be polled until there is no more.
bool Polls::goes_on(Loop& loop, const bridge::CoreError& error) {
  loop.state->fail(error.message);
  if (nothing_follows(error.kind) || ++loop.errors == kMostErrors) return false;
  loop.port.initiate_shutdown();
  return true;
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
