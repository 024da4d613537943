// The deliveries, as the audit sees them: what they decide alone, and the rows.
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include "contract/audit.h"
#include "db/pool.h"

namespace ordering::delivery {

class Audit {
 public:
  explicit Audit(db::Pool& pool) : pool_(pool) {}

  OwnAudit judge();  // D1, D4, in one transaction
  AuditRows read(RowsRequest request);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::delivery
