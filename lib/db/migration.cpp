#include "db/migration.h"

#include <stdexcept>
#include <string>

namespace db {
namespace {

std::int64_t current(Connection& connection) {
  return connection.query("SELECT coalesce(max(version), 0) FROM schema_version")[0].integer(0);
}

void create_schema_version(Connection& connection) {
  Transaction transaction(connection, TransactionKind::alone);
  connection.script(
      "CREATE TABLE IF NOT EXISTS schema_version("
      "version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
      "applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)");
  transaction.commit();
}

// Of this program's, and none that it does not know.
void check_versions(Connection& connection, std::span<const Migration> migrations) {
  const auto newest = static_cast<std::int64_t>(migrations.size());
  for (auto row : connection.query("SELECT version, name FROM schema_version ORDER BY version")) {
    const auto version = std::to_string(row.integer(0));
    if (row.integer(0) > newest) {
      throw Error("0A000", "the database has schema version " + version +
                               " or more, newer than this program's " + std::to_string(newest) +
                               ": use a newer program");
    }
    const Migration& ours = migrations[static_cast<std::size_t>(row.integer(0) - 1)];
    if (row.text(1) != ours.name) {
      throw Error("0A000", "the database is another program's: its schema version " + version +
                               " is " + std::string(row.text(1)) + ", not " +
                               std::string(ours.name));
    }
  }
}

void apply(Connection& connection, const Migration& migration) {
  Transaction transaction(connection, TransactionKind::alone);
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
  pool.exclusive([&](Connection& connection) {
    create_schema_version(connection);
    check_versions(connection, migrations);
    for (const Migration& migration : migrations) apply(connection, migration);
  });
  return static_cast<std::int64_t>(migrations.size());
}

}  // namespace db
