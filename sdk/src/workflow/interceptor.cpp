#include "temporal/workflow_interceptor.h"

namespace temporal::workflow {

OutboundInterceptor::~OutboundInterceptor() = default;
Future<Value> OutboundInterceptor::execute_activity(ActivityInput in) {
  return next->execute_activity(std::move(in));
}
Future<Value> OutboundInterceptor::execute_local_activity(LocalActivityInput in) {
  return next->execute_local_activity(std::move(in));
}
Future<void> OutboundInterceptor::start_timer(TimerInput in) {
  return next->start_timer(std::move(in));
}
ChildWorkflow OutboundInterceptor::start_child_workflow(ChildWorkflowInput in) {
  return next->start_child_workflow(std::move(in));
}
Future<void> OutboundInterceptor::signal(SignalInput in) {
  return next->signal(std::move(in));
}
Future<void> OutboundInterceptor::cancel_external(CancelExternalInput in) {
  return next->cancel_external(std::move(in));
}
Future<std::string> OutboundInterceptor::signal_with_start(SignalWithStartInput in) {
  return next->signal_with_start(std::move(in));
}
ContinueAsNewInput OutboundInterceptor::continue_as_new(ContinueAsNewInput in) {
  return next->continue_as_new(std::move(in));
}

InboundInterceptor::~InboundInterceptor() = default;
[[clang::coro_wrapper]] Task<Value> InboundInterceptor::execute(ExecuteInput in) {
  return next->execute(std::move(in));
}
[[clang::coro_wrapper]] Task<Value> InboundInterceptor::handle_signal(HandlerInput in) {
  return next->handle_signal(std::move(in));
}
void InboundInterceptor::validate_update(const HandlerInput& in) {
  next->validate_update(in);
}
[[clang::coro_wrapper]] Task<Value> InboundInterceptor::handle_update(HandlerInput in) {
  return next->handle_update(std::move(in));
}
Value InboundInterceptor::handle_query(HandlerInput in) {
  return next->handle_query(std::move(in));
}

}  // namespace temporal::workflow
