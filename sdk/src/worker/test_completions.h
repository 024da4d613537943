// For tests: what a port was given, in its order.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace temporal::detail {

template <class Message>
class Completions {
 public:
  void add(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    messages_.emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    came_.notify_all();
  }
  Message next() {  // waits for it
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !messages_.empty(); });
    auto first = std::move(messages_.front());
    messages_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Message> messages_;
};

}  // namespace temporal::detail
