#include "db/connection.h"

#include <stdexcept>
#include <utility>

#include "db/postgresql.h"
#include "db/sqlite.h"
#include "telemetry/trace.h"

namespace db {

Row Rows::operator[](std::size_t row) const {
  if (row >= size()) throw std::out_of_range("the result has no such row");
  return {*this, row * columns_};
}

void Rows::add(std::string_view value) {
  cells_.emplace_back(Span{.begin = text_.size(), .length = value.size()});
  text_.append(value);
}

template <class T>
const T& Row::cell(std::size_t column) const {
  if (column >= rows_->columns_) throw std::logic_error("the result has no such column");
  const auto* held = std::get_if<T>(&rows_->cells_[first_ + column]);
  if (held == nullptr) throw std::logic_error("the column is NULL or of another type");
  return *held;
}

bool Row::null(std::size_t column) const {
  if (column >= rows_->columns_) throw std::logic_error("the result has no such column");
  return std::holds_alternative<std::nullptr_t>(rows_->cells_[first_ + column]);
}
std::int64_t Row::integer(std::size_t column) const {
  return cell<std::int64_t>(column);
}
double Row::real(std::size_t column) const {
  return cell<double>(column);
}
std::string_view Row::text(std::size_t column) const {
  const auto& span = cell<Rows::Span>(column);
  return std::string_view(rows_->text_).substr(span.begin, span.length);
}
std::optional<std::int64_t> Row::optional_integer(std::size_t column) const {
  return null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<std::string_view> Row::optional_text(std::size_t column) const {
  return null(column) ? std::nullopt : std::optional(text(column));
}

// Its values are never shown: they are parameters, and the text is the program's own.
Rows Connection::traced(std::string_view sql, std::span<const Value> values) {
  if (!telemetry::tracer()) return run(sql, values);
  const auto operation = sql.substr(0, sql.find_first_of(" \n"));
  auto span = telemetry::start_span(operation, telemetry::SpanKind::client);
  span.set("db.system.name", system());
  span.set("db.operation.name", operation);
  span.set("db.query.text", sql);
  try {
    return run(sql, values);
  } catch (const Error& error) {
    span.fail(error.sqlstate());  // what() may hold values
    throw;
  }
}

// Where it begins and ends is told by the pool's span of the whole transaction.
Transaction::Transaction(Connection& connection, TransactionKind kind) : connection_(connection) {
  const telemetry::BorrowedScope untraced(nullptr);
  connection_.begin(kind);
}
Transaction::~Transaction() {
  if (!open_ || !connection_.in_transaction()) return;
  const telemetry::BorrowedScope untraced(nullptr);
  try {
    connection_.rollback();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
    // The engine has ended it: nothing is left.
  }
}
void Transaction::commit() {
  const telemetry::BorrowedScope untraced(nullptr);
  try {
    connection_.commit();
  } catch (const Error& error) {
    if (connection_.usable()) throw;
    throw Error("08007", std::string("what became of the commit is unknown: ") + error.what());
  }
  open_ = false;
}

std::unique_ptr<Connection> open(std::string_view url, Access access) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return open_sqlite(std::string(url.substr(kSqlite.size())), access);
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return open_postgresql(std::string(url), access);
  }
  throw Error("08001", "a database is sqlite:PATH or postgresql://…");
}

}  // namespace db
