#include "order/order_metrics.h"

#include <temporal/workflow.h>

#include <chrono>
#include <string>

namespace ordering::order {

namespace workflow = temporal::workflow;

namespace {

std::string status_of(std::optional<Code> reason) {
  if (!reason) return "COMPLETED";
  return *reason == Code::cancelled ? "CANCELLED" : "FAILED";
}

}  // namespace

void count_end(std::optional<Code> reason) {
  auto& meter = workflow::metric_meter();
  const auto status = status_of(reason);
  const std::string code(reason ? explain(*reason).code : "");
  meter
      .counter({.name = "orders_ended_total", .description = "Orders that have ended."},
               {{"status", status}, {"code", code}})
      ->add(1);
  const std::chrono::duration<double> took = workflow::now() - workflow::info().start_time;
  meter
      .histogram({.name = "order_duration_seconds",
                  .description = "From an order's acceptance to its end.",
                  .unit = "s",
                  .buckets = {0.1, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 300, 1800}},
                 {{"status", status}})
      ->record(took.count());
}

}  // namespace ordering::order
