// What PostgreSQL alone can do: refuse, hang, lose its connections, and decide by many at once.
#include "db/postgresql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "db/pool.h"
#include "db/temporary_database.h"

namespace db {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PostgresqlTest : public testing::Test {
 protected:
  PostgresqlTest() {
    pool.exclusive([](Connection& c) {
      c.script("CREATE TABLE note(id TEXT PRIMARY KEY); CREATE TABLE stock(left_over BIGINT)");
    });
  }
  std::int64_t add(const std::string& id) {
    return pool.write([&](Connection& c) {
      return c.execute("INSERT INTO note VALUES ($1) ON CONFLICT DO NOTHING", id);
    });
  }
  std::int64_t number(const std::string& sql) {
    return pool.read([&](Connection& c) { return c.query(sql)[0].integer(0); });
  }
  // Of all the others in this test's database.
  void end_connections() {
    open(postgresql_url())
        ->query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
  }

  TemporaryDatabase database{Engine::postgresql};
  Pool pool{database.url()};
};

Error refusal(const std::string& url) {
  try {
    open(url);
  } catch (const Error& error) {
    return error;
  }
  return {"00000", "opened"};
}

TEST_F(PostgresqlTest, SaysWhatIsWrongWithAUrlAndNeverRepeatsAPassword) {
  EXPECT_THAT(refusal("postgresql://u:hunter2@127.0.0.1:port/d").what(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(
      refusal("postgresql://u:hunter2%@127.0.0.1/d").what(),
      AllOf(HasSubstr("postgresql://USER:PASSWORD@HOST:PORT/DATABASE"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(refusal("postgresql://u:hunt@er2@127.0.0.1/d").what(),
              AllOf(HasSubstr("%40"), Not(HasSubstr("er2"))));
  EXPECT_THAT(refusal("postgresql://u:p@127.0.0.1/d?nonsense=1").what(), HasSubstr("not a URL"));
}

TEST_F(PostgresqlTest, TellsAServerThatRefusesFromOneThatIsNotThere) {
  const auto url = postgresql_url();
  const auto at = url.find('@');
  const auto refused = refusal("postgresql://postgres:wrong" + url.substr(at));
  EXPECT_FALSE(refused.cannot_connect_now());
  EXPECT_THAT(refused.what(), AllOf(HasSubstr("password authentication failed"),
                                    Not(HasSubstr("wrong")), Not(HasSubstr("\n"))));
  const auto absent = refusal("postgresql://postgres:secret@127.0.0.1:1/postgres");
  EXPECT_TRUE(absent.cannot_connect_now() && absent.transient());
  EXPECT_THAT(absent.what(),
              AllOf(HasSubstr("refused"), Not(HasSubstr("secret")), Not(HasSubstr("\n"))));
}

TEST_F(PostgresqlTest, AServerThatIsStartingHasNotRefusedAnybody) {
  for (int round = 0; round < 3; ++round) {
    std::atomic<bool> started = false;
    const std::jthread restart([&] {
      restart_postgresql();
      started = true;
    });
    while (!started) EXPECT_NE(refusal(database.url()).sqlstate(), "08004");
  }
}

TEST_F(PostgresqlTest, ConnectionsThatWereEndedAreReplaced) {
  add("a");
  EXPECT_EQ(number("SELECT count(*) FROM note"), 1);
  end_connections();
  EXPECT_EQ(number("SELECT count(*) FROM note"), 1);
  EXPECT_EQ(add("b"), 1);
  EXPECT_TRUE(pool.answers());
}

TEST_F(PostgresqlTest, AWriteThatLosesItsConnectionBeforeTheCommitRunsAgain) {
  int runs = 0;
  pool.write([&](Connection& c) {
    c.execute("INSERT INTO note VALUES ('a')");
    if (++runs == 1) end_connections();
    c.execute("INSERT INTO note VALUES ('b')");
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(number("SELECT count(*) FROM note"), 2);
}

TEST_F(PostgresqlTest, AWriteThatLosesItsConnectionAmidTheCommitIsNotRepeated) {
  int runs = 0;
  try {
    pool.write([&](Connection& c) {
      c.execute("INSERT INTO note VALUES ('a')");
      ++runs;
      end_connections();
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.commit_unknown() && error.transient());
  }
  EXPECT_EQ(runs, 1);
}

TEST_F(PostgresqlTest, AStatementThatTakesTooLongIsEnded) {
  const auto connection = open(database.url());
  connection->script("SET statement_timeout = 50");
  try {
    connection->query("SELECT pg_sleep(60)");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.sqlstate(), "57014");
  }
  EXPECT_TRUE(connection->usable());
}

TEST_F(PostgresqlTest, WaitingForALockIsBounded) {
  add("a");
  const auto holder = open(database.url());
  const Transaction transaction(*holder);
  const auto select = "SELECT id FROM note" + std::string(kForUpdate);
  holder->query(select);
  const auto other = open(database.url());
  other->script("SET lock_timeout = 50");
  const Transaction waiting(*other);
  try {
    other->query(select);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.busy());
  }
}

// A read, a decision in the program, a write: right only because the row is locked as it is read.
TEST_F(PostgresqlTest, WhoDecidesByALockedRowDecidesOnce) {
  pool.write([](Connection& c) { c.execute("INSERT INTO stock VALUES (50)"); });
  Pool other(database.url());
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 9; ++t)
    threads.emplace_back([&taken, pool = t % 2 == 0 ? &pool : &other] {
      for (int i = 0; i < 10; ++i)
        taken += pool->write([](Connection& c) {
          const auto left = c.query("SELECT left_over FROM stock" + std::string(kForUpdate));
          if (left[0].integer(0) == 0) return 0;
          c.execute("UPDATE stock SET left_over = $1", left[0].integer(0) - 1);
          return 1;
        });
    });
  threads.clear();
  EXPECT_EQ(taken, 50);
  EXPECT_EQ(number("SELECT left_over FROM stock"), 0);
}

// Everybody repeats what failed, as activities do: each row is there once, and none is missing.
TEST_F(PostgresqlTest, AServerKilledAndStartedAmidActivityLosesNothing) {
  std::atomic<int> written = 0;
  std::atomic<int> failures = 0;
  std::atomic<bool> enough = false;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !enough; ++i) {
        const auto id = std::to_string(t) + "-" + std::to_string(i);
        for (bool done = false; !done;) {
          try {
            add(id);
            done = true;
            ++written;
          } catch (const Error& error) {
            EXPECT_TRUE(error.transient()) << error.sqlstate() << " " << error.what();
            ++failures;
          }
        }
      }
    });
  const auto wait_for_more = [&] {
    for (const int until = written + 50; written < until;) std::this_thread::yield();
  };
  wait_for_more();
  end_connections();
  wait_for_more();
  restart_postgresql();
  wait_for_more();
  enough = true;
  threads.clear();
  EXPECT_GT(failures, 0);
  EXPECT_EQ(number("SELECT count(*) FROM note"), written);
}

}  // namespace
}  // namespace db
