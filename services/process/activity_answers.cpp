#include "process/activity_answers.h"

#include "telemetry/log.h"

namespace ordering::process {

void ActivityAnswers::done(std::string_view activity, const OrderId& id, std::string_view answer) {
  answers_.with({activity, answer}).add();
  telemetry::debug("activity answered",
                   {{"activity", activity}, {"order_id", id.text()}, {"answer", answer}});
}

void ActivityAnswers::refused(std::string_view activity, const OrderId& id, Refusal refusal) {
  const CodeEntry& entry = explain(refusal.code);
  answers_.with({activity, entry.code}).add();
  telemetry::info("activity refused", {{"activity", activity},
                                       {"order_id", id.text()},
                                       {"code", entry.code},
                                       {"name", entry.name}});
}

}  // namespace ordering::process
