// One connection to a database, with one SQL for SQLite and PostgreSQL: parameters $1 …, ON
// CONFLICT, RETURNING, BIGINT, BOOLEAN and TEXT columns; what one of them alone understands stands in
// a comment that names it (dialect.h).
//
//   auto connection = db::open("sqlite:var/payment.db");
//   db::Rows rows = connection->query("SELECT state, amount_minor FROM payment WHERE order_id =
//   $1", id); if (!rows.empty()) state = rows[0].text(0); auto changed =
//   connection->execute("UPDATE payment SET state = $2 WHERE order_id = $1", id, "REFUNDED");
//
// Services use db::Pool (pool.h), which hands out connections in transactions.
//
// Where the thread's work is traced (telemetry/trace.h), each statement is a span of it, with its text
// and without its values.
//
// Threads: one at a time. Every failure is a db::Error; a wrong number of parameters or a column
// read as what it is not is a bug: std::logic_error.
//
// SQLite: WAL, synchronous=FULL (a commit that was reported survives a power cut), foreign keys
// enforced, a lock waited for up to kLockTimeout. Missing folders of the path are made.
//
// PostgreSQL: libpq's URLs, several hosts and its parameters among them; connecting, a lock, a
// statement and a silent server are each waited for up to the timeouts below. A connection that was
// lost stays so (`usable`); Pool opens another.
#pragma once
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "db/error.h"

namespace db {

// A parameter: NULL, a whole number, a real number or text. Text is read during the call only.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view>;

class Rows;

// A row of a result; valid as long as its Rows.
class Row {
 public:
  bool null(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  bool boolean(std::size_t column) const { return integer(column) != 0; }
  std::string_view text(std::size_t column) const;
  std::optional<std::int64_t> optional_integer(std::size_t column) const;
  std::optional<std::string_view> optional_text(std::size_t column) const;

 private:
  friend class Rows;
  Row(const Rows& rows, std::size_t first) : rows_(&rows), first_(first) {}
  template <class T>
  const T& cell(std::size_t column) const;

  const Rows* rows_;
  std::size_t first_;
};

// A whole result, held in two blocks of memory whatever its size.
class Rows {
 public:
  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  Row operator[](std::size_t row) const;  // std::out_of_range beyond the last

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t row) : rows_(&rows), row_(row) {}
    Row operator*() const { return (*rows_)[row_]; }
    Iterator& operator++() { return ++row_, *this; }
    bool operator==(const Iterator& other) const { return row_ == other.row_; }

   private:
    const Rows* rows_;
    std::size_t row_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // For the engines: a result is filled cell by cell, row by row.
  explicit Rows(std::size_t columns = 0) : columns_(columns) {}
  void add(std::nullptr_t) { cells_.emplace_back(nullptr); }
  void add(std::int64_t value) { cells_.emplace_back(value); }
  void add(double value) { cells_.emplace_back(value); }
  void add(std::string_view value);

 private:
  friend class Row;
  struct Span {
    std::size_t begin;
    std::size_t length;
  };
  using Cell = std::variant<std::nullptr_t, std::int64_t, double, Span>;

  std::size_t columns_;
  std::vector<Cell> cells_;
  std::string text_;
};

// read: one moment's view of the data; nothing can be written.
// write: on SQLite it takes the one writer's lock at once, so that it never loses what it has read. On
// PostgreSQL each statement sees what is committed by then, and a row that the transaction decides by
// is locked as it is read (kForUpdate).
// alone: as write, and no other program is in such a one at the same time. For migrations.
enum class TransactionKind { read, write, alone };

// Ends a SELECT of rows by which a write decides, so that nobody else changes them meanwhile. Rows that
// are not there yet are decided by INSERT … ON CONFLICT DO NOTHING.
inline constexpr std::string_view kForUpdate = " /*postgresql FOR UPDATE*/";

class Connection {
 public:
  static constexpr std::chrono::seconds kLockTimeout{5};
  // Prepared and kept; the least recently used goes.
  static constexpr std::size_t kMaxStatements = 64;
  // PostgreSQL alone.
  static constexpr std::chrono::seconds kConnectTimeout{5};     // each address; connect_timeout=
  static constexpr std::chrono::seconds kStatementTimeout{10};  // in the server
  static constexpr std::chrono::seconds kAnswerTimeout{15};  // then the connection counts as lost
  static constexpr std::chrono::seconds kIdleTimeout{30};    // of a transaction, in the server

  virtual ~Connection() = default;

  // One statement; its rows (of a SELECT or a RETURNING).
  template <class... Args>
  Rows query(std::string_view sql, const Args&... args) {
    const std::array<Value, sizeof...(Args)> values{value(args)...};
    return traced(sql, values);
  }
  // One statement; how many rows it inserted, changed or deleted.
  template <class... Args>
  std::int64_t execute(std::string_view sql, const Args&... args) {
    const std::array<Value, sizeof...(Args)> values{value(args)...};
    traced(sql, values);
    return changes();
  }
  // Several statements without parameters, as in a migration.
  virtual void script(const std::string& sql) = 0;

  virtual bool in_transaction() const = 0;
  virtual bool usable() const = 0;              // false: lost, for good
  virtual std::string_view system() const = 0;  // "sqlite", "postgresql"
  virtual bool one_writer() const = 0;  // whether writers wait for one another, as SQLite's do
  virtual void ping() = 0;              // throws Error when the store cannot be read
  // Throws Error when the store is damaged. SQLite reads every page: at start, not in between.
  // PostgreSQL checks a page when it reads it.
  virtual void check_integrity() = 0;

 protected:
  virtual Rows run(std::string_view sql, std::span<const Value> values) = 0;
  virtual std::int64_t changes() const = 0;
  virtual void begin(TransactionKind kind) = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;

 private:
  friend class Transaction;
  Rows traced(std::string_view sql, std::span<const Value> values);
  static Value value(std::nullptr_t) { return nullptr; }
  static Value value(std::nullopt_t) { return nullptr; }
  static Value value(std::integral auto number) { return static_cast<std::int64_t>(number); }
  static Value value(std::floating_point auto number) { return static_cast<double>(number); }
  static Value value(std::string_view text) { return text; }
  static Value value(const std::string& text) { return std::string_view(text); }
  static Value value(const char* text) { return std::string_view(text); }
  template <class T>
  static Value value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : Value(nullptr);
  }
};

// Commits when told to, rolls back when it goes out of scope otherwise.
//
// Where the connection is lost while it commits, what became of it is unknown: Error,
// commit_unknown().
class Transaction {
 public:
  explicit Transaction(Connection& connection, TransactionKind kind = TransactionKind::write);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

enum class Access { read_write, read };  // read: a statement that writes is refused

// "sqlite:PATH" or "postgresql://…"; anything else is a db::Error with a sentence.
std::unique_ptr<Connection> open(std::string_view url, Access access = Access::read_write);

}  // namespace db
