// Async<T>: one remote call or client-side coroutine. Lazy, moved only; for a plain coroutine, a
// callback or a thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

#include "temporal/failure.h"

namespace temporal {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::move_only_function<void()>) = 0;
};
struct RpcError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
using Outcome = std::expected<T, std::exception_ptr>;
template <class T>
using Callback = std::move_only_function<void(Outcome<T>)>;

namespace detail {

bool workflow_is_running();
struct Continuing {  // marks the thread while it runs what the SDK posted; an Executor has only
                     // post()
  Continuing();
  ~Continuing();
  static bool here();
};

template <class T>
struct Operation {  // shared by the Async and whoever will finish it
  virtual ~Operation() = default;
  virtual void begin() = 0;
  Executor* executor = nullptr;
  std::stop_source stop;  // asks the operation to end early: it still finishes, with RpcError
  std::atomic<bool> started = false;
  std::mutex mutex;
  Callback<T> callback;
  void finish(Outcome<T> r) {
    Callback<T> c;
    {
      std::lock_guard l(mutex);
      c = std::exchange(callback, nullptr);
    }
    if (c) c(std::move(r));
  }
  void start(Callback<T> c) {
    if (started.exchange(true)) throw std::logic_error("this Async was started already");
    callback = std::move(c);
    begin();
  }
  void abandon() {  // the callback is dropped, unless it runs already
    Callback<T> dropped;
    {
      std::lock_guard l(mutex);
      dropped = std::exchange(callback, nullptr);
    }
    stop.request_stop();
  }
};

template <class T>
struct Call final : Operation<T>, std::enable_shared_from_this<Call<T>> {
  using Begin = std::move_only_function<void(std::stop_token, Callback<T>)>;
  Begin run;
  explicit Call(Begin r) : run(std::move(r)) {}
  void begin() override {  // run finishes on any thread; the callback is posted to the executor
    run(this->stop.get_token(), [self = this->shared_from_this()](Outcome<T> r) {
      self->executor->post([self, r = std::move(r)]() mutable {
        Continuing mark;
        self->finish(std::move(r));
      });
    });
  }
};

template <class T>
struct AsyncPromise;
template <class T>
struct AsyncAwaiter;
template <class P>
concept Stoppable = requires(P& p) { p.stop_token(); };

}  // namespace detail

template <class T>
class [[nodiscard]] Async {
 public:
  using promise_type = detail::AsyncPromise<T>;
  explicit Async(std::shared_ptr<detail::Operation<T>> o) : op_(std::move(o)) {}
  Async(Executor& e, detail::Call<T>::Begin b)
      : op_(std::make_shared<detail::Call<T>>(std::move(b))) {
    op_->executor = &e;
  }
  Async(Async&&) noexcept = default;
  Async& operator=(Async&& o) noexcept {
    std::swap(op_, o.op_);
    return *this;
  }
  ~Async() {
    if (op_ && op_->started) op_->abandon();
  }

  // Only of a named Async: starting a temporary would cancel it at the end of the line.
  void start(Callback<T> c) & { op().start(std::move(c)); }
  void start(Callback<T> c) && = delete;
  void cancel() { op().stop.request_stop(); }  // the callback still comes, with RpcError

  T get() && {
    if (detail::workflow_is_running()) throw std::logic_error("get() blocks: not in a workflow");
    if (detail::Continuing::here())
      throw std::logic_error("get() in a continuation would wait for its own thread: co_await");
    std::optional<Outcome<T>> r;
    std::mutex m;
    std::condition_variable done;
    op().start([&](Outcome<T> o) {
      std::lock_guard l(m);
      r.emplace(std::move(o));
      done.notify_one();
    });
    std::unique_lock l(m);
    done.wait(l, [&] { return r.has_value(); });
    return value(std::move(*r));
  }

  auto operator co_await() && { return detail::AsyncAwaiter<T>{std::move(*this)}; }

 private:
  friend struct detail::AsyncAwaiter<T>;
  static T value(Outcome<T> r) {
    if (!r) std::rethrow_exception(r.error());
    if constexpr (!std::is_void_v<T>) return std::move(*r);
  }
  detail::Operation<T>& op() const {
    return op_ ? *op_ : throw std::logic_error("this Async was moved from");
  }
  std::shared_ptr<detail::Operation<T>> op_;
};

namespace detail {

template <class T>
struct AsyncAwaiter {
  Async<T> async;
  std::optional<Outcome<T>> result = {};
  std::optional<std::stop_callback<std::function<void()>>> outer = {};  // the awaiting Async's stop
  enum Phase { calling, answered, suspended };
  std::atomic<Phase> phase = calling;
  bool await_ready() { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    if constexpr (Stoppable<P>)
      outer.emplace(h.promise().stop_token(), [op = async.op_] { op->stop.request_stop(); });
    async.op().start([this, h](Outcome<T> r) {
      result.emplace(std::move(r));
      if (phase.exchange(answered) == suspended) h.resume();
    });
    return phase.exchange(suspended) == calling;  // answered already: go on without a deeper stack
  }
  T await_resume() {
    outer.reset();
    return Async<T>::value(std::move(*result));
  }
};

// A coroutine that returns Async: once started the frame keeps itself alive until it has unwound,
// so that destroying the Async on another thread never destroys a frame that runs.
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
  void return_value(T v) { result.emplace(std::move(v)); }
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
  std::stop_source stop;
  std::exception_ptr error;
  Async<T> get_return_object() {
    auto o = std::make_shared<FrameOf<T>>();
    o->frame = std::coroutine_handle<AsyncPromise>::from_promise(*this);
    stop = o->stop;
    op = o;
    return Async<T>(o);
  }
  std::stop_token stop_token() { return stop.get_token(); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<AsyncPromise> h) noexcept {
        auto& p = h.promise();
        auto op = p.op.lock();  // gone: nobody waits
        Outcome<T> r = p.error ? Outcome<T>(std::unexpected(p.error)) : p.take();
        h.destroy();
        if (op) op->finish(std::move(r));
      }
      void await_resume() noexcept {}
    };
    return Final();
  }
  void unhandled_exception() { error = std::current_exception(); }
};

}  // namespace detail
}  // namespace temporal
