// The money, as the audit sees it: what the payments and the ledger decide alone, and the rows.
// Threads: any. A store that cannot be reached is a db::Error.
#pragma once
#include "contract/audit.h"
#include "db/pool.h"

namespace ordering::payment {

class Audit {
 public:
  explicit Audit(db::Pool& pool) : pool_(pool) {}

  OwnAudit judge();  // M1, M2, M3, M6, in one transaction
  AuditRows read(RowsRequest request);

 private:
  db::Pool& pool_;
};

}  // namespace ordering::payment
