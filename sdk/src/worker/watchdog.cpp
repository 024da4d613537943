#include "worker/watchdog.h"

#include <pthread.h>

#include <utility>

namespace temporal::detail {

Watchdog::Watchdog(std::chrono::steady_clock::duration limit) : limit_(limit) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Watchdog::Watch::Watch(Watchdog& dog, std::move_only_function<void()> late)
    : dog_(dog), late_(std::move(late)) {
  if (dog.limit_ == std::chrono::steady_clock::duration::zero()) return;
  due_ = std::chrono::steady_clock::now() + dog.limit_;
  std::lock_guard lock(dog.mutex_);
  place_ = dog.watches_.insert(dog.watches_.end(), this);
  listed_ = true;
  if (!dog.thread_.joinable()) dog.thread_ = std::thread([&dog] { dog.work(); });
  if (std::exchange(dog.asleep_, false)) dog.woken_.notify_one();
}

Watchdog::Watch::~Watch() {
  std::unique_lock lock(dog_.mutex_);
  if (listed_) dog_.watches_.erase(place_);
  dog_.told_.wait(lock, [this] { return dog_.telling_ != this; });
}

void Watchdog::work() {
  pthread_setname_np(pthread_self(), "temporal-dog");
  std::unique_lock lock(mutex_);
  while (!closed_) {
    if (watches_.empty()) {
      asleep_ = true;
      woken_.wait(lock, [this] { return closed_ || !asleep_; });
      continue;
    }
    auto* oldest = watches_.front();
    if (auto due = oldest->due_; std::chrono::steady_clock::now() < due) {
      woken_.wait_until(lock, due, [this] { return closed_; });
      continue;
    }
    watches_.pop_front();
    oldest->listed_ = false;
    telling_ = oldest;
    lock.unlock();  // it may take long, and others begin and end meanwhile
    oldest->late_();
    lock.lock();
    telling_ = nullptr;
    told_.notify_all();
  }
}

}  // namespace temporal::detail
