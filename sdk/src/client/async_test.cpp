// Async: lazy, waited for, awaited, started, canceled; from coroutines, threads and callbacks.
#include "temporal/async.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace temporal {
namespace {

using namespace std::chrono_literals;

// Stands in for Core: it answers from a thread of its own, after the call has returned; "never"
// answers only when it is asked to stop.
class Remote {
 public:
  explicit Remote(std::shared_ptr<Executor> executor) : executor_(std::move(executor)) {}

  Async<std::string> call(std::string name) {
    return Async<std::string>(
        executor_, [this, name](std::stop_token stop, Callback<std::string> done) mutable {
          ++calls;
          std::lock_guard lock(mutex_);
          threads_.emplace_back([this, name, stop, done = std::move(done)]() mutable {
            if (name == "never") {
              wait_for_stop(stop);
              ++stopped;
              return done(std::unexpected(std::make_exception_ptr(std::runtime_error("canceled"))));
            }
            done("answer to " + name);
          });
        });
  }

  std::atomic<int> calls = 0, stopped = 0;

 private:
  static void wait_for_stop(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any asked;
    std::unique_lock lock(mutex);
    asked.wait(lock, stop, [] { return false; });
  }
  std::shared_ptr<Executor> executor_;
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

template <class F>
bool eventually(F condition) {  // bound: 10 s
  for (int i = 0; i < 10'000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
  return condition();
}

class AsyncTest : public testing::Test {
 protected:
  std::shared_ptr<ThreadExecutor> executor = std::make_shared<ThreadExecutor>();
  Remote remote{executor};
};

struct Plain {  // a coroutine type that knows nothing of Temporal
  // NOLINTNEXTLINE(readability-identifier-naming): a name of C++
  struct promise_type {
    Plain get_return_object() {
      return Plain{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> frame;
};

Plain plain(Async<std::string> call, std::promise<std::string>* answer) {
  answer->set_value(co_await std::move(call));
}

Async<std::size_t> sum_of_lengths(Remote* remote) {
  auto a = co_await remote->call("a");
  auto b = co_await remote->call("bb");
  co_return a.size() + b.size();
}

Async<int> at_once() {
  co_return 1;
}
Async<int> many(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await at_once();
  co_return sum;
}
Async<std::string> passes_on(Remote* remote, std::string name) {
  co_return co_await remote->call(std::move(name));
}
Async<void> nothing() {
  co_return;
}
Async<void> throws() {
  throw std::runtime_error("thrown");
  co_return;
}

TEST_F(AsyncTest, IsLazy) {
  {
    auto call = remote.call("a");
    auto coroutine = passes_on(&remote, "a");
  }
  EXPECT_EQ(remote.calls, 0);
}

TEST_F(AsyncTest, GetWaitsAndThrows) {
  EXPECT_EQ(remote.call("a").get(), "answer to a");
  EXPECT_EQ(passes_on(&remote, "b").get(), "answer to b");
  nothing().get();
  EXPECT_THROW(throws().get(), std::runtime_error);
}

TEST_F(AsyncTest, CoroutinesAwait) {
  EXPECT_EQ(sum_of_lengths(&remote).get(), 23U);
}

TEST_F(AsyncTest, WhatEndsAtOnceUsesNoStack) {
  EXPECT_EQ(many(200'000).get(), 200'000);
}

TEST_F(AsyncTest, AForeignCoroutineAwaits) {
  std::promise<std::string> answer;
  Plain coroutine = plain(remote.call("p"), &answer);
  EXPECT_EQ(answer.get_future().get(), "answer to p");
  std::promise<void> returned;  // a frame is destroyed only after resume() has returned
  executor->post([&] { returned.set_value(); });
  returned.get_future().get();
  coroutine.frame.destroy();
}

TEST_F(AsyncTest, StartsOnceWithACallbackOnTheExecutor) {
  auto call = remote.call("a");
  std::promise<std::thread::id> called_on;
  call.start([&](Outcome<std::string> outcome) {
    EXPECT_EQ(outcome.value(), "answer to a");
    called_on.set_value(std::this_thread::get_id());
  });
  std::promise<std::thread::id> executors;
  executor->post([&] { executors.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(called_on.get_future().get(), executors.get_future().get());
  EXPECT_THROW(call.start([](auto) {}), std::logic_error);
}

TEST_F(AsyncTest, MovedFromIsALogicError) {
  auto call = remote.call("a");
  auto moved = std::move(call);
  EXPECT_THROW(call.start([](auto) {}), std::logic_error);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(std::move(moved).get(), "answer to a");
}

TEST_F(AsyncTest, DestroyingAsksToStopAndDropsTheCallback) {
  std::atomic<int> called = 0;
  {
    auto call = remote.call("never");
    call.start([&](auto) { ++called; });
    ASSERT_TRUE(eventually([&] { return remote.calls == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return remote.stopped == 1; }));
  std::promise<void> drained;
  executor->post([&] { drained.set_value(); });
  drained.get_future().get();
  EXPECT_EQ(called, 0);
}

TEST_F(AsyncTest, CancelAsksAndTheCallbackStillComes) {
  auto call = passes_on(&remote, "never");
  std::promise<bool> had_value;
  call.start([&](Outcome<std::string> outcome) { had_value.set_value(outcome.has_value()); });
  call.cancel();
  EXPECT_FALSE(had_value.get_future().get());
  EXPECT_EQ(remote.stopped, 1);
}

TEST_F(AsyncTest, ADestroyedCoroutineUnwindsBeforeItsFrameGoes) {
  {
    auto call = passes_on(&remote, "never");
    call.start([](auto) {});
  }
  EXPECT_TRUE(eventually([&] { return remote.stopped == 1; }));
}

TEST_F(AsyncTest, GetInAContinuationIsALogicError) {
  auto call = remote.call("a");
  std::promise<bool> refused;
  call.start([&](auto) {
    try {
      remote.call("b").get();
      refused.set_value(false);
    } catch (const std::logic_error&) {
      refused.set_value(true);
    }
  });
  EXPECT_TRUE(refused.get_future().get());
}

TEST_F(AsyncTest, OnNamesTheExecutorOfWhatGoesOn) {
  auto other = std::make_shared<ThreadExecutor>();
  std::promise<std::thread::id> others;
  other->post([&] { others.set_value(std::this_thread::get_id()); });
  auto expected = others.get_future().get();
  for (bool coroutine : {false, true}) {
    auto call = (coroutine ? passes_on(&remote, "a") : remote.call("a")).on(other);
    std::promise<std::thread::id> called_on;
    call.start([&](auto) { called_on.set_value(std::this_thread::get_id()); });
    EXPECT_EQ(called_on.get_future().get(), expected);
    EXPECT_THROW(static_cast<void>(std::move(call).on(executor)), std::logic_error);
  }
}

TEST_F(AsyncTest, AResultNeedsNoDefaultConstructorAndMayBeMovedOnly) {
  struct Id {
    explicit Id(int v) : value(std::make_unique<int>(v)) {}
    std::unique_ptr<int> value;
  };
  Async<Id> call(executor, [](std::stop_token, Callback<Id> done) { done(Id(7)); });
  EXPECT_EQ(*std::move(call).get().value, 7);
}

TEST_F(AsyncTest, AnAnswerInsideTheCallIsPostedNotNested) {
  Async<int> call(executor, [](std::stop_token, Callback<int> done) { done(1); });
  auto here = std::this_thread::get_id();
  std::promise<bool> same_thread;
  call.start([&](auto) { same_thread.set_value(std::this_thread::get_id() == here); });
  EXPECT_FALSE(same_thread.get_future().get());
}

}  // namespace
}  // namespace temporal
