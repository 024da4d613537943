#include "order/compensating.h"

#include "contract/activity_edge.h"
#include "contract/task_queues.h"

namespace ordering::order {

namespace workflow = temporal::workflow;
using namespace std::chrono_literals;

namespace {

// R3 and R4. What an attempt may take is what a dead worker costs, so it is short.
constexpr auto kAttempt = 10s;
constexpr auto kFirstRetry = 1s;
constexpr auto kUndoRetryCap = 60s;

bool is_departed(const temporal::Failure& failure) {
  return refusal_in(failure) == Refusal{Code::already_started};
}

}  // namespace

void Compensating::compensate_with(const temporal::ActivityType<Undone(StepInput)>& undo,
                                   std::string_view task_queue) {
  saga_.compensate_with(undo, undo_options(task_queue), step_input());
}

workflow::Task<bool> Compensating::turn_back() {
  while (auto step = saga_.pop()) {
    if (co_await workflow::shielded(undo(std::move(*step)))) continue;
    co_await finish_delivery();
    co_return false;
  }
  co_return true;
}

workflow::Task<bool> Compensating::undo_latest() {
  co_return co_await workflow::shielded(undo(saga_.pop().value()));
}

// R4: without limit. A refused undo ends the activity's own retries, and is tried again all the
// same: what must be undone stays to be undone. What a person asks ends the attempt and any wait for
// the next; an answer that has come counts before what was asked.
workflow::Task<bool> Compensating::undo(workflow::SagaStep step) {
  const auto is_asked = [this] { return asked_ != Asked::nothing; };
  for (under_way_ = step.activity();;) {
    asked_ = Asked::nothing;
    workflow::Scope attempt;
    auto undoing = step.start(attempt);
    auto asked = workflow::wait_until(is_asked);
    if (co_await workflow::select(undoing, asked) == 0) {
      auto undone = co_await undoing.settled();
      if (undone || is_departed(undone.error())) {
        under_way_.clear();
        co_return undone.has_value();
      }
      co_await workflow::wait_until(is_asked, kUndoRetryCap);
    }
    attempt.cancel("asked for by hand");
    if (asked_ != Asked::resolve) continue;
    under_way_.clear();
    co_return true;
  }
}

void Compensating::retry(CompensationRequest /*request: for the history*/) {
  asked_ = Asked::retry;
}

void Compensating::resolve(CompensationRequest /*request: for the history*/) {
  asked_ = Asked::resolve;
}

void Compensating::check(CompensationRequest request) const {
  if (under_way_.empty() || request.name != under_way_) throw to_failure({Code::not_stuck});
}

// R5: from the departure on the order can only complete, however long it takes.
workflow::Task<> Compensating::finish_delivery() {
  for (;;) {
    auto delivery = workflow::execute_activity(start_delivery, delivery_options(), step_input());
    if (co_await delivery.settled()) co_return;
    co_await workflow::shielded(pause());
  }
}

workflow::Task<> Compensating::pause() {
  co_await workflow::sleep(kUndoRetryCap);
}

workflow::ActivityOptions Compensating::undo_options(std::string_view task_queue) {
  return {.task_queue = std::string(task_queue),
          .start_to_close_timeout = kAttempt,
          .retry_policy = temporal::RetryPolicy{.initial_interval = kFirstRetry,
                                                .backoff_coefficient = 2,
                                                .maximum_interval = kUndoRetryCap}};
}

// An attempt waits out the whole delivery; a dead worker is told by the missing heartbeat.
workflow::ActivityOptions Compensating::delivery_options() const {
  auto options = undo_options(kDeliveryTaskQueue);
  options.start_to_close_timeout = delivery_time_ + kAttempt;
  options.heartbeat_timeout = kAttempt;
  return options;
}

}  // namespace ordering::order
