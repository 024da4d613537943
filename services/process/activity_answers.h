// How a service's activities answered: one counter for all, and a line in the log.
//
//   auto answer = store.charge(…);
//   answers.record("chargePayment", input.order_id, answer);
//
// activity_answers_total{activity, answer}: OK, UNDONE, NOTHING, or a refusal's code.
#pragma once
#include <expected>
#include <string_view>

#include "contract/activities.h"
#include "contract/refusal.h"
#include "telemetry/metrics.h"

namespace ordering::process {

class ActivityAnswers {
 public:
  template <class Answer>
  void record(std::string_view activity, const OrderId& id,
              const std::expected<Answer, Refusal>& answer) {
    if (!answer)
      refused(activity, id, answer.error());
    else if constexpr (std::is_same_v<Answer, UndoResult>)
      done(activity, id, *answer == UndoResult::undone ? "UNDONE" : "NOTHING");
    else
      done(activity, id, "OK");
  }

 private:
  void done(std::string_view activity, const OrderId& id, std::string_view answer);
  void refused(std::string_view activity, const OrderId& id, Refusal refusal);

  telemetry::Family<telemetry::Counter>& answers_ = telemetry::counter(
      "activity_answers_total", "Answers of activities: OK, UNDONE, NOTHING or a refusal's code.",
      {"activity", "answer"});
};

}  // namespace ordering::process
