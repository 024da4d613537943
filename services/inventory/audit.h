// The stock, as the audit sees it: what items and reservations decide alone, and the reservations.
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include "contract/audit.h"
#include "db/pool.h"

namespace ordering::inventory {

class Audit {
 public:
  explicit Audit(db::Pool& pool) : pool_(pool) {}

  OwnAudit judge();  // S1, S2, S3, in one transaction
  AuditRows read(RowsRequest request);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::inventory
