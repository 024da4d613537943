#include "bridge/crossing.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TEMPORAL_BRIDGE_TSAN 1
extern "C" {
void __tsan_release(void* address);
void __tsan_acquire(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif
#endif

namespace temporal::bridge {

namespace {

thread_local bool inside_core = false;  // a thread of Core's is inside but for our callbacks
thread_local int callbacks = 0;

#ifdef TEMPORAL_BRIDGE_TSAN
void ignore(bool yes) {
  if (yes) {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  } else {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  }
}
#else
void ignore(bool) {}
#endif

bool go_inside(bool inside) {  // whether the thread was
  if (inside_core == inside) return inside;
  ignore(inside);
  inside_core = inside;
  return !inside;
}

}  // namespace

void release([[maybe_unused]] void* user_data) {
#ifdef TEMPORAL_BRIDGE_TSAN
  __tsan_release(user_data);
#endif
}
void acquire([[maybe_unused]] void* user_data) {
#ifdef TEMPORAL_BRIDGE_TSAN
  __tsan_acquire(user_data);
#endif
}
void thread_started() {
  go_inside(true);
}
void thread_stopped() {
  go_inside(false);
}

InCore::InCore() {
  go_inside(true);
}
InCore::~InCore() {
  go_inside(false);
}

CoreThread::CoreThread(void* user_data) : was_inside_(go_inside(false)) {
  ++callbacks;
  acquire(user_data);
}
CoreThread::~CoreThread() {
  --callbacks;
  go_inside(was_inside_);
}
bool on_core_thread() {
  return callbacks > 0;
}

CoreError CoreError::from(const tb_error& error) {
  return {error.kind, error.grpc_status, text(error.message), text(error.details)};
}

void store_error(void* core_error, const tb_error* error) {
  *static_cast<CoreError*>(core_error) = CoreError::from(*error);
}

void throw_error(const CoreError& error) {
  if (error.kind == TB_ERROR_INVALID_ARGUMENT) throw std::invalid_argument(error.message);
  throw std::runtime_error(error.message);
}

}  // namespace temporal::bridge
