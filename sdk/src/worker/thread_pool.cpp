#include "worker/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace temporal::detail {

ThreadPool::ThreadPool(std::string name, std::size_t limit)
    : name_(std::move(name)), limit_(std::max<std::size_t>(limit, 1)) {}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  woken_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadPool::post(std::move_only_function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (jobs_.size() > idle_ && threads_.size() < limit_ && start_thread()) return;
  }
  woken_.notify_one();
}

void ThreadPool::add_thread() {
  std::lock_guard lock(mutex_);
  ++limit_;
  if (jobs_.size() > idle_ && threads_.size() < limit_) start_thread();
}

void ThreadPool::drop_thread() {
  std::lock_guard lock(mutex_);
  --limit_;  // the thread itself stays until the end: it is idle, and costs nothing
}

std::size_t ThreadPool::threads() const {
  std::lock_guard lock(mutex_);
  return threads_.size();
}

// Called under the lock. False where the system has no thread to give, and there is one already.
bool ThreadPool::start_thread() try {
  threads_.emplace_back([this, number = threads_.size() + 1] {
    auto name = name_.substr(0, 11) + "-" + std::to_string(number);
    name.resize(std::min<std::size_t>(name.size(), 15));
    pthread_setname_np(pthread_self(), name.c_str());
    work();
  });
  return true;
} catch (const std::system_error&) {
  if (threads_.empty()) throw;
  return false;
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    woken_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it captured dies here, not under the lock
    lock.lock();
  }
}

}  // namespace temporal::detail
