// Deliveries. Each change is one transaction, conditional on the state before it: the row and its
// event, or neither.
//
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "contract/order_id.h"
#include "contract/timestamp.h"
#include "db/pool.h"
#include "delivery/delivery.h"

namespace ordering::delivery {

struct StateChange {
  State state = State::none;
  Timestamp at = {};
};

struct StoredDelivery {
  Delivery row = {};
  std::vector<StateChange> changes = {};  // in their order
};

class Store {
 public:
  explicit Store(db::Pool& pool) : pool_(pool) {}

  void migrate();  // brings the schema up to date; before anything else

  // One step at most; see delivery.h.
  std::expected<Progress, Refusal> proceed(const OrderId& id, const Timetable& timetable,
                                           Timestamp now);
  std::expected<UndoResult, Refusal> cancel(const OrderId& id, Timestamp now);

  // By hand; what an order was told before, it is told again.
  void set_couriers(std::int64_t available, Timestamp at);

  std::optional<StoredDelivery> find(const OrderId& id);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::delivery
