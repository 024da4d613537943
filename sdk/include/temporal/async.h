// Async<T>: one remote call, or a client-side coroutine: lazy, moved only. It runs when it is
//
//   auto answer = co_await handle.query(Order::status);        // awaited, in any coroutine
//   auto answer = handle.query(Order::status).get();           // waited for, by a thread
//   auto call = handle.query(Order::status);                   // or started with a callback, of a
//   call.start([](temporal::Outcome<Status> outcome) { … });   // named one, kept until it came
//
// Workflows refuse it (it is I/O that a replay cannot repeat): call it in an activity.
//
// Write your own as coroutines. Parameters are taken by value, since the coroutine outlives the
// expression that called it:
//
//   temporal::Async<Status> status(temporal::WorkflowHandle<Order> handle) {
//     co_return co_await handle.query(Order::status);
//   }
//
// Threads: the callback, and the coroutine that awaited, go on where the runtime's executor puts
// them, or the executor named by .on(); a coroutine goes on where the last one it awaited did. A
// callback comes once, and must not throw.
//
// Ending early: .cancel(), RpcOptions::stop, or the destruction of a started Async ask the operation
// to stop. After cancel() the callback still comes, usually with RpcError{canceled}; destroying drops
// the callback unless it runs already. An Async coroutine that is asked to stop passes that on to
// what it awaits, and keeps its frame until it has unwound.
#pragma once
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <utility>

#include "temporal/executor.h"

namespace temporal {

// What an operation ended with. The pointer is never null; std::rethrow_exception throws it.
template <class T>
using Outcome = std::expected<T, std::exception_ptr>;
template <class T>
using Callback = std::move_only_function<void(Outcome<T>)>;

template <class T>
class Async;

namespace detail {

bool workflow_is_running();  // on this thread

// What an Outcome holds of `error`. Nothing else refers to the exception, nor to the message that
// its copies share, once this returns: the thread that catches it has it alone.
template <class E>
std::unexpected<std::exception_ptr> thrown(E error) {
  // A statement of its own: make_exception_ptr's parameter, of which it makes a copy, ends with it.
  auto exception = std::make_exception_ptr(std::move(error));
  return std::unexpected(std::move(exception));
}

// Marks the thread while it runs what the SDK posted: there .get() would wait for its own thread.
struct Continuing {
  Continuing();
  ~Continuing();
  Continuing(const Continuing&) = delete;
  Continuing& operator=(const Continuing&) = delete;
  static bool here();
};
void check_may_block();  // throws std::logic_error where .get() must not be

// Shared by the Async and by whoever will finish it.
template <class T>
struct Operation {
  virtual ~Operation() = default;
  virtual void begin() = 0;

  std::shared_ptr<Executor> executor;  // unset: finishes on whatever thread it ends on
  std::stop_source stop;               // asks to end early; it finishes nevertheless
  std::atomic<bool> started = false;
  std::mutex mutex;
  Callback<T> callback;

  void start(Callback<T> c) {
    if (started.exchange(true)) throw std::logic_error("this Async was started already");
    callback = std::move(c);
    begin();
  }
  // The one who calls this gives up its share: what it shares is never destroyed on a thread of Core.
  static void deliver(std::shared_ptr<Operation> self, Outcome<T> outcome) {
    auto executor = self->executor;
    if (!executor) return self->finish(std::move(outcome));
    executor->post([self = std::move(self), outcome = std::move(outcome)]() mutable {
      Continuing mark;
      self->finish(std::move(outcome));
      self.reset();
    });
  }
  void finish(Outcome<T> outcome) {
    if (auto c = take_callback()) c(std::move(outcome));
  }
  void abandon() {
    auto dropped = take_callback();
    stop.request_stop();
  }

 private:
  Callback<T> take_callback() {
    std::lock_guard lock(mutex);
    return std::exchange(callback, nullptr);
  }
};

// An operation that is a function: it gets a stop token, and a callback that may be called on any
// thread, once, inside the function or later.
template <class T>
struct Call final : Operation<T>, std::enable_shared_from_this<Call<T>> {
  using Begin = std::move_only_function<void(std::stop_token, Callback<T>)>;
  explicit Call(Begin b) : run(std::move(b)) {}
  void begin() override {
    auto once = std::exchange(run, nullptr);
    once(this->stop.get_token(), [self = this->shared_from_this()](Outcome<T> outcome) mutable {
      Operation<T>::deliver(std::move(self), std::move(outcome));
    });
  }
  Begin run;
};

template <class T>
struct AsyncPromise;
template <class T>
struct AsyncAwaiter;
template <class P>
concept Stoppable = requires(P& p) { p.stop_token(); };

template <class T>
T value_or_throw(Outcome<T> outcome) {
  if (!outcome) std::rethrow_exception(outcome.error());
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

}  // namespace detail

template <class T>
class [[nodiscard]] Async {
 public:
  using promise_type = detail::AsyncPromise<T>;

  // Of an operation with a callback. `begin` runs when the Async is started; it gets a stop token
  // and the callback, which it calls once, on any thread. What then goes on runs on `executor`.
  Async(std::shared_ptr<Executor> executor, detail::Call<T>::Begin begin)
      : op_(std::make_shared<detail::Call<T>>(std::move(begin))) {
    op_->executor = std::move(executor);
  }
  Async(Async&&) noexcept = default;
  Async& operator=(Async&& other) noexcept {
    std::swap(op_, other.op_);
    return *this;
  }
  ~Async() {
    if (op_ && op_->started) op_->abandon();
  }

  // Only of a named Async: starting a temporary would end it at the end of the line.
  void start(Callback<T> callback) & { op().start(std::move(callback)); }
  void start(Callback<T> callback) && = delete;

  // Asks the operation to stop. May be called from any thread, before the start too.
  void cancel() { op().stop.request_stop(); }

  // What goes on after it runs there. Before the start.
  Async on(std::shared_ptr<Executor> executor) && {
    if (op().started) throw std::logic_error("on() comes before the Async is started");
    op().executor = std::move(executor);
    return std::move(*this);
  }

  // Starts it and blocks the thread until it has ended. In a workflow, and in a continuation that
  // the SDK posted (it would wait for its own thread), that is a std::logic_error.
  T get() && {
    detail::check_may_block();
    struct Wait {
      std::mutex mutex;
      std::condition_variable came;
      std::optional<Outcome<T>> outcome;
    } wait;
    op().start([&wait](Outcome<T> outcome) {
      std::lock_guard lock(wait.mutex);
      wait.outcome.emplace(std::move(outcome));
      wait.came.notify_one();
    });
    std::unique_lock lock(wait.mutex);
    wait.came.wait(lock, [&] { return wait.outcome.has_value(); });
    return detail::value_or_throw<T>(std::move(*wait.outcome));
  }

  auto operator co_await() && { return detail::AsyncAwaiter<T>{std::move(*this)}; }

 private:
  friend struct detail::AsyncAwaiter<T>;
  friend struct detail::AsyncPromise<T>;
  explicit Async(std::shared_ptr<detail::Operation<T>> op) : op_(std::move(op)) {}
  detail::Operation<T>& op() const {
    return op_ ? *op_ : throw std::logic_error("this Async was moved from");
  }
  std::shared_ptr<detail::Operation<T>> op_;
};

namespace detail {

template <class T>
struct AsyncAwaiter {
  Async<T> async;
  std::optional<Outcome<T>> outcome = {};
  std::optional<std::stop_callback<std::function<void()>>> outer = {};  // the awaiting Async's stop
  enum Phase { calling, answered, suspended };
  std::atomic<Phase> phase = calling;

  bool await_ready() { return false; }
  // Resuming inside await_suspend would deepen the stack with each call that ends at once: whoever
  // comes second, this function or the callback, goes on.
  template <class P>
  bool await_suspend(std::coroutine_handle<P> frame) {
    if constexpr (Stoppable<P>)
      outer.emplace(frame.promise().stop_token(), [op = async.op_] { op->stop.request_stop(); });
    async.op().start([this, frame](Outcome<T> o) {
      outcome.emplace(std::move(o));
      if (phase.exchange(answered) == suspended) frame.resume();
    });
    return phase.exchange(suspended) == calling;
  }
  T await_resume() {
    outer.reset();
    return value_or_throw<T>(std::move(*outcome));
  }
};

// Once started, the frame of a coroutine keeps itself alive until it has unwound, so that destroying
// the Async on one thread never destroys a frame that runs on another.
template <class T>
struct FrameOf final : Operation<T> {
  std::coroutine_handle<> frame;
  ~FrameOf() override {
    if (!this->started) frame.destroy();
  }
  void begin() override { frame.resume(); }
};

template <class T>
struct AsyncResult {
  std::optional<T> result;
  void return_value(T value) { result.emplace(std::move(value)); }
  Outcome<T> take() { return std::move(*result); }
};
template <>
struct AsyncResult<void> {
  void return_void() {}
  Outcome<void> take() { return {}; }
};

template <class T>
struct AsyncPromise : AsyncResult<T> {
  std::weak_ptr<FrameOf<T>> op;
  std::stop_source stop{std::nostopstate};  // the operation's
  std::exception_ptr error;

  Async<T> get_return_object() {
    auto owner = std::make_shared<FrameOf<T>>();
    owner->frame = std::coroutine_handle<AsyncPromise>::from_promise(*this);
    stop = owner->stop;
    op = owner;
    return Async<T>(std::move(owner));
  }
  std::stop_token stop_token() { return stop.get_token(); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<AsyncPromise> frame) noexcept {
        auto& promise = frame.promise();
        std::shared_ptr<Operation<T>> owner = promise.op.lock();  // gone: nobody waits
        auto outcome = promise.error ? Outcome<T>(std::unexpected(promise.error)) : promise.take();
        frame.destroy();
        if (owner) Operation<T>::deliver(std::move(owner), std::move(outcome));
      }
      void await_resume() noexcept {}
    };
    return Final();
  }
  void unhandled_exception() { error = std::current_exception(); }
};

}  // namespace detail
}  // namespace temporal
