// Saga: compensations, registered before their step, run last in first out where no cancellation
// reaches.
//
//   workflow::Saga saga;
//   saga.compensate_with(refund_payment, {.start_to_close_timeout = 10s}, {.order_id = id});
//   co_await workflow::execute_activity(charge_payment, …);   // may fail after it has charged
//   …
//   std::optional<temporal::Failure> failure;
//   try { … } catch (const temporal::TemporalFailure& e) { failure = e.failure(); }
//   if (failure) {                                  // co_await is ill-formed in a catch handler
//     auto undone = co_await saga.compensate();     // never throws; a result for each
//     throw_failure(*failure);
//   }
//
// A compensation is an activity's definition, options and arguments by value, and no lambda: nothing
// it needs can dangle, and its name stands in the result. It must be safe to run for a step that was
// never begun. For more than compensate() does, as to watch an undo or start it again, take the steps
// one by one:
//
//   while (auto step = saga.pop()) {
//     workflow::Scope attempt;                      // what cancels this undo, and nothing else
//     auto undo = step->start(attempt);
//     …
//     co_await undo.settled();
//   }
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "temporal/workflow.h"

namespace temporal::workflow {

struct Compensated {
  std::string activity = {};
  Settled<Value> result = {};
};

struct SagaOptions {
  // Recognises a point of no return: compensate() then stops, and what is left is not undone.
  // Unset: it goes on, whatever a compensation answers.
  std::function<bool(const Compensated&)> stop = {};
};

struct SagaResult {
  std::vector<Compensated> done = {};
  bool stopped = false;  // then done.back() is the one that stop recognised
};

class SagaStep {
 public:
  explicit SagaStep(ActivityInput in) : in_(std::move(in)) {}
  const std::string& activity() const { return in_.name; }
  // Both may be called again. Where no cancellation reaches, or where that of the scope alone does.
  Future<Value> start() const { return detail::execute_in(detail::apart(), in_); }
  Future<Value> start(const Scope& scope) const { return detail::execute_in(scope.shared(), in_); }

 private:
  ActivityInput in_;
};

class Saga {
 public:
  explicit Saga(SagaOptions options = {}) : options_(std::move(options)) {}

  // Throws std::invalid_argument for options that cannot be right, before the step is begun.
  template <class R, class... A>
  void compensate_with(const ActivityType<R(A...)>& type, ActivityOptions options,
                       std::type_identity_t<A>... args) {
    detail::check_options(std::string(type.name), options);
    steps_.emplace_back(ActivityInput{.name = std::string(type.name),
                                      .options = std::move(options),
                                      .args = detail::Arguments<A...>::pack(std::move(args)...)});
  }

  // The latest one, which is then no longer the saga's.
  std::optional<SagaStep> pop() {
    if (steps_.empty()) return std::nullopt;
    auto step = std::move(steps_.back());
    steps_.pop_back();
    return step;
  }
  // All, one at a time, each waited for.
  Task<SagaResult> compensate() {
    SagaResult r;
    while (auto step = pop()) {
      auto undo = step->start();
      r.done.push_back({step->activity(), co_await undo.settled()});
      if (options_.stop && options_.stop(r.done.back())) {
        r.stopped = true;
        break;
      }
    }
    co_return r;
  }

 private:
  SagaOptions options_;
  std::vector<SagaStep> steps_;
};

}  // namespace temporal::workflow
