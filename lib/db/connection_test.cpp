#include "db/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <vector>

#include "db/temporary_database.h"

namespace db {
namespace {

using testing::HasSubstr;

class ConnectionTest : public testing::TestWithParam<Engine> {
 protected:
  ConnectionTest() {
    connection->script(
        "CREATE TABLE account(name TEXT PRIMARY KEY, amount BIGINT CHECK(amount >= 0), "
        "rate DOUBLE PRECISION, open BOOLEAN);"
        "CREATE TABLE entry(account TEXT NOT NULL REFERENCES account(name))");
  }
  std::string sqlstate_of(std::string_view sql) {
    try {
      connection->execute(sql);
      return "none";
    } catch (const Error& error) {
      return error.sqlstate();
    }
  }
  TemporaryDatabase database{GetParam()};
  std::unique_ptr<Connection> connection = open(database.url());
};
INSTANTIATE_TEST_SUITE_P(On, ConnectionTest, engines(), name_of_engine);

TEST_P(ConnectionTest, ValuesComeBackAsTheyWentIn) {
  const auto* insert = "INSERT INTO account VALUES ($1, $2, $3, $4)";
  connection->execute(insert, "a", INT64_MAX, 0.1, true);
  connection->execute(insert, "주문 'b'\n", nullptr, std::optional<double>(), false);
  const Rows rows = connection->query("SELECT name, amount, rate, open FROM account ORDER BY name");
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].text(0), "a");
  EXPECT_EQ(rows[0].integer(1), INT64_MAX);
  EXPECT_EQ(rows[0].real(2), 0.1);
  EXPECT_TRUE(rows[0].boolean(3));
  EXPECT_EQ(rows[1].text(0), "주문 'b'\n");
  EXPECT_FALSE(rows[1].boolean(3));
  EXPECT_TRUE(rows[1].null(1));
  EXPECT_EQ(rows[1].optional_integer(1), std::nullopt);
  EXPECT_EQ(rows[1].optional_text(2), std::nullopt);
  std::size_t seen = 0;
  for (const Row row : rows) seen += row.text(0).size();
  EXPECT_EQ(seen, 1 + std::string_view("주문 'b'\n").size());
}

TEST_P(ConnectionTest, AZeroByteInATextIsKeptOrRefusedButNeverCutOff) {
  constexpr std::string_view kText("a\0b", 3);
  try {
    connection->execute("INSERT INTO account(name) VALUES ($1)", kText);
    EXPECT_EQ(connection->query("SELECT name FROM account")[0].text(0), kText);
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "22021");
  }
}

TEST_P(ConnectionTest, ASumOfWholeNumbersIsOne) {
  connection->execute("INSERT INTO account(name, amount) VALUES ('a', 2), ('b', 3)");
  EXPECT_EQ(connection->query("SELECT SUM(amount) FROM account")[0].integer(0), 5);
}

TEST_P(ConnectionTest, AnEmptyTextIsNotNull) {
  connection->execute("INSERT INTO account(name) VALUES ($1)", std::string_view());
  EXPECT_EQ(connection->query("SELECT name FROM account")[0].text(0), "");
}

TEST_P(ConnectionTest, ParametersGoByNumberNotByPlace) {
  const Rows rows = connection->query("SELECT $2, $1, $2 || $1", "one", "two");
  EXPECT_EQ(rows[0].text(0), "two");
  EXPECT_EQ(rows[0].text(1), "one");
  EXPECT_EQ(rows[0].text(2), "twoone");
}

TEST_P(ConnectionTest, OnConflictAndReturning) {
  const auto* sql =
      "INSERT INTO account(name, amount) VALUES ($1, $2) "
      "ON CONFLICT (name) DO UPDATE SET amount = account.amount + excluded.amount RETURNING amount";
  EXPECT_EQ(connection->query(sql, "a", 1)[0].integer(0), 1);
  EXPECT_EQ(connection->query(sql, "a", 2)[0].integer(0), 3);
}

TEST_P(ConnectionTest, CountsWhatItChanged) {
  EXPECT_EQ(connection->execute("INSERT INTO account(name) VALUES ('a'), ('b')"), 2);
  EXPECT_EQ(connection->execute("UPDATE account SET amount = 1 WHERE name = $1", "c"), 0);
}

TEST_P(ConnectionTest, ErrorsHavePostgresStates) {
  connection->execute("INSERT INTO account(name) VALUES ('a')");
  EXPECT_EQ(sqlstate_of("INSERT INTO account(name) VALUES ('a')"), "23505");
  EXPECT_EQ(sqlstate_of("INSERT INTO account VALUES ('b', -1, 0, TRUE)"), "23514");
  EXPECT_EQ(sqlstate_of("INSERT INTO entry VALUES ('nobody')"), "23503");
  EXPECT_EQ(sqlstate_of("INSERT INTO entry VALUES (NULL)"), "23502");
  EXPECT_EQ(sqlstate_of("SELECT nonsense FROM"), GetParam() == Engine::sqlite ? "HY000" : "42601");
  EXPECT_TRUE(Error("23505", "").unique_violation());
  EXPECT_TRUE(Error("55P03", "").busy() && Error("55P03", "").transient());
  EXPECT_FALSE(Error("23505", "").transient());
}

TEST_P(ConnectionTest, MistakesOfTheCallerAreLogicErrors) {
  EXPECT_THROW(connection->query("SELECT $1"), std::logic_error);
  EXPECT_THROW(connection->query("SELECT 1", 2), std::logic_error);
  for (const auto* sql : {"SELECT ?", "SELECT $2", "SELECT 1; SELECT 2"})
    EXPECT_ANY_THROW(connection->query(sql, 1)) << sql;
  EXPECT_THROW(connection->query(""), std::logic_error);
  const Rows rows = connection->query("SELECT 'a', NULL");
  EXPECT_THROW(rows[0].integer(0), std::logic_error);
  EXPECT_THROW(rows[0].text(1), std::logic_error);
  EXPECT_THROW(rows[0].text(2), std::logic_error);
  EXPECT_THROW(rows[1], std::out_of_range);
}

TEST_P(ConnectionTest, MoreStatementsThanAreKept) {
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 2 * Connection::kMaxStatements; ++i) {
      EXPECT_EQ(connection->query("SELECT $1 + " + std::to_string(i), 1)[0].integer(0), i + 1);
    }
  }
}

TEST_P(ConnectionTest, ATransactionIsAllOrNothing) {
  {
    Transaction transaction(*connection);
    connection->execute("INSERT INTO account(name) VALUES ('lost')");
  }
  EXPECT_FALSE(connection->in_transaction());
  {
    Transaction transaction(*connection);
    connection->execute("INSERT INTO account(name) VALUES ('kept')");
    transaction.commit();
  }
  const Rows rows = connection->query("SELECT name FROM account");
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].text(0), "kept");
}

TEST_P(ConnectionTest, AFailedStatementsTransactionDoesNotCountAsCommitted) {
  connection->execute("INSERT INTO account(name) VALUES ('a')");
  bool committed = false;
  try {
    Transaction transaction(*connection);
    connection->execute("INSERT INTO account(name) VALUES ('b')");
    EXPECT_EQ(sqlstate_of("INSERT INTO account(name) VALUES ('a')"), "23505");
    transaction.commit();
    committed = true;
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "25P02");
  }
  EXPECT_EQ(connection->query("SELECT name FROM account").size(), committed ? 2 : 1);
}

TEST(Sqlite, ACommitIsFlushedAndForeignKeysHold) {
  const TemporaryDatabase database;
  const auto connection = open(database.url());
  EXPECT_EQ(connection->query("PRAGMA journal_mode")[0].text(0), "wal");
  EXPECT_EQ(connection->query("PRAGMA synchronous")[0].integer(0), 2);
  EXPECT_EQ(connection->query("PRAGMA foreign_keys")[0].integer(0), 1);
}

TEST_P(ConnectionTest, AReaderCannotWrite) {
  auto reader = open(database.url(), Access::read);
  EXPECT_EQ(reader->query("SELECT count(*) FROM account")[0].integer(0), 0);
  EXPECT_THROW(reader->execute("INSERT INTO account(name) VALUES ('a')"), Error);
}

TEST_P(ConnectionTest, ManyMayOpenAFreshDatabaseAtOnce) {
  const TemporaryDatabase fresh(GetParam());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { EXPECT_NO_THROW(open(fresh.url())->ping()); });
}

TEST_P(ConnectionTest, IsWhole) {
  EXPECT_NO_THROW(connection->check_integrity());
  EXPECT_NO_THROW(connection->ping());
}

TEST(Sqlite, DamageIsFound) {
  const TemporaryDatabase other;
  open(other.url());
  std::ofstream(other.path(), std::ios::binary) << std::string(8192, 'x');
  try {
    open(other.url())->check_integrity();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "XX001");
  }
}

TEST(Open, SaysWhatItTakes) {
  const auto message = [](std::string_view url) -> std::string {
    try {
      open(url);
      return "opened";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(message("mysql://"), HasSubstr("sqlite:PATH or postgresql://"));
  EXPECT_THAT(message("sqlite:"), HasSubstr("sqlite:PATH"));
  EXPECT_THAT(message("sqlite:/dev/null/shop.db"), HasSubstr("/dev/null/shop.db"));
}

}  // namespace
}  // namespace db
