#include "db/sqlite.h"

#include <sqlite3.h>

#include <charconv>
#include <filesystem>
#include <list>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "db/dialect.h"

namespace db {
namespace {

constexpr std::string_view kEngine = "sqlite";

// PostgreSQL's word for what SQLite says.
const char* sqlstate(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return "23505";
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return "23503";
    case SQLITE_CONSTRAINT_NOTNULL:
      return "23502";
    case SQLITE_CONSTRAINT_CHECK:
      return "23514";
    case SQLITE_BUSY_SNAPSHOT:
      return "40001";
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return "23000";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "55P03";
    case SQLITE_FULL:
      return "53100";
    case SQLITE_NOMEM:
      return "53200";
    case SQLITE_READONLY:
      return "25006";
    case SQLITE_CANTOPEN:
      return "08001";
    case SQLITE_IOERR:
      return "58030";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "XX001";
    default:
      return "HY000";
  }
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

struct Statement {
  std::string sql;
  std::unique_ptr<sqlite3_stmt, Finalize> handle;
  std::vector<std::size_t> numbers;  // of the i-th parameter in SQLite's order, n of its $n
};

// A statement that is not reset keeps its locks.
class Reset {
 public:
  explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
  ~Reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;

 private:
  sqlite3_stmt* statement_;
};

class Sqlite final : public Connection {
 public:
  Sqlite(const std::string& path, Access access) {
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code failed;  // opening says it better
    if (!folder.empty()) std::filesystem::create_directories(folder, failed);

    sqlite3* raw = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &raw,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(raw);
    if (code != SQLITE_OK) {
      throw Error(sqlstate(code), "cannot open the database " + path + ": " + sqlite3_errstr(code));
    }
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, static_cast<int>(std::chrono::milliseconds(kLockTimeout).count()));
    use_wal();
    script("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;");
    if (access == Access::read) script("PRAGMA query_only=ON;");
  }

  void script(const std::string& sql) override {
    const auto spoken = spoken_by(kEngine, sql);
    if (sqlite3_exec(database_.get(), spoken.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      fail();
  }

  bool in_transaction() const override { return sqlite3_get_autocommit(database_.get()) == 0; }

  bool usable() const override { return true; }
  std::string_view system() const override { return "sqlite"; }
  bool one_writer() const override { return true; }

  void ping() override { query("SELECT count(*) FROM sqlite_schema"); }

  void check_integrity() override {
    const Rows found = query("PRAGMA quick_check(1)");
    if (found.empty() || found[0].text(0) != "ok") {
      throw Error("XX001", "the database is damaged: " +
                               std::string(found.empty() ? "no answer" : found[0].text(0)));
    }
  }

 private:
  // Two programs that start at once meet here, where SQLite does not wait for the lock by itself.
  void use_wal() {
    constexpr auto kPause = std::chrono::milliseconds(10);
    const auto until = std::chrono::steady_clock::now() + kLockTimeout;
    for (;;) {
      try {
        return script("PRAGMA journal_mode=WAL;");
      } catch (const Error& error) {
        if (!error.busy() || std::chrono::steady_clock::now() > until) throw;
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  Rows run(std::string_view sql, std::span<const Value> values) override {
    const Statement& statement = prepared(sql);
    if (statement.numbers.size() != values.size()) {
      throw std::logic_error("the statement takes another number of parameters: " + statement.sql);
    }
    sqlite3_stmt* handle = statement.handle.get();
    const Reset reset(handle);
    for (std::size_t i = 0; i < values.size(); ++i) {
      bind(handle, static_cast<int>(i + 1), values[statement.numbers[i] - 1]);
    }
    const int columns = sqlite3_column_count(handle);
    Rows rows(static_cast<std::size_t>(columns));
    for (;;) {
      const int code = sqlite3_step(handle);
      if (code == SQLITE_DONE) return rows;
      if (code != SQLITE_ROW) fail();
      for (int column = 0; column < columns; ++column) add(rows, handle, column);
    }
  }

  std::int64_t changes() const override { return sqlite3_changes64(database_.get()); }

  void begin(TransactionKind kind) override {
    query(kind == TransactionKind::read ? "BEGIN" : "BEGIN IMMEDIATE");
  }
  void commit() override { query("COMMIT"); }
  void rollback() override { query("ROLLBACK"); }

  const Statement& prepared(std::string_view sql) {
    if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
      statements_.splice(statements_.begin(), statements_, found->second);
      return statements_.front();
    }
    Statement statement = prepare(sql);
    if (statements_.size() >= kMaxStatements) {
      by_sql_.erase(statements_.back().sql);
      statements_.pop_back();
    }
    statements_.push_front(std::move(statement));
    by_sql_.emplace(statements_.front().sql, statements_.begin());
    return statements_.front();
  }

  Statement prepare(std::string_view sql) {
    Statement statement{.sql = std::string(sql)};
    const auto spoken = spoken_by(kEngine, sql);
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    if (sqlite3_prepare_v3(database_.get(), spoken.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &raw,
                           &rest) != SQLITE_OK) {
      fail();
    }
    statement.handle.reset(raw);
    if (raw == nullptr || std::string_view(rest).find_first_not_of(" \n\t;") != std::string::npos) {
      throw std::logic_error("not one statement: " + statement.sql);
    }
    const int count = sqlite3_bind_parameter_count(raw);
    for (int i = 1; i <= count; ++i) statement.numbers.push_back(number(raw, i, count));
    return statement;
  }

  // n of the i-th parameter, $n.
  static std::size_t number(sqlite3_stmt* statement, int i, int count) {
    const char* raw = sqlite3_bind_parameter_name(statement, i);
    const std::string_view name = raw == nullptr ? "" : raw;
    int number = 0;
    if (name.starts_with('$')) std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (number < 1 || number > count) {
      throw std::logic_error("parameters are $1, $2 … without a gap, not " + std::string(name));
    }
    return static_cast<std::size_t>(number);
  }

  void bind(sqlite3_stmt* statement, int at, const Value& value) {
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      code = sqlite3_bind_int64(statement, at, *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      code = sqlite3_bind_double(statement, at, *real);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      code = sqlite3_bind_text64(statement, at, text->empty() ? "" : text->data(), text->size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
    }
    if (code != SQLITE_OK) fail();
  }

  static void add(Rows& rows, sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_INTEGER:
        return rows.add(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
      case SQLITE_FLOAT:
        return rows.add(sqlite3_column_double(statement, column));
      case SQLITE_NULL:
        return rows.add(nullptr);
      default: {
        const void* bytes = sqlite3_column_blob(statement, column);
        const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        return rows.add(std::string_view(static_cast<const char*>(bytes), length));
      }
    }
  }

  [[noreturn]] void fail() {
    throw Error(sqlstate(sqlite3_extended_errcode(database_.get())),
                sqlite3_errmsg(database_.get()));
  }

  std::unique_ptr<sqlite3, Close> database_;
  std::list<Statement> statements_;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Statement>::iterator> by_sql_;
};

}  // namespace

std::unique_ptr<Connection> open_sqlite(const std::string& path, Access access) {
  return std::make_unique<Sqlite>(path, access);
}

}  // namespace db
