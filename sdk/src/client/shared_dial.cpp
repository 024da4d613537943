#include "client/shared_dial.h"

#include <atomic>
#include <string>
#include <utility>

namespace temporal::detail {

namespace {

RpcError dial_error(const bridge::CoreError& error, std::chrono::milliseconds limit) {
  if (error.kind == TB_ERROR_CANCELLED)
    return {RpcCode::unavailable,
            "no connection to Temporal within " + std::to_string(limit.count()) + " ms"};
  if (error.kind == TB_ERROR_INVALID_ARGUMENT) return {RpcCode::invalid_argument, error.message};
  if (error.grpc_status != 0)
    return {static_cast<RpcCode>(error.grpc_status), error.message, error.details};
  return {RpcCode::unavailable, "no connection to Temporal: " + error.message};
}

}  // namespace

// One caller. Whichever comes first answers it: the dial, its timeout or a stop.
struct SharedDial::Waiter : std::enable_shared_from_this<Waiter> {
  using Stop = std::stop_callback<std::function<void()>>;

  Answered answered;
  std::atomic<bool> settled = false;
  std::shared_ptr<TimerQueue> timers;
  std::optional<TimerQueue::Id> timer;
  std::optional<Stop> stop, other_stop;

  void settle(Connected connected) {
    if (!settled.exchange(true)) std::exchange(answered, nullptr)(std::move(connected));
  }
  void watch(std::stop_token first, std::stop_token second) {
    auto cancel = [waiter = weak_from_this()] {
      if (auto w = waiter.lock())
        w->settle(std::unexpected(RpcError(RpcCode::canceled, "the caller asked to stop")));
    };
    stop.emplace(std::move(first), cancel);
    other_stop.emplace(std::move(second), cancel);
  }
  void limit(std::chrono::milliseconds timeout) {
    timer = timers->schedule(timeout, [waiter = weak_from_this(), timeout] {
      if (auto w = waiter.lock())
        w->settle(std::unexpected(
            RpcError(RpcCode::unavailable, "no connection to Temporal within the call's " +
                                               std::to_string(timeout.count()) + " ms")));
    });
  }
  void forget() {  // once the attempt is over
    stop.reset();
    other_stop.reset();
    if (timer) timers->cancel(*timer);
  }
};

std::shared_ptr<bridge::Connection> SharedDial::connection() const {
  std::lock_guard lock(mutex_);
  return connection_;
}

void SharedDial::get(std::optional<std::chrono::milliseconds> timeout, std::stop_token stop,
                     std::stop_token other_stop, Answered answered) {
  if (auto there = connection()) return answered(std::move(there));
  auto waiter = std::make_shared<Waiter>();
  waiter->answered = std::move(answered);
  waiter->timers = timers_;
  waiter->watch(std::move(stop), std::move(other_stop));
  if (waiter->settled) return;  // stopped already
  if (timeout) waiter->limit(*timeout);
  join(std::move(waiter));
}

void SharedDial::join(std::shared_ptr<Waiter> waiter) {
  std::shared_ptr<bridge::Connection> there;
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    there = connection_;
    if (!there) {
      first = waiters_.empty();
      waiters_.push_back(waiter);
    }
  }
  if (there) {
    waiter->settle(std::move(there));
    waiter->forget();
  } else if (first) {
    dial();
  }
}

void SharedDial::abandon() {
  std::lock_guard lock(mutex_);
  if (cancel_) cancel_->trigger();
}

void SharedDial::dial() {
  auto cancel = std::make_shared<bridge::Cancel>();
  {
    std::lock_guard lock(mutex_);
    cancel_ = cancel;
    limit_timer_ = timers_->schedule(limit_, [cancel] { cancel->trigger(); });
  }
  attempt_(cancel, [self = shared_from_this(), cancel](auto connected) mutable {
    auto limit = self->limit_;
    self->answer(connected ? Connected(std::move(*connected))
                           : std::unexpected(dial_error(connected.error(), limit)));
    self.reset();
  });
}

void SharedDial::answer(Connected connected) {
  std::vector<std::shared_ptr<Waiter>> waiters;
  {
    std::lock_guard lock(mutex_);
    waiters.swap(waiters_);
    if (connected) connection_ = *connected;
    timers_->cancel(*limit_timer_);
    cancel_.reset();
  }
  for (auto& waiter : waiters) {
    waiter->settle(connected);
    waiter->forget();
  }
}

}  // namespace temporal::detail
