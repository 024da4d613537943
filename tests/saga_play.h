// Plays a whole workflow of an order without a server: activations as Core would make them, the three
// services answering by a Plan, the commands told in words.
#pragma once
#include <temporal/api.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workflow/instance.h"

namespace ordering::order {

enum class Race { delivery_first, cancel_first, together };
enum class How { update, request };
struct Plan {
  std::string failing = {};  // the step that fails
  std::string code = {};     // and why
  bool departs = false;      // cancelDelivery answers D005
  int cancel_at = -1;        // the activation in which the cancel comes
  bool alone = true;         // it comes in an activation of its own; so does what is asked
  How how = How::update;
  Race race = Race::delivery_first;
  std::string undo_failing = {};  // the compensation that fails for good, once
  std::string ask = {};           // an update of Compensation that comes
  std::string ask_of = {};        // for this one
  int ask_at = -1;                // in this activation

  friend std::ostream& operator<<(std::ostream& out, const Plan& p);
};

using Made = std::vector<std::string>;  // an activation's commands, each in one word or two
struct Story {
  std::vector<coresdk::workflow_activation::WorkflowActivation> fed;
  std::vector<Made> made;
  std::vector<coresdk::workflow_commands::ScheduleActivity> scheduled;
};

// One way to begin a run.
struct Played {
  temporal::WorkflowDefinition definition;
  std::string type = {};
  std::string input = {};  // JSON
};
Played order_saga();
Played order_repair();

Story play(const Plan& plan, const Played& workflow = order_saga());
std::string outline(
    const Story& story);  // "chargePayment reserveInventory startDelivery Completed"

// Evicts the run after every activation, and expects of its replay the same commands. Gives how many
// evictions that were.
int evict_everywhere(const Plan& plan, const Story& story, const Played& workflow = order_saga());

}  // namespace ordering::order
