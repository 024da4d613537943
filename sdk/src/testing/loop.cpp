#include "testing/loop.h"

#include <pthread.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace temporal::testing {

namespace {

using Answer = Transport::Answer;

// What `f` gives; what it throws is the answer, too.
template <class F>
std::optional<Answer> answer_of(F f) {
  try {
    return f();
  } catch (const RpcError& error) {
    return std::unexpected(error);
  } catch (const std::exception& error) {
    return std::unexpected(RpcError(RpcCode::internal, error.what()));
  }
}

}  // namespace

Loop::Loop(LoopOptions options, VirtualClock& clock, Things& things)
    : options_(options), clock_(clock), things_(things), thread_([this] {
        pthread_setname_np(pthread_self(), "temporal-sim");
        work();
      }) {}

void Loop::post(std::move_only_function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    inbox_.push_back(std::move(work));
  }
  woken_.notify_all();
}

void Loop::call(std::function<Ask()> begin, std::optional<std::chrono::milliseconds> timeout,
                std::stop_token stop, std::stop_token other_stop, Transport::Answered answered) {
  auto made = std::make_shared<std::list<Call>>(1);
  auto& call = made->front();
  if (timeout) call.deadline = Clock::now() + *timeout;
  call.answered = std::move(answered);
  auto take = [this, made, begin = std::move(begin), stop = std::move(stop),
               other_stop = std::move(other_stop)] {
    auto& c = made->front();
    c.id = ++last_call_;
    auto cancel = [this, id = c.id] {
      post([this, id] {
        auto found = std::ranges::find(calls_, id, &Call::id);
        if (found != calls_.end())
          answer(found, std::unexpected(RpcError(RpcCode::canceled, "the call was canceled")));
      });
    };
    c.stop = std::make_unique<Call::Stop>(stop, cancel);
    c.other_stop = std::make_unique<Call::Stop>(other_stop, cancel);
    this->begin(std::move(*made), begin);
  };
  post(std::move(take));
}

void Loop::begin(std::list<Call> call, const std::function<Ask()>& begin) {
  calls_.splice(calls_.end(), call);
  auto mine = std::prev(calls_.end());
  // Who calls while an activity runs is the activity, or beside the test: it does not wait for all to
  // stand still.
  const bool at_once = things_.busy_until().has_value();
  auto now = answer_of([&] -> std::optional<Answer> {
    mine->ask = begin();
    return at_once ? mine->ask.answer() : std::nullopt;
  });
  if (now) answer(mine, std::move(*now));
}

void Loop::answer(std::list<Call>::iterator call, Transport::Answer answer) {
  std::list<Call> ended;
  ended.splice(ended.end(), calls_, call);
  auto to = std::move(ended.front().answered);
  ended.clear();
  to(std::move(answer));
}

void Loop::work() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!inbox_.empty()) {
      auto next = std::move(inbox_.front());
      inbox_.pop_front();
      lock.unlock();
      next();
      next = nullptr;
      lock.lock();
      continue;
    }
    lock.unlock();
    auto until = advance();
    lock.lock();
    if (!until || ended_ || !inbox_.empty()) continue;
    if (*until == Clock::time_point::max())
      woken_.wait(lock);
    else
      woken_.wait_until(lock, *until);
  }
}

// Nothing: it did something; else until when there is nothing to do.
std::optional<Loop::Clock::time_point> Loop::advance() {
  auto moved = [this] {
    blocked_since_.reset();
    return std::nullopt;
  };
  if (things_.step()) return moved();
  if (expire_calls()) return moved();
  if (auto until = things_.busy_until()) return std::min(*until, first_deadline());
  if (answer_calls()) return moved();
  if (!any_waits()) {
    blocked_since_.reset();
    return first_deadline();
  }
  if (things_.time_may_jump() && clock_.anything_due()) {
    for (auto& call : calls_) call.skips += call.ask.waits ? 1 : 0;
    clock_.jump();
    return moved();
  }
  if (!blocked_since_) blocked_since_ = Clock::now();
  if (Clock::now() < *blocked_since_ + options_.patience)
    return std::min(*blocked_since_ + options_.patience, first_deadline());
  fail_blocked();
  return moved();
}

bool Loop::any_waits() const {
  return std::ranges::any_of(calls_, [](const Call& c) { return c.ask.waits; });
}

Loop::Clock::time_point Loop::first_deadline() const {
  auto first = Clock::time_point::max();
  for (const auto& call : calls_) first = std::min(first, call.deadline);
  return first;
}

bool Loop::expire_calls() {
  const auto now = Clock::now();
  auto late = std::ranges::find_if(calls_, [&](const Call& c) { return c.deadline <= now; });
  if (late == calls_.end()) return false;
  answer(late, std::unexpected(RpcError(RpcCode::deadline_exceeded, "the call's timeout is over")));
  return true;
}

bool Loop::answer_calls() {
  bool answered = false;
  for (auto i = calls_.begin(); i != calls_.end();) {
    auto call = i++;
    auto now = answer_of([&] {
      auto came = call->ask.answer();
      if (!came && call->skips > options_.max_skips)
        came = std::unexpected(
            RpcError(RpcCode::failed_precondition,
                     "the simulator's time jumped " + std::to_string(options_.max_skips) +
                         " times (SimulatedOptions::max_skips) while a call waited: " +
                         call->ask.waits_for()));
      return came;
    });
    if (!now) continue;
    answer(call, std::move(*now));
    answered = true;
  }
  return answered;
}

void Loop::fail_blocked() {
  for (auto i = calls_.begin(); i != calls_.end();) {
    auto call = i++;
    if (call->ask.waits)
      answer(call, std::unexpected(RpcError(
                       RpcCode::failed_precondition,
                       "nothing in the simulator can end this wait: " + call->ask.waits_for())));
  }
}

void Loop::end() {
  decltype(inbox_) dropped;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    dropped.swap(inbox_);
  }
  woken_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  calls_.clear();
}

}  // namespace temporal::testing
