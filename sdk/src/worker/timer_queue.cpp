#include "worker/timer_queue.h"

#include <pthread.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace temporal::detail {

struct TimerQueue::State {
  using Clock = std::chrono::steady_clock;
  std::mutex mutex;
  std::condition_variable woken;
  bool closed = false;
  Id last = 0;
  std::map<std::pair<Clock::time_point, Id>, std::move_only_function<void()>> timers;
  std::map<Id, Clock::time_point> times;
  std::thread thread;

  void work() {
    std::unique_lock lock(mutex);
    while (!closed) {
      if (timers.empty()) {
        woken.wait(lock);
        continue;
      }
      auto first = timers.begin();
      if (auto due = first->first.first; due > Clock::now()) {
        woken.wait_until(lock, due);
        continue;
      }
      auto timer = timers.extract(first);
      times.erase(timer.key().second);
      lock.unlock();
      timer.mapped()();
      timer = {};
      lock.lock();
    }
  }
};

TimerQueue::TimerQueue() : state_(std::make_shared<State>()) {}

TimerQueue::~TimerQueue() {
  decltype(State::timers) dropped;
  {
    std::lock_guard lock(state_->mutex);
    state_->closed = true;
    dropped.swap(state_->timers);
    state_->times.clear();
  }
  state_->woken.notify_all();
  if (!state_->thread.joinable()) return;
  // The last owner may be what a timer's function held; the state outlives its thread then.
  if (state_->thread.get_id() == std::this_thread::get_id())
    state_->thread.detach();
  else
    state_->thread.join();
}

TimerQueue::Id TimerQueue::schedule(std::chrono::steady_clock::duration after,
                                    std::move_only_function<void()> fire) {
  auto& s = *state_;
  std::lock_guard lock(s.mutex);
  auto id = ++s.last;
  auto now = State::Clock::now();
  // A duration that does not fit the clock is for ever.
  auto due =
      after > State::Clock::time_point::max() - now ? State::Clock::time_point::max() : now + after;
  auto place = s.timers.emplace(std::pair(due, id), std::move(fire)).first;
  s.times.emplace(id, due);
  if (!s.thread.joinable()) {
    s.thread = std::thread([state = state_] {
      pthread_setname_np(pthread_self(), "temporal-timer");
      state->work();
    });
  } else if (place == s.timers.begin()) {
    s.woken.notify_one();
  }
  return id;
}

bool TimerQueue::cancel(Id id) {
  std::move_only_function<void()> dropped;  // dies outside the lock
  std::lock_guard lock(state_->mutex);
  auto time = state_->times.extract(id);
  if (!time) return false;
  auto timer = state_->timers.extract(std::pair(time.mapped(), id));
  dropped = std::move(timer.mapped());
  return true;
}

}  // namespace temporal::detail
