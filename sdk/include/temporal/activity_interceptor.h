// Interceptors of activities: classes that see, and may change, what goes into an activity and what
// comes out of it. The default forwards:
//
//   struct Timed final : temporal::ActivityInboundInterceptor {
//     temporal::Async<temporal::Value> execute(temporal::ExecuteActivityInput input) override {
//       auto context = input.context;
//       auto result = co_await next->execute(std::move(input));
//       context.logger().info("done");
//       co_return result;
//     }
//   };
//   worker_options.activity_interceptors = {[] { return std::make_unique<Timed>(); }};
//
// A factory is called once for each attempt of an activity; the first listed is outermost; `next` is
// set before the call and outlives it. They run on the worker's executor and must not block; the
// activity itself runs where it would without them. What they throw ends the attempt, as if the
// activity had thrown it.
#pragma once
#include <functional>
#include <memory>

#include "temporal/activity.h"
#include "temporal/async.h"
#include "temporal/value.h"

namespace temporal {

struct ExecuteActivityInput {
  activity::Context context;  // its type, its headers, its logger
  Values args = {};
};

class ActivityInboundInterceptor {
 public:
  ActivityInboundInterceptor() = default;
  ActivityInboundInterceptor(const ActivityInboundInterceptor&) = delete;
  ActivityInboundInterceptor& operator=(const ActivityInboundInterceptor&) = delete;
  virtual ~ActivityInboundInterceptor();
  virtual Async<Value> execute(ExecuteActivityInput input);
  ActivityInboundInterceptor* next = nullptr;
};

using ActivityInterceptorFactory = std::function<std::unique_ptr<ActivityInboundInterceptor>()>;

}  // namespace temporal
