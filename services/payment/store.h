// Payments and the money's ledger. Each call that changes anything is one transaction: the row, its
// event and its ledger entries, or none of them.
//
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "contract/order_id.h"
#include "contract/timestamp.h"
#include "db/pool.h"
#include "payment/payment.h"

namespace ordering::payment {

struct LedgerEntry {
  std::int64_t seq = 0;
  Timestamp at = {};
  std::string order_id = {};
  std::string account = {};  // "customer" or "revenue"
  Money amount = {};         // what the account gained
};

class Store {
 public:
  explicit Store(db::Pool& pool) : pool_(pool) {}

  void migrate();  // brings the schema up to date; before anything else

  std::expected<Money, Refusal> charge(const OrderId& id, Money amount, bool system_fails,
                                       Timestamp at);
  std::expected<UndoResult, Refusal> refund(const OrderId& id, Timestamp at);

  std::optional<Payment> find(const OrderId& id);
  std::vector<LedgerEntry> ledger(const OrderId& id);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::payment
