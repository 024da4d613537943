#include "temporal/executor.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bridge/crossing.h"

namespace temporal {

Executor::~Executor() = default;

struct ThreadExecutor::State {
  std::mutex mutex;
  std::condition_variable more;
  std::deque<std::move_only_function<void()>> queue;
  bool ended = false;
  std::vector<std::thread> threads;

  void run() {
    std::unique_lock lock(mutex);
    while (more.wait(lock, [&] { return ended || !queue.empty(); }), !queue.empty()) {
      auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      work = nullptr;  // what it held may be the last of something: not under the lock
      lock.lock();
    }
  }
};

ThreadExecutor::ThreadExecutor(std::size_t threads) : state_(std::make_shared<State>()) {
  if (threads == 0) throw std::invalid_argument("ThreadExecutor: threads must be at least 1");
  for (std::size_t i = 0; i < threads; ++i) {
    state_->threads.emplace_back([state = state_] {
      pthread_setname_np(pthread_self(), "temporal-exec");
      state->run();
    });
  }
}

ThreadExecutor::~ThreadExecutor() {
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(state_->mutex);
    state_->ended = true;
    threads = std::move(state_->threads);
  }
  state_->more.notify_all();
  const bool may_wait =
      !bridge::on_core_thread() && std::ranges::none_of(threads, [](const std::thread& t) {
        return t.get_id() == std::this_thread::get_id();
      });
  for (auto& thread : threads) may_wait ? thread.join() : thread.detach();
}

void ThreadExecutor::post(std::move_only_function<void()> work) {
  {
    std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(work));
  }
  state_->more.notify_one();
}

}  // namespace temporal
