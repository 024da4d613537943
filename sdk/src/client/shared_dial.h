// SharedDial: one connection for many callers, dialled when the first of them needs it. Those who
// come while it is dialled share the attempt; after a failed one the next caller begins another.
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "bridge/connection.h"
#include "temporal/error.h"
#include "worker/timer_queue.h"

namespace temporal::detail {

class SharedDial : public std::enable_shared_from_this<SharedDial> {
 public:
  using Connected = std::expected<std::shared_ptr<bridge::Connection>, RpcError>;
  using Answered = std::move_only_function<void(Connected)>;
  // Begins one attempt, which `cancel` ends early; answers once, on any thread, never in the call.
  using Attempt =
      std::move_only_function<void(std::shared_ptr<bridge::Cancel> cancel,
                                   bridge::Handler<std::shared_ptr<bridge::Connection>> answered)>;

  SharedDial(Attempt attempt, std::shared_ptr<TimerQueue> timers, std::chrono::milliseconds limit)
      : attempt_(std::move(attempt)), timers_(std::move(timers)), limit_(limit) {}

  // Answers once, on any thread, inside the call where that can be said at once: with unavailable where the attempt failed or `timeout` is over first, with canceled where one of the
  // tokens stops first. That does not end the attempt: others may wait for it.
  void get(std::optional<std::chrono::milliseconds> timeout, std::stop_token stop,
           std::stop_token other_stop, Answered answered);

  std::shared_ptr<bridge::Connection> connection() const;  // null: none was made yet
  void abandon();                                          // ends an attempt that is under way

 private:
  struct Waiter;
  void join(std::shared_ptr<Waiter> waiter);
  void dial();
  void answer(Connected connected);

  Attempt attempt_;
  std::shared_ptr<TimerQueue> timers_;
  std::chrono::milliseconds limit_;  // of one attempt
  mutable std::mutex mutex_;
  std::shared_ptr<bridge::Connection> connection_;
  std::vector<std::shared_ptr<Waiter>> waiters_;  // not empty: an attempt is under way
  std::shared_ptr<bridge::Cancel> cancel_;        // of the attempt, as the next
  std::optional<TimerQueue::Id> limit_timer_;
};

}  // namespace temporal::detail
