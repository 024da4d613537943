// What every crossing into and out of Core goes through: announced to the thread sanitizer, which
// does not see Rust's synchronisation, and marked, so that nothing waits for Core on Core's threads.
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

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" void __tsan_release(void* address);
extern "C" void __tsan_acquire(void* address);
#define TEMPORAL_BRIDGE_TSAN
#endif
#endif

namespace temporal::bridge {

// Before the hand-over of what user_data points to.
inline void release([[maybe_unused]] void* user_data) {
#ifdef TEMPORAL_BRIDGE_TSAN
  __tsan_release(user_data);
#endif
}
// First in the callback.
inline void acquire([[maybe_unused]] void* user_data) {
#ifdef TEMPORAL_BRIDGE_TSAN
  __tsan_acquire(user_data);
#endif
}
#undef TEMPORAL_BRIDGE_TSAN

// Marks the thread while it is inside a callback of Core.
class CoreThread {
 public:
  CoreThread();
  ~CoreThread();
  CoreThread(const CoreThread&) = delete;
  CoreThread& operator=(const CoreThread&) = delete;
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
  explicit Received(void* user_data) : handler_(acquired(user_data)) {}
  void operator()(Result<T> result) { (*handler_)(std::move(result)); }
  void operator()(const tb_error* error) { (*handler_)(std::unexpected(CoreError::from(*error))); }

 private:
  static Handler<T>* acquired(void* user_data) {
    acquire(user_data);
    return static_cast<Handler<T>*>(user_data);
  }
  CoreThread mark_;  // outlives the handler
  std::unique_ptr<Handler<T>> handler_;
};

}  // namespace temporal::bridge
