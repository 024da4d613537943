// What /metrics tells of orders that have ended, counted in the workflow that ends them, once each.
#pragma once
#include <optional>

#include "contract/refusal.h"

namespace ordering::order {

// orders_ended_total{status,code} and order_duration_seconds{status}. Without a reason it has
// completed. Of an order that was repaired the duration is the repair's.
void count_end(std::optional<Code> reason);

}  // namespace ordering::order
