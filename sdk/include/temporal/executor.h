// Executor: where continuations run. Nothing of the user's runs on a thread of Temporal's Core: what
// Core finishes is posted to an executor, by default the one thread that the Runtime owns.
//
//   auto pool = std::make_shared<temporal::ThreadExecutor>(4);
//   auto runtime = temporal::Runtime::create({.executor = pool});
//
// To let continuations run on an event loop of your own, implement Executor; for Boost.Asio that is
// done already: temporal/asio.h.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>

namespace temporal {

class Executor {
 public:
  virtual ~Executor();

  // Runs `work` once, soon, on a thread of the executor's choice, never inside this call. It is
  // called from any thread, must not block for long and must not throw. Work that is dropped instead
  // of run leaves whoever waits for it waiting. The work does not throw.
  virtual void post(std::move_only_function<void()> work) = 0;
};

// A fixed number of threads over one queue, first in first out. The queue has no limit of its own:
// what is posted is the end of a call, and calls are bounded by who makes them.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::size_t threads = 1);  // at least one, else std::invalid_argument
  // Runs what was posted before, then joins the threads. The last owner may also let go of it on a
  // thread of its own, or of Core's: then the threads finish their queue and end by themselves.
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  void post(std::move_only_function<void()> work) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace temporal
