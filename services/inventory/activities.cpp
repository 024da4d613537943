#include "inventory/activities.h"

#include <utility>

#include "contract/activity_edge.h"
#include "process/tracing.h"

namespace ordering::inventory {

Reserved Activities::reserve(temporal::activity::Context context, StepInput input) {
  const process::ActivityScope scope(context);
  at_activity_edge([&] {
    auto answer = store_.reserve(input.order_id, now());
    answers_.record(reserve_inventory.name, input.order_id, answer);
    return answer;
  });
  auto item = ItemId::of(input.order_id).text();
  return {.order_id = std::move(input.order_id), .item_id = std::move(item)};
}

Undone Activities::restock(temporal::activity::Context context, StepInput input) {
  const process::ActivityScope scope(context);
  const auto result = at_activity_edge([&] {
    auto answer = store_.restock(input.order_id, now());
    answers_.record(restock_inventory.name, input.order_id, answer);
    return answer;
  });
  return {.order_id = std::move(input.order_id), .result = result};
}

}  // namespace ordering::inventory
