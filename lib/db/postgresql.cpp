#include "db/postgresql.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <charconv>
#include <list>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "db/dialect.h"

namespace db {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kEngine = "postgresql";
constexpr const char* kLost = "08006";

// Types of results, by their fixed numbers (pg_type.dat).
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kNumeric = 1700;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Result = std::unique_ptr<PGresult, Clear>;

// libpq explains on further lines what it has said on the first.
std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// libpq's own sentence about a URL may repeat it, password and all: ours never does.
void check_url(const std::string& url) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(url.c_str(), &complaint));
  PQfreemem(complaint);
  if (!options) {
    throw Error("08001",
                "it is not a URL as in postgresql://USER:PASSWORD@HOST:PORT/DATABASE (in the "
                "password, special characters are written as %40 for @)");
  }
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) == "host" && option->val != nullptr &&
        std::string_view(option->val).contains('@')) {
      throw Error("08001", "an @ in a user's name or password is written as %40");
    }
  }
}

struct Parameters {
  explicit Parameters(const std::string& url)
      : timeout(std::to_string(Connection::kConnectTimeout.count())),
        values{timeout.c_str(), "jumun", "UTF8", url.c_str(), nullptr} {}

  std::string timeout;
  // What stands before the URL is a default that it may change.
  const char* const names[5] = {"connect_timeout", "fallback_application_name", "client_encoding",
                                "dbname", nullptr};
  const char* const values[5];
};

struct Statement {
  std::string sql;
  std::string name;
  int parameters = 0;
};

// The parameters of one call in PostgreSQL's text form.
class Bound {
 public:
  explicit Bound(std::span<const Value> values) {
    texts_.reserve(values.size());
    for (const Value& value : values) add(value);
    for (std::size_t i = 0; i < texts_.size(); ++i)
      if (values_[i] != nullptr) values_[i] = texts_[i].c_str();
  }
  int size() const { return static_cast<int>(values_.size()); }
  const char* const* data() const { return values_.data(); }

 private:
  void add(const Value& value) {
    std::string& text = texts_.emplace_back();
    values_.push_back(std::holds_alternative<std::nullptr_t>(value) ? nullptr : "");
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      text = std::to_string(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      char digits[32];
      const auto end = std::to_chars(std::begin(digits), std::end(digits), *real).ptr;
      text.assign(digits, end);
    } else if (const auto* given = std::get_if<std::string_view>(&value)) {
      if (given->contains('\0')) throw Error("22021", "PostgreSQL stores no text with a zero byte");
      text = *given;
    }
  }

  std::vector<std::string> texts_;
  std::vector<const char*> values_;
};

template <class Number>
bool add_number(Rows& rows, std::string_view text) {
  Number number{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || rest != text.data() + text.size()) return false;
  rows.add(number);
  return true;
}

void add_cell(Rows& rows, const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return rows.add(nullptr);
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  bool read = true;
  switch (PQftype(result, column)) {
    case kBool:
      return rows.add(static_cast<std::int64_t>(text == "t"));
    case kInt2:
    case kInt4:
    case kInt8:
      read = add_number<std::int64_t>(rows, text);
      break;
    case kNumeric:  // of a SUM over whole numbers, for one
      read = add_number<std::int64_t>(rows, text) || add_number<double>(rows, text);
      break;
    case kFloat4:
    case kFloat8:
      read = add_number<double>(rows, text);
      break;
    default:
      return rows.add(text);
  }
  if (!read) throw std::logic_error("not a number that fits: " + std::string(text));
}

class Postgresql final : public Connection {
 public:
  Postgresql(const std::string& url, Access access) {
    check_url(url);
    const Parameters parameters(url);
    connect(parameters);
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    const auto setting = [](const char* name, std::chrono::milliseconds value) {
      return std::string("SET ") + name + " = " + std::to_string(value.count()) + ";";
    };
    script("SET client_min_messages = warning; SET synchronous_commit = on;" +
           setting("lock_timeout", kLockTimeout) + setting("statement_timeout", kStatementTimeout) +
           setting("idle_in_transaction_session_timeout", kIdleTimeout));
    if (access == Access::read) script("SET default_transaction_read_only = on");
  }

  void script(const std::string& sql) override { simple(spoken_by(kEngine, sql)); }

  bool in_transaction() const override {
    const auto status = PQtransactionStatus(connection_.get());
    return usable() && (status == PQTRANS_INTRANS || status == PQTRANS_INERROR);
  }
  bool usable() const override { return !silent_ && PQstatus(connection_.get()) == CONNECTION_OK; }
  std::string_view system() const override { return "postgresql"; }
  bool one_writer() const override { return false; }

  void ping() override { simple("SELECT 1"); }
  void check_integrity() override { ping(); }

 private:
  Rows run(std::string_view sql, std::span<const Value> values) override {
    const Statement& statement = prepared(sql);
    if (statement.parameters != static_cast<int>(values.size())) {
      throw std::logic_error("the statement takes another number of parameters: " + statement.sql);
    }
    const Bound bound(values);
    const Result result =
        answer_to(PQsendQueryPrepared(connection_.get(), statement.name.c_str(), bound.size(),
                                      bound.data(), nullptr, nullptr, 0));
    changes_ = 0;
    const std::string_view changed = PQcmdTuples(result.get());
    std::from_chars(changed.data(), changed.data() + changed.size(), changes_);
    const int columns = PQnfields(result.get());
    Rows rows(static_cast<std::size_t>(columns));
    for (int row = 0; row < PQntuples(result.get()); ++row)
      for (int column = 0; column < columns; ++column) add_cell(rows, result.get(), row, column);
    return rows;
  }

  std::int64_t changes() const override { return changes_; }

  void begin(TransactionKind kind) override {
    switch (kind) {
      case TransactionKind::read:
        simple("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        break;
      case TransactionKind::write:
        simple("BEGIN ISOLATION LEVEL READ COMMITTED");
        break;
      case TransactionKind::alone:  // among those of this schema
        simple(
            "BEGIN ISOLATION LEVEL READ COMMITTED;"
            "SELECT pg_advisory_xact_lock(hashtext('jumun ' || current_schema()))");
        break;
    }
  }
  void commit() override {
    const Result result = simple("COMMIT");
    // A transaction in which a statement has failed is rolled back by COMMIT, without an error.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
      throw Error("25P02", "a statement of the transaction had failed: nothing of it has happened");
  }
  void rollback() override { simple("ROLLBACK"); }

  Result simple(const std::string& sql) {
    return answer_to(PQsendQuery(connection_.get(), sql.c_str()));
  }

  const Statement& prepared(std::string_view sql) {
    if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
      statements_.splice(statements_.begin(), statements_, found->second);
      return statements_.front();
    }
    Statement statement = prepare(sql);
    if (statements_.size() >= kMaxStatements) {
      const Statement& oldest = statements_.back();
      simple("DEALLOCATE " + oldest.name);
      by_sql_.erase(oldest.sql);
      statements_.pop_back();
    }
    statements_.push_front(std::move(statement));
    by_sql_.emplace(statements_.front().sql, statements_.begin());
    return statements_.front();
  }

  // The server finds out the parameters' types by where they stand.
  Statement prepare(std::string_view sql) {
    Statement statement{.sql = std::string(sql), .name = "s" + std::to_string(++last_statement_)};
    const auto spoken = spoken_by(kEngine, sql);
    PGconn* connection = connection_.get();
    answer_to(PQsendPrepare(connection, statement.name.c_str(), spoken.c_str(), 0, nullptr));
    const Result told = answer_to(PQsendDescribePrepared(connection, statement.name.c_str()));
    statement.parameters = PQnparams(told.get());
    return statement;
  }

  // The last result of what was sent; the first error ends it all.
  Result answer_to(int sent) {
    if (sent == 0) throw Error(kLost, first_line(PQerrorMessage(connection_.get())));
    const auto until = Clock::now() + kAnswerTimeout;
    Result last;
    Result failed;
    for (;;) {
      wait_for_answer(until);
      Result next(PQgetResult(connection_.get()));
      if (!next) break;
      const auto status = PQresultStatus(next.get());
      const bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
      if (fine)
        last = std::move(next);
      else if (status != PGRES_EMPTY_QUERY && !failed)
        failed = std::move(next);
    }
    if (failed) fail(failed.get());
    if (!last) throw std::logic_error("an empty statement");
    return last;
  }

  void wait_for_answer(Clock::time_point until) {
    PGconn* connection = connection_.get();
    while (PQisBusy(connection) != 0) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      pollfd socket{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
      const int ready = left.count() > 0 ? poll(&socket, 1, static_cast<int>(left.count())) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) {
        silent_ = true;
        throw Error(kLost, "the server has not answered in time");
      }
      if (PQconsumeInput(connection) == 0) return;  // lost: PQgetResult says so
    }
  }

  [[noreturn]] static void fail(const PGresult* result) {
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* sentence = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    throw Error(sqlstate != nullptr ? sqlstate : kLost,
                first_line(sentence != nullptr ? sentence : PQresultErrorMessage(result)));
  }

  // libpq gives no SQLSTATE here; whether the server answers at all tells one that refuses us from one
  // that is not there yet. It may have become ready between the two: then it takes us now.
  void connect(const Parameters& parameters) {
    for (bool again = false;; again = true) {
      connection_.reset(PQconnectdbParams(parameters.names, parameters.values, 1));
      if (PQstatus(connection_.get()) == CONNECTION_OK) return;
      const auto ping = PQpingParams(parameters.names, parameters.values, 1);
      const bool answers = ping == PQPING_OK || ping == PQPING_NO_ATTEMPT;
      if (!answers || again)
        throw Error(answers ? "08004" : "57P03", first_line(PQerrorMessage(connection_.get())));
    }
  }

  std::unique_ptr<PGconn, Finish> connection_;
  bool silent_ = false;
  std::int64_t changes_ = 0;
  std::int64_t last_statement_ = 0;
  std::list<Statement> statements_;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Statement>::iterator> by_sql_;
};

}  // namespace

std::unique_ptr<Connection> open_postgresql(const std::string& url, Access access) {
  return std::make_unique<Postgresql>(url, access);
}

}  // namespace db
