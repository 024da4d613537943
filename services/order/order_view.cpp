#include "order/order_view.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <temporal/api.h>

#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <utility>

#include "contract/activities.h"
#include "contract/activity_edge.h"
#include "contract/compensation.h"
#include "contract/order_workflow.h"
#include "order/failure_codes.h"
#include "order/history_events.h"

namespace ordering::order {

namespace api = temporal::api;
using api::history::v1::HistoryEvent;

namespace {

// R4: an undo is stuck at this attempt, or when it takes this long.
constexpr int kStuckAttempts = 5;
constexpr std::chrono::seconds kStuckAfter{60};

constexpr std::array kStepStages{Stage::payment, Stage::inventory, Stage::delivery};

template <class Scheduled>
bool has_no_deadline(const Scheduled& activity) {
  const auto& deadline = activity.schedule_to_close_timeout();
  return deadline.seconds() == 0 && deadline.nanos() == 0;
}

// Every activity the history scheduled, by its scheduling event's id.
class Activities {
 public:
  void add(const HistoryEvent& event);
  void add(const temporal::PendingActivity& pending);
  std::vector<StepView> views() const;

 private:
  struct Scheduled {
    StepView view;
    std::string activity_id;
    bool ended = false;
  };
  void asked(const HistoryEvent& event);
  void asked_of(const CompensationRequest& request, bool resolve, Time at);
  void started(const HistoryEvent& event);
  void ended(const HistoryEvent& event, std::int64_t scheduled, StepState state,
             const api::failure::v1::Failure* failure);
  Scheduled* find(std::int64_t scheduled_event_id) {
    auto at = all_.find(scheduled_event_id);
    return at == all_.end() ? nullptr : &at->second;
  }
  std::map<std::int64_t, Scheduled> all_;
  bool cancel_asked_ = false;
};

void Activities::add(const HistoryEvent& e) {
  if (e.has_activity_task_scheduled_event_attributes()) {
    const auto& a = e.activity_task_scheduled_event_attributes();
    all_[e.event_id()] = {.view = {.name = a.activity_type().name(),
                                   .state = StepState::scheduled,
                                   .scheduled_at = time_of(e),
                                   .without_deadline = has_no_deadline(a)},
                          .activity_id = a.activity_id()};
  } else if (e.has_activity_task_started_event_attributes()) {
    started(e);
  } else if (e.has_activity_task_completed_event_attributes()) {
    const auto& a = e.activity_task_completed_event_attributes();
    auto* done = find(a.scheduled_event_id());
    if (done && a.result().payloads_size() == 1 && is_compensation(done->view.name)) {
      auto undone = temporal::from_json<Undone>(a.result().payloads(0).data());
      done->view.result =
          undone.result == UndoResult::undone ? UndoAnswer::undone : UndoAnswer::nothing;
    }
    ended(e, a.scheduled_event_id(), StepState::completed, nullptr);
  } else if (e.has_activity_task_failed_event_attributes()) {
    const auto& a = e.activity_task_failed_event_attributes();
    ended(e, a.scheduled_event_id(), StepState::failed, &a.failure());
  } else if (e.has_activity_task_timed_out_event_attributes()) {
    ended(e, e.activity_task_timed_out_event_attributes().scheduled_event_id(), StepState::failed,
          nullptr);
  } else if (e.has_activity_task_cancel_requested_event_attributes()) {
    ended(e, e.activity_task_cancel_requested_event_attributes().scheduled_event_id(),
          StepState::cancelled, nullptr);
  } else {
    asked(e);
  }
}

// Only what was accepted is in a history, but for Temporal's own cancel request.
void Activities::asked(const HistoryEvent& e) {
  if (e.has_workflow_execution_cancel_requested_event_attributes()) cancel_asked_ = true;
  if (!e.has_workflow_execution_update_accepted_event_attributes()) return;
  const auto& update =
      e.workflow_execution_update_accepted_event_attributes().accepted_request().input();
  if (update.name() == OrderWorkflow::cancel.name) cancel_asked_ = true;
  const bool resolve = update.name() == Compensation::resolve.name;
  if ((!resolve && update.name() != Compensation::retry.name) || update.args().payloads().empty())
    return;
  asked_of(temporal::from_json<CompensationRequest>(update.args().payloads(0).data()), resolve,
           time_of(e));
}

// Of the latest of that name; an answer that had come counts before what was asked.
void Activities::asked_of(const CompensationRequest& request, bool resolve, Time at) {
  for (auto& [id, s] : std::views::reverse(all_)) {
    if (s.view.name != request.name) continue;
    if (s.view.result) return;
    s.view.asked_for = true;
    s.view.attempts = std::max(s.view.attempts, request.attempts.value_or(0));
    if (!resolve) return;
    s.ended = true;
    s.view.state = StepState::completed;
    s.view.ended_at = at;
    s.view.result = UndoAnswer::resolved;
    s.view.code.reset();
    return;
  }
}

void Activities::started(const HistoryEvent& e) {
  const auto& a = e.activity_task_started_event_attributes();
  if (auto* s = find(a.scheduled_event_id()); s && !s->ended) {
    s->view.state = StepState::running;
    s->view.attempts = a.attempt();
    s->view.started_at = time_of(e);
  }
}

void Activities::ended(const HistoryEvent& e, std::int64_t scheduled, StepState state,
                       const api::failure::v1::Failure* failure) {
  auto* s = find(scheduled);
  if (!s || s->ended) return;  // what comes after an accepted cancel does not count
  s->ended = true;
  s->view.state = state;
  s->view.ended_at = time_of(e);
  if (state != StepState::failed) return;
  auto code = failure ? code_in(*failure) : std::nullopt;
  if (!is_compensation(s->view.name)) {
    // The undo of an accepted cancel fences the step that it overtakes.
    if (code == Code::fenced && cancel_asked_)
      s->view.state = StepState::cancelled;
    else
      s->view.code = failed_code(s->view.name, failure);
  } else if (code) {
    s->view.code = explain(*code).code;
    if (code == Code::already_started) s->view.result = UndoAnswer::refused;
  }
}

// A first attempt that waits for a worker is SCHEDULED; between two attempts a step is RUNNING.
void Activities::add(const temporal::PendingActivity& pending) {
  for (auto& [id, s] : all_) {
    if (s.ended || s.activity_id != pending.activity_id) continue;
    bool waits = pending.state == temporal::PendingActivityState::scheduled;
    s.view.attempts = pending.attempt - (waits ? 1 : 0);
    s.view.state = s.view.attempts == 0 ? StepState::scheduled : StepState::running;
    if (pending.last_started_time && s.view.attempts > 0)
      s.view.started_at = std::chrono::floor<std::chrono::milliseconds>(*pending.last_started_time);
    if (auto refusal = pending.last_failure ? refusal_in(*pending.last_failure) : std::nullopt)
      s.view.code = explain(refusal->code).code;
  }
}

std::vector<StepView> Activities::views() const {
  std::vector<StepView> views;
  views.reserve(all_.size());
  for (const auto& [id, s] : all_) views.push_back(s.view);
  return views;
}

// A step scheduled again takes its first one's place: the delivery that can only be finished. That is
// one to be finished however often it is scheduled, as an undo is.
void put_step(std::vector<StepView>& steps, const StepView& view) {
  auto& step = *std::ranges::find(steps, view.name, &StepView::name);
  const StepView before = std::exchange(step, view);
  if (!before.without_deadline || before.state == StepState::completed) return;
  step.attempts += before.attempts;
  step.scheduled_at = before.scheduled_at;
}

// An undo scheduled again before it was done is the same undo, with the attempts of both; of one that
// a person asked for, those before are counted in what is told then. What was done is done anew by a
// repair, which cannot know it.
void put_undo(std::vector<StepView>& list, const StepView& view) {
  auto at = std::ranges::find(list, view.name, &StepView::name);
  if (at == list.end()) return list.push_back(view);
  const StepView before = std::exchange(*at, view);
  if (before.result) return;
  at->attempts =
      view.asked_for ? std::max(view.attempts, before.attempts) : view.attempts + before.attempts;
  at->scheduled_at = before.scheduled_at;
  at->asked_for |= before.asked_for;
}

void put_activities(OrderView& view, RunTold run) {
  Activities activities;
  for (const auto& event : run.history.events()) activities.add(event);
  for (const auto& pending : run.described.pending_activities) activities.add(pending);
  for (const auto& activity : activities.views()) {
    if (is_step(activity.name))
      put_step(view.steps, activity);
    else
      put_undo(view.compensations, activity);
  }
}

// R4, and R5 for the delivery that can only be finished. What a person had tried again is stuck until
// it is done.
bool is_stuck(const StepView& view, Time now) {
  bool waits = view.state == StepState::scheduled || view.state == StepState::running;
  bool failed = view.state == StepState::failed && view.result != UndoAnswer::refused;
  return failed || (waits && (view.asked_for || view.attempts >= kStuckAttempts ||
                              view.code == explain(Code::restock_failed).code ||
                              now - *view.scheduled_at >= kStuckAfter));
}

bool is_refused(const StepView& undo) {
  return undo.result == UndoAnswer::refused;
}

Stage stage_of(const OrderView& view) {
  if (view.status != Status::processing) return Stage::done;
  if (std::ranges::any_of(view.compensations, [](auto& c) { return !is_refused(c); }))
    return Stage::compensating;
  for (std::size_t i = kStepStages.size(); i-- > 0;)
    if (view.steps[i].state != StepState::pending) return kStepStages[i];
  return Stage::accepted;
}

void find_stuck(OrderView& view, Time now) {
  if (view.status != Status::processing) return;
  auto& delivery = view.steps.back();
  delivery.stuck = delivery.without_deadline && is_stuck(delivery, now);
  for (auto& undo : view.compensations) undo.stuck = is_stuck(undo, now);
  view.stuck = delivery.stuck || std::ranges::any_of(view.compensations, &StepView::stuck);
}

void settle_steps(OrderView& view) {
  bool turned_back = view.stage == Stage::compensating || view.status == Status::failed ||
                     view.status == Status::cancelled;
  for (auto& step : view.steps) {
    bool under_way = step.state == StepState::scheduled || step.state == StepState::running;
    if (turned_back && step.state == StepState::pending) step.state = StepState::skipped;
    if (!under_way) continue;
    if (view.status == Status::cancelled) {
      step.state = StepState::cancelled;
    } else if (view.status == Status::failed) {  // its run was ended from outside, and is repaired
      step.state = StepState::failed;
      step.code = explain(Code::repaired).code;
    }
  }
}

// An order that was ended from outside has its end from its repair (R9).
void end_by_repair(OrderView& view, const api::history::v1::History& repair) {
  const auto result = result_of(repair);
  if (!result) return;
  view.status = status_of(*result);
  view.in_repair = false;
  view.repaired = true;
  view.closed_at = time_of(*repair.events().rbegin());
  if (view.status != Status::failed) return;
  view.reason = Code::repaired;
  view.code = explain(Code::repaired).code;
}

void close(OrderView& view, const HistoryEvent& last) {
  view.closed_at = time_of(last);
  if (view.status == Status::cancelled) {
    view.reason = Code::cancelled;
    view.code = explain(Code::cancelled).code;
  } else if (view.status == Status::failed) {
    const auto& failure = last.workflow_execution_failed_event_attributes().failure();
    view.reason = code_in(failure);
    view.code = failure.application_failure_info().type();
  }
}

}  // namespace

Status status_of(temporal::WorkflowStatus status) {
  switch (status) {
    case temporal::WorkflowStatus::completed:
      return Status::completed;
    case temporal::WorkflowStatus::failed:
      return Status::failed;
    case temporal::WorkflowStatus::canceled:
      return Status::cancelled;
    default:
      return Status::processing;
  }
}

bool is_ended_outside(temporal::WorkflowStatus status) {
  return status == temporal::WorkflowStatus::terminated ||
         status == temporal::WorkflowStatus::timed_out;
}

Status status_of(RepairResult result) {
  return result == RepairResult::delivered ? Status::completed : Status::failed;
}

std::optional<RepairResult> result_of(const api::history::v1::History& repair) {
  if (repair.events().empty()) return std::nullopt;
  const auto& last = *repair.events().rbegin();
  if (!last.has_workflow_execution_completed_event_attributes()) return std::nullopt;
  const auto& result = last.workflow_execution_completed_event_attributes().result();
  if (result.payloads_size() != 1) return std::nullopt;
  return temporal::from_json<Repaired>(result.payloads(0).data()).result;
}

Money amount_of(const temporal::WorkflowExecution& order) {
  auto at = order.memo.find(std::string(kAmountMemo));
  return at == order.memo.end() ? Money() : at->second.as<Money>();
}

// Between two attempts nothing may be pending; a cancel is decided beside the delivery (R10).
bool may_be_stuck(const temporal::WorkflowDescription& described) {
  return std::ranges::none_of(described.pending_activities, [](const auto& pending) {
    return pending.state != temporal::PendingActivityState::cancel_requested &&
           (pending.activity_type == charge_payment.name ||
            pending.activity_type == reserve_inventory.name);
  });
}

OrderView view_order(OrderId id, const api::history::v1::History& history,
                     const temporal::WorkflowDescription& described, Time now,
                     std::optional<RunTold> repair) {
  OrderView view{.order_id = std::move(id),
                 .run_id = described.run_id,
                 .amount = amount_of(described),
                 .status = status_of(described.status),
                 .in_repair = is_ended_outside(described.status),
                 .created_at = std::chrono::floor<std::chrono::milliseconds>(described.start_time)};
  for (auto name : step_names()) view.steps.push_back({.name = std::string(name)});
  put_activities(view, {history, described});
  if (repair) put_activities(view, *repair);
  if (view.status != Status::processing) close(view, *history.events().rbegin());
  if (repair) end_by_repair(view, repair->history);
  view.stage = stage_of(view);
  find_stuck(view, now);
  settle_steps(view);
  return view;
}

}  // namespace ordering::order
