// Threads for code that may block: a blocking activity, or the activation of a workflow.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace temporal::detail {

// A thread is made when a job finds no idle one and the limit allows it; it then stays. Where the
// system has no more, those that there are do; without any, post() throws std::system_error. The queue
// has no limit of its own: each job stands for a task that Core gave out against a slot.
class ThreadPool {
 public:
  // `name` shows in debuggers and `top -H`; the system keeps 15 characters of it.
  ThreadPool(std::string name, std::size_t limit);
  ~ThreadPool();  // runs what is queued, then joins
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(std::move_only_function<void()> job);  // jobs do not throw
  // A thread that is stuck in user code is replaced for as long as it is stuck.
  void add_thread();
  void drop_thread();
  std::size_t threads() const;

 private:
  void work();
  bool start_thread();

  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::size_t limit_;
  std::size_t idle_ = 0;
  bool closed_ = false;
  std::deque<std::move_only_function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

}  // namespace temporal::detail
