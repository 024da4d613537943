#include "temporal/activity_interceptor.h"

#include <utility>

namespace temporal {

ActivityInboundInterceptor::~ActivityInboundInterceptor() = default;

Async<Value> ActivityInboundInterceptor::execute(ExecuteActivityInput input) {
  return next->execute(std::move(input));
}

}  // namespace temporal
