// One connection to a database, with one SQL for SQLite and PostgreSQL: parameters $1 …, ON
// CONFLICT, RETURNING, BIGINT and TEXT columns.
//
//   auto connection = db::open("sqlite:var/payment.db");
//   db::Rows rows = connection->query("SELECT state, amount_minor FROM payment WHERE order_id =
//   $1", id); if (!rows.empty()) state = rows[0].text(0); auto changed =
//   connection->execute("UPDATE payment SET state = $2 WHERE order_id = $1", id, "REFUNDED");
//
// Services use db::Pool (pool.h), which hands out connections in transactions.
//
// Threads: one at a time. Every failure is a db::Error; a wrong number of parameters or a column
// read as what it is not is a bug: std::logic_error.
//
// SQLite: WAL, synchronous=FULL (a commit that was reported survives a power cut), foreign keys
// enforced, a lock waited for up to kBusyTimeout. Missing folders of the path are made. PostgreSQL:
// "postgresql://…" is understood and refused with a sentence until it is built in.
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

class Connection {
 public:
  static constexpr std::chrono::seconds kBusyTimeout{5};
  static constexpr std::size_t kMaxStatements =
      64;  // prepared and kept; the least recently used goes

  virtual ~Connection() = default;

  // One statement; its rows (of a SELECT or a RETURNING).
  template <class... Args>
  Rows query(std::string_view sql, const Args&... args) {
    const std::array<Value, sizeof...(Args)> values{value(args)...};
    return run(sql, values);
  }
  // One statement; how many rows it inserted, changed or deleted.
  template <class... Args>
  std::int64_t execute(std::string_view sql, const Args&... args) {
    const std::array<Value, sizeof...(Args)> values{value(args)...};
    run(sql, values);
    return changes();
  }
  // Several statements without parameters, as in a migration.
  virtual void script(const std::string& sql) = 0;

  virtual bool in_transaction() const = 0;
  virtual void ping() = 0;  // throws Error when the store cannot be read
  // Throws Error when the store is damaged. Reads every page: at start, not in between.
  virtual void check_integrity() = 0;

 protected:
  virtual Rows run(std::string_view sql, std::span<const Value> values) = 0;
  virtual std::int64_t changes() const = 0;
  // The statement that begins a transaction that only reads, or that may write.
  virtual std::string_view begin(bool write) const = 0;

 private:
  friend class Transaction;
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
class Transaction {
 public:
  enum class Kind {
    write,
    read
  };  // write takes the lock at once, so that it never loses what it has read
  explicit Transaction(Connection& connection, Kind kind = Kind::write);
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
