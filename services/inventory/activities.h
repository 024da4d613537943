// reserveInventory and restockInventory, as the worker calls them. Threads: any.
#pragma once
#include "contract/activities.h"
#include "inventory/store.h"
#include "process/activity_answers.h"
#include "temporal/activity.h"

namespace ordering::inventory {

class Activities {
 public:
  explicit Activities(Store& store) : store_(store) {}

  Reserved reserve(temporal::activity::Context context, StepInput input);
  Undone restock(temporal::activity::Context context, StepInput input);

 private:
  Store& store_;
  process::ActivityAnswers answers_;
};

}  // namespace ordering::inventory
