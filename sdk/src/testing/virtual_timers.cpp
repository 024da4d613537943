#include "testing/virtual_timers.h"

#include <utility>

namespace temporal::testing {

VirtualTimers::VirtualTimers(VirtualClock& clock, Post post)
    : state_(std::make_shared<State>(clock)), post_(std::move(post)) {}

void VirtualTimers::end() {
  for (auto& [id, due] : state_->due) state_->clock.cancel(due);
  state_->due.clear();
}

VirtualTimers::Id VirtualTimers::schedule(std::chrono::steady_clock::duration after,
                                          std::move_only_function<void()> fire) {
  Id id = 0;
  {
    std::lock_guard lock(state_->mutex);
    id = ++state_->last;
    state_->timers.emplace(id, std::move(fire));
  }
  post_([weak = std::weak_ptr(state_), id, after] {
    auto state = weak.lock();
    if (!state) return;
    auto duration = std::chrono::ceil<std::chrono::milliseconds>(after);
    state->due[id] = state->clock.after(duration, [weak, id] {
      auto s = weak.lock();
      if (!s) return;
      s->due.erase(id);
      s->awake_since = std::chrono::steady_clock::now();
      std::unique_lock lock(s->mutex);
      auto timer = s->timers.extract(id);
      lock.unlock();
      if (timer) timer.mapped()();
    });
  });
  return id;
}

bool VirtualTimers::cancel(Id id) {
  std::unique_lock lock(state_->mutex);
  auto timer = state_->timers.extract(id);
  lock.unlock();
  if (!timer) return false;
  post_([weak = std::weak_ptr(state_), id] {
    auto state = weak.lock();
    if (!state) return;
    auto due = state->due.extract(id);
    if (!due) return;
    state->awake_since = std::chrono::steady_clock::now();
    state->clock.cancel(due.mapped());
  });
  return true;
}

}  // namespace temporal::testing
