#include "bridge/crossing.h"

namespace temporal::bridge {

namespace {
thread_local int inside = 0;
}

CoreThread::CoreThread() {
  ++inside;
}
CoreThread::~CoreThread() {
  --inside;
}
bool on_core_thread() {
  return inside > 0;
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
