#include "db/migration.h"

#include <stdexcept>
#include <string>

namespace db {
namespace {

std::int64_t current(Connection& connection) {
  return connection.query("SELECT coalesce(max(version), 0) FROM schema_version")[0].integer(0);
}

void apply(Connection& connection, const Migration& migration) {
  Transaction transaction(connection);
  if (current(connection) >= migration.version) return;  // another program was faster
  connection.script(std::string(migration.sql));
  connection.execute("INSERT INTO schema_version(version, name) VALUES ($1, $2)", migration.version,
                     migration.name);
  transaction.commit();
}

}  // namespace

std::int64_t migrate(Pool& pool, std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<std::int64_t>(i + 1)) {
      throw std::logic_error("migrations are numbered 1, 2, 3 … without a gap");
    }
  }
  const auto newest = static_cast<std::int64_t>(migrations.size());
  pool.exclusive([&](Connection& connection) {
    connection.script(
        "CREATE TABLE IF NOT EXISTS schema_version("
        "version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
        "applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)");
    const auto found = current(connection);
    if (found > newest) {
      throw Error("0A000", "the database has schema version " + std::to_string(found) +
                               ", newer than this program's " + std::to_string(newest) +
                               ": use a newer program");
    }
    for (const Migration& migration : migrations) apply(connection, migration);
  });
  return newest;
}

}  // namespace db
