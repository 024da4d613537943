// What a traced piece of work shows of the database: its statements without their values.
#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "db/pool.h"
#include "db/temporary_database.h"
#include "telemetry/recorded_spans.h"

namespace db {
namespace {

using telemetry::RecordedSpans;

class SpansTest : public testing::TestWithParam<Engine> {
 protected:
  SpansTest() {
    pool.exclusive([](Connection& c) { c.script("CREATE TABLE note(id TEXT PRIMARY KEY)"); });
  }
  ~SpansTest() override { RecordedSpans::end(); }
  void add(const std::string& id) {
    pool.write([&](Connection& c) { c.execute("INSERT INTO note VALUES ($1)", id); });
  }

  TemporaryDatabase database{GetParam()};
  Pool pool{database.url()};
  std::shared_ptr<RecordedSpans> recorded = RecordedSpans::begin();
};
INSTANTIATE_TEST_SUITE_P(On, SpansTest, engines(), name_of_engine);

TEST_P(SpansTest, AStatementIsAChildOfItsTransactionAndThatOfTheWork) {
  const telemetry::Scope work(RecordedSpans::context("00f067aa0ba902b7"));
  add("hidden");
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[1].options.name, "write transaction");
  EXPECT_EQ(spans[1].options.parent.span_id(), "00f067aa0ba902b7");
  EXPECT_EQ(spans[0].options.name, "INSERT");
  EXPECT_EQ(spans[0].options.kind, telemetry::SpanKind::client);
  EXPECT_EQ(spans[0].options.parent.span_id(), spans[1].id);
  EXPECT_EQ(spans[0].values.at("db.system.name"),
            GetParam() == Engine::sqlite ? "sqlite" : "postgresql");
  EXPECT_EQ(spans[0].values.at("db.operation.name"), "INSERT");
  EXPECT_EQ(spans[0].values.at("db.query.text"), "INSERT INTO note VALUES ($1)");
  for (const auto& [key, value] : spans[0].values) EXPECT_EQ(value.find("hidden"), value.npos);
}

TEST_P(SpansTest, AReadIsOneTransactionTooWithoutItsBeginAndCommit) {
  const telemetry::Scope work(RecordedSpans::context("00f067aa0ba902b7"));
  pool.read([](Connection& c) { c.query("SELECT id FROM note WHERE id = $1", "hidden"); });
  const auto spans = recorded->take();
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].options.name, "SELECT");
  EXPECT_EQ(spans[1].options.name, "read transaction");
  EXPECT_EQ(spans[0].options.parent.span_id(), spans[1].id);
}

TEST_P(SpansTest, WhatFailsIsNamedByItsSqlstateAlone) {
  const telemetry::Scope work(RecordedSpans::context("00f067aa0ba902b7"));
  add("hidden");
  recorded->take();
  EXPECT_THROW(add("hidden"), Error);
  for (const auto& span : recorded->take()) EXPECT_EQ(span.error, "23505") << span.options.name;
}

TEST_P(SpansTest, OutsideOfTracedWorkThereAreNone) {
  add("a");
  EXPECT_TRUE(recorded->take().empty());
}

// On SQLite writes that wait are carried out by one thread: each stays its own work's.
TEST_P(SpansTest, ABatchsWritesStayTheirOwnWorks) {
  constexpr int kWriters = 8;
  std::latch begun(1);
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    pool.write([&](Connection& c) {
      begun.count_down();
      c.execute("INSERT INTO note VALUES ('first')");
    });
  });
  begun.wait();
  for (int i = 0; i < kWriters; ++i)
    threads.emplace_back([&, i] {
      const telemetry::Scope work(RecordedSpans::context("000000000000000" + std::to_string(i)));
      add(std::to_string(i));
    });
  for (auto& thread : threads) thread.join();
  const auto spans = recorded->take();
  std::map<std::string, std::string, std::less<>> work_of;  // by a transaction's id
  for (const auto& span : spans)
    if (span.options.name == "write transaction") work_of[span.id] = span.options.parent.span_id();
  EXPECT_EQ(work_of.size(), kWriters);
  std::map<std::string, int> statements;  // by work
  for (const auto& span : spans)
    if (span.options.name == "INSERT")
      ++statements[work_of.at(std::string(span.options.parent.span_id()))];
  EXPECT_EQ(statements.size(), kWriters);
  EXPECT_EQ(spans.size(), 2U * kWriters);
}

}  // namespace
}  // namespace db
