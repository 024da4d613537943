// Compensations: registered before their step, run last in first out where no cancellation reaches.
#pragma once
#include "temporal/workflow.h"

namespace temporal::workflow {

struct Compensated {
  std::string activity;
  Settled<Value> result;
};
struct SagaOptions {
  std::function<bool(const Compensated&)> stop = {};  // recognises a point of no return
};
struct SagaResult {
  std::vector<Compensated> done;
  bool stopped = false;  // then done.back() is the one that stop recognised
};

class SagaStep {
 public:
  explicit SagaStep(ActivityInput in) : in_(std::move(in)) {}
  const std::string& activity() const { return in_.name; }
  Future<Value> start() const { return detail::execute_shielded(in_); }  // may be called again

 private:
  ActivityInput in_;
};

class Saga {
 public:
  explicit Saga(SagaOptions options = {}) : options_(std::move(options)) {}
  template <class R, class... A>
  void compensate_with(const ActivityType<R(A...)>& type, ActivityOptions options,
                       std::type_identity_t<A>... args) {
    steps_.emplace_back(ActivityInput{
        std::string(type.name), std::move(options), {}, {Value::of<A>(std::move(args))...}});
  }
  std::optional<SagaStep> pop() {
    if (steps_.empty()) return std::nullopt;
    auto step = std::move(steps_.back());
    steps_.pop_back();
    return step;
  }
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
