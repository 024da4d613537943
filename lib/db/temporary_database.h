// For tests: a database of its own that is gone afterwards, on each engine.
//
//   class StoreTest : public testing::TestWithParam<db::Engine> {
//     db::TemporaryDatabase database{GetParam()};
//   };
//   INSTANTIATE_TEST_SUITE_P(On, StoreTest, db::engines(), db::name_of_engine);
//
// PostgreSQL is a server of the test program's own, started when it is first needed (tools/postgres);
// a database is a schema in it.
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace db {

enum class Engine { sqlite, postgresql };

inline auto engines() {
  return testing::Values(Engine::sqlite, Engine::postgresql);
}
std::string name_of_engine(const testing::TestParamInfo<Engine>& info);

class TemporaryDatabase {
 public:
  explicit TemporaryDatabase(Engine engine = Engine::sqlite);
  ~TemporaryDatabase();
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

  std::string url() const { return url_; }
  std::string path() const { return (folder_ / "store" / "test.db").string(); }  // of SQLite's

 private:
  std::filesystem::path folder_;
  std::string schema_;
  std::string url_;
};

// Of the test program's PostgreSQL.
std::string postgresql_url();
// Kills it, as a power cut would, and starts it again; its data and its address stay.
void restart_postgresql();

}  // namespace db
