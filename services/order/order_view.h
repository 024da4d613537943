// One order as its history tells it: a pure function of the workflow's events and its pending
// activities, so it answers with every worker dead.
//
//   OrderView view = view_order(id, history, description, now);
//   http::Response{.body = to_json(view, {.temporal_ui = "http://127.0.0.1:8088", …}, language)}
//
// Never by a query: a query needs a worker.
#pragma once
#include <temporal/workflow_description.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "contract/money.h"
#include "contract/order_id.h"
#include "contract/order_repair.h"
#include "contract/refusal.h"
#include "http/problem.h"

namespace temporal::api::history::v1 {
class History;
}

namespace ordering::order {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

enum class Status { processing, completed, failed, cancelled };
enum class Stage { accepted, payment, inventory, delivery, compensating, done };
enum class StepState { pending, scheduled, running, completed, failed, cancelled, skipped };
enum class UndoAnswer { undone, nothing, refused, resolved };

std::string_view to_string(Status status);

struct StepView {
  std::string name = {};
  StepState state = StepState::pending;
  int attempts = 0;
  std::optional<Time> scheduled_at = {};
  std::optional<Time> started_at = {};
  std::optional<Time> ended_at = {};
  std::optional<std::string> code = {};   // why it failed
  std::optional<UndoAnswer> result = {};  // of a compensation, once it has answered
  bool without_deadline = false;          // a delivery that can only be finished (R5)
  bool asked_for = false;                 // a compensation: a person had it tried again or counted
  bool stuck = false;                     // R4
};

struct OrderView {
  OrderId order_id;
  std::string run_id = {};
  Money amount = {};
  Status status = Status::processing;
  Stage stage = Stage::accepted;
  bool stuck = false;                    // R4: an undo does not get through; somebody should look
  bool in_repair = false;                // R9: ended from outside, and not yet put right
  bool repaired = false;                 // R9: put right
  std::optional<std::string> code = {};  // why it failed or was cancelled
  std::optional<Code> reason = {};       // the same, where it is one of the table's
  std::vector<StepView> steps = {};      // always the three, in their order
  std::vector<StepView> compensations = {};  // those scheduled, in the order they were first
  Time created_at = {};
  std::optional<Time> closed_at = {};
};

// TERMINATED and TIMED_OUT are still being put right, so they show as processing; is_ended_outside()
// tells them, and then the order's repair has its end (R9).
Status status_of(temporal::WorkflowStatus status);
bool is_ended_outside(temporal::WorkflowStatus status);
Status status_of(RepairResult result);
// The amount that the order was placed with, from its memo.
Money amount_of(const temporal::WorkflowExecution& order);

// `described` must not be newer than `history`. `repair`: the same of the repair of an order that was
// ended from outside, once there is one.
struct RunTold {
  const temporal::api::history::v1::History& history;
  const temporal::WorkflowDescription& described;
};
OrderView view_order(OrderId id, const temporal::api::history::v1::History& history,
                     const temporal::WorkflowDescription& described, Time now,
                     std::optional<RunTold> repair = {});

// How a repair has ended; nothing while it has not completed.
std::optional<RepairResult> result_of(const temporal::api::history::v1::History& repair);

// Whether the order may be stuck; only its view tells. It is not while it is charged or stock is
// reserved, so that most need no history. `described` may be of its repair.
bool may_be_stuck(const temporal::WorkflowDescription& described);

struct ViewLinks {
  std::string temporal_ui = {};  // "http://127.0.0.1:8088"
  std::string temporal_namespace = {};
};
// As text, since no JSON library writes an amount as a plain decimal.
std::string to_json(const OrderView& view, const ViewLinks& links, http::Language language);

}  // namespace ordering::order
