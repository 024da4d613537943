// startDelivery and cancelDelivery, as the worker calls them.
//
// A delivery under way is a coroutine that mostly sleeps and holds no thread, so one worker carries
// thousands. The row is the truth: whoever goes on with a delivery, on this worker or another, reads
// it and waits only for what is left. The heartbeat's detail is the stage, for whoever looks on.
#pragma once
#include <chrono>
#include <cstddef>
#include <string_view>

#include "contract/activities.h"
#include "delivery/store.h"
#include "process/activity_answers.h"
#include "temporal/activity.h"

namespace ordering::delivery {

class Activities {
 public:
  static constexpr std::chrono::milliseconds kHeartbeat = std::chrono::seconds(2);
  static constexpr std::size_t kMaxDeliveries = 2000;  // at a time, of one worker

  Activities(Store& store, Timetable timetable) : store_(store), timetable_(timetable) {}

  temporal::Async<Delivered> start(temporal::activity::Context context, StepInput input);
  Undone cancel(temporal::activity::Context context, StepInput input);

 private:
  Progress proceed(const temporal::activity::Context& context, const OrderId& id);

  Store& store_;
  Timetable timetable_;
  process::ActivityAnswers answers_;
};

}  // namespace ordering::delivery
