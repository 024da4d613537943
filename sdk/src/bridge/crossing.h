// What every crossing into and out of Core goes through: announced to the thread sanitizer, and
// marked, so that nothing waits for Core on Core's threads.
#pragma once
#include <temporal_bridge.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace temporal::bridge {

// What the thread sanitizer is told; nothing without it. It sees neither Rust's synchronisation nor
// most of its memory accesses: those it does see (malloc, memcpy) are ignored, ours are not.
void release(void* user_data);  // before the hand-over of what user_data points to
void acquire(void* user_data);  // first in the callback
void thread_started();          // tb_runtime_options
void thread_stopped();

// While the thread is inside a function of Core.
class InCore {
 public:
  InCore();
  ~InCore();
  InCore(const InCore&) = delete;
  InCore& operator=(const InCore&) = delete;
};
// Calls a function of temporal_bridge.h. All are called by this.
template <class F, class... A>
auto call_core(F* function, A... args) {
  InCore inside;
  return function(args...);
}

// While the thread is inside a callback of Core: our own code again, on a thread that must not wait
// for Core. Callbacks begin with it.
class CoreThread {
 public:
  explicit CoreThread(void* user_data);  // acquires it
  ~CoreThread();
  CoreThread(const CoreThread&) = delete;
  CoreThread& operator=(const CoreThread&) = delete;

 private:
  bool was_inside_;
};
bool on_core_thread();

inline tb_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view view(tb_bytes b) {
  return b.size == 0 ? std::string_view()
                     : std::string_view(reinterpret_cast<const char*>(b.data), b.size);
}
inline std::string text(tb_bytes b) {
  return std::string(view(b));
}

// What tb_error says, kept.
struct CoreError {
  tb_error_kind kind = TB_ERROR_INTERNAL;
  std::int32_t grpc_status = 0;
  std::string message = {};
  std::string details = {};
  static CoreError from(const tb_error& error);
};
template <class T>
using Result = std::expected<T, CoreError>;

// The tb_error_callback of a synchronous function whose user_data is a CoreError.
void store_error(void* core_error, const tb_error* error);
// As an exception: std::invalid_argument for an invalid argument, else std::runtime_error.
[[noreturn]] void throw_error(const CoreError& error);

// The user_data of one callback: a function, on the heap until the callback comes. It runs on a
// thread of Core: it moves what it got to where it belongs, and never waits.
template <class T>
using Handler = std::move_only_function<void(Result<T>)>;

template <class T>
void* send(Handler<T> handler) {
  auto* sent = new Handler<T>(std::move(handler));
  release(sent);
  return sent;
}

template <class T>
class Received {  // on the stack of the callback
 public:
  explicit Received(void* user_data)
      : mark_(user_data), handler_(static_cast<Handler<T>*>(user_data)) {}
  void operator()(Result<T> result) { (*handler_)(std::move(result)); }
  void operator()(const tb_error* error) { (*handler_)(std::unexpected(CoreError::from(*error))); }

 private:
  CoreThread mark_;  // outlives the handler
  std::unique_ptr<Handler<T>> handler_;
};

}  // namespace temporal::bridge
