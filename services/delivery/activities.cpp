#include "delivery/activities.h"

#include <algorithm>
#include <string>
#include <utility>

#include "contract/activity_edge.h"
#include "process/tracing.h"

namespace ordering::delivery {

Progress Activities::proceed(const temporal::activity::Context& context, const OrderId& id) {
  const process::ActivityScope scope(context);
  return at_activity_edge([&] {
    auto answer = store_.proceed(id, timetable_, now());
    if (!answer || answer->state == State::delivered)
      answers_.record(start_delivery.name, id, answer);
    return answer;
  });
}

temporal::Async<Delivered> Activities::start(temporal::activity::Context context, StepInput input) {
  for (;;) {
    const Progress progress = proceed(context, input.order_id);
    if (progress.state == State::delivered) co_return Delivered{std::move(input.order_id)};
    context.heartbeat(std::string(to_string(progress.state)));
    while (now() < progress.next) {
      co_await temporal::activity::sleep(std::min(progress.next - now(), kHeartbeat), context);
      context.heartbeat(std::string(to_string(progress.state)));
    }
  }
}

Undone Activities::cancel(temporal::activity::Context context, StepInput input) {
  const process::ActivityScope scope(context);
  const auto result = at_activity_edge([&] {
    auto answer = store_.cancel(input.order_id, now());
    answers_.record(cancel_delivery.name, input.order_id, answer);
    return answer;
  });
  return {.order_id = std::move(input.order_id), .result = result};
}

}  // namespace ordering::delivery
