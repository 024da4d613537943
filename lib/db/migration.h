// The schema, step by step. A service keeps numbered files migrations/0001_what.sql, 0002_what.sql
// …; CMake's jumun_migrations(TARGET NAMESPACE) embeds them as
//
//   #include "payment/migrations.h"       // NAMESPACE payment
//   db::migrate(pool, payment::kMigrations);
//
// Each file runs once, in a transaction of its own with the row in schema_version that records it,
// so two processes that start together do not meet. A database newer than the program, or of another
// program, is refused: db::Error whose text says so. A file, once released, is never changed: add the
// next number. One text serves both engines: see dialect.h.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "db/pool.h"

namespace db {

struct Migration {
  std::int64_t version = 0;  // 1, 2, 3 … without a gap
  std::string_view name = {};
  std::string_view sql = {};
};

// Returns the version the database now has.
std::int64_t migrate(Pool& pool, std::span<const Migration> migrations);

}  // namespace db
