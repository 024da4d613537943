// What the audit asks Temporal of the orders, through activities of the order service itself.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "temporal/definition.h"
#include "temporal/payload.h"

namespace ordering::order {

inline constexpr std::int32_t kOrdersAPage = 100;

struct OrdersRequest {
  temporal::Bytes page = {};           // empty: the first
  std::int64_t started_before_ms = 0;  // later orders are the next audit's
};

// A run that has ended, as the API shows its order and as Temporal has it.
struct EndedRun {
  std::string order_id = {};
  std::string chain = {};         // its first run's id; kept over a reset
  std::string latest_chain = {};  // that of the order's latest run
  bool latest = false;            // it is the latest run; the rest is told only then
  std::string shown = {};         // GET /orders/{orderId}: "COMPLETED"
  std::string temporal = {};      // Describe: "completed"
  std::int64_t closed_at_ms = 0;
  std::int64_t amount_minor = 0;
  std::optional<std::string> code = {};         // that is shown
  std::optional<std::string> failed_step = {};  // the code of the first step that failed
  bool repaired = false;                        // after somebody ended its workflow
  bool stuck = false;                           // in its repair
  bool resolved = false;                        // a person counted one of its compensations as done
};
struct EndedPage {
  std::vector<EndedRun> runs = {};
  temporal::Bytes next_page = {};  // empty: the last
};

// An order that has been under way for longer than its steps may take.
struct LateOrder {
  std::string order_id = {};
  bool within_deadline = false;  // of a step that is under way
  bool stuck = false;            // R4: shown as such, and tried again without limit
};
struct LatePage {
  std::vector<LateOrder> orders = {};
  temporal::Bytes next_page = {};
};

struct KnownOrder {
  std::string order_id = {};
  std::optional<std::int64_t> amount_minor = {};  // unset: there is no such order
};
struct KnownOrders {
  std::vector<KnownOrder> orders = {};  // in the order asked for
  std::int64_t kept_since_ms = 0;       // what changed before may be past the namespace's retention
};

inline constexpr temporal::ActivityType<EndedPage(OrdersRequest)> list_ended_orders{
    "listEndedOrders"};
inline constexpr temporal::ActivityType<LatePage(OrdersRequest)> list_late_orders{"listLateOrders"};
inline constexpr temporal::ActivityType<KnownOrders(std::vector<std::string>)> look_up_orders{
    "lookUpOrders"};

}  // namespace ordering::order
