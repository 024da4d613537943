#include "db/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "db/temporary_database.h"
#include "example/migrations.h"

namespace db {
namespace {

using testing::HasSubstr;

std::int64_t versions(Pool& pool) {
  return pool.read(
      [](Connection& c) { return c.query("SELECT count(*) FROM schema_version")[0].integer(0); });
}

class Migrate : public testing::TestWithParam<Engine> {
 protected:
  const TemporaryDatabase database{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(On, Migrate, engines(), name_of_engine);

TEST_P(Migrate, RunsEachOnce) {
  Pool pool{database.url()};
  EXPECT_EQ(migrate(pool, std::span(example::kMigrations).first(1)), 1);
  EXPECT_EQ(migrate(pool, example::kMigrations), 2);
  EXPECT_EQ(migrate(pool, example::kMigrations), 2);
  EXPECT_EQ(versions(pool), 2);
  pool.write([](Connection& c) { c.execute("INSERT INTO note(id, body) VALUES ('a', 'b')"); });
  const auto author = pool.read(
      [](Connection& c) { return std::string(c.query("SELECT author FROM note")[0].text(0)); });
  EXPECT_EQ(author, "\"nobody\"");
}

TEST_P(Migrate, ProgramsThatStartTogetherDoNotMeet) {
  std::vector<std::jthread> programs;
  for (int i = 0; i < 6; ++i) {
    programs.emplace_back([&] {
      Pool pool{database.url()};
      EXPECT_NO_THROW(migrate(pool, example::kMigrations));
    });
  }
  programs.clear();
  Pool pool{database.url()};
  EXPECT_EQ(versions(pool), 2);
}

TEST_P(Migrate, RefusesANewerDatabase) {
  Pool pool{database.url()};
  migrate(pool, example::kMigrations);
  try {
    migrate(pool, std::span(example::kMigrations).first(1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("schema version 2 or more, newer than this program's 1"));
  }
}

TEST_P(Migrate, RefusesAnotherProgramsDatabase) {
  Pool pool{database.url()};
  migrate(pool, example::kMigrations);
  const Migration other[] = {{1, "0001_payments", ""}, {2, "0002_more", ""}};
  try {
    migrate(pool, other);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("another program's: its schema version 1 is "
                                        "0001_create_note, not 0001_payments"));
  }
}

TEST_P(Migrate, OneThatFailsLeavesNothingOfItself) {
  Pool pool{database.url()};
  const Migration broken[] = {example::kMigrations[0],
                              {2, "0002_broken", "CREATE TABLE half(id TEXT); CREATE nonsense;"}};
  EXPECT_THROW(migrate(pool, broken), Error);
  EXPECT_EQ(versions(pool), 1);
  EXPECT_EQ(migrate(pool, example::kMigrations), 2);
}

TEST_P(Migrate, NumbersHaveNoGap) {
  Pool pool{database.url()};
  EXPECT_THROW(migrate(pool, std::span(example::kMigrations).last(1)), std::logic_error);
}

}  // namespace
}  // namespace db
