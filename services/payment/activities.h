// chargePayment and refundPayment, as the worker calls them. Threads: any.
#pragma once
#include <utility>

#include "contract/activities.h"
#include "contract/failure_rule.h"
#include "payment/store.h"
#include "process/activity_answers.h"
#include "temporal/activity.h"

namespace ordering::payment {

class Activities {
 public:
  Activities(Store& store, FailureRule rule) : store_(store), rule_(std::move(rule)) {}

  Charged charge(temporal::activity::Context context, ChargeInput input);
  Undone refund(temporal::activity::Context context, StepInput input);

 private:
  Store& store_;
  FailureRule rule_;
  process::ActivityAnswers answers_;
};

}  // namespace ordering::payment
