#include "db/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "db/temporary_database.h"

namespace db {
namespace {

using namespace std::chrono_literals;

class PoolTest : public testing::TestWithParam<Engine> {
 protected:
  PoolTest() {
    pool.exclusive([](Connection& c) { c.script("CREATE TABLE note(id TEXT PRIMARY KEY)"); });
  }
  void add(const std::string& id) {
    pool.write([&](Connection& c) { c.execute("INSERT INTO note VALUES ($1)", id); });
  }
  std::int64_t count() {
    return pool.read(
        [](Connection& c) { return c.query("SELECT count(*) FROM note")[0].integer(0); });
  }
  TemporaryDatabase database{GetParam()};
  Pool pool{database.url(), {.readers = 2, .wait = 10s}};
};
INSTANTIATE_TEST_SUITE_P(On, PoolTest, engines(), name_of_engine);

TEST_P(PoolTest, WhatIsWrittenIsRead) {
  add("a");
  EXPECT_EQ(count(), 1);
  EXPECT_TRUE(pool.answers());
}

TEST_P(PoolTest, ABodyThatThrowsLeavesNothing) {
  EXPECT_THROW(pool.write([](Connection& c) {
    c.execute("INSERT INTO note VALUES ('a')");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(count(), 0);
  add("a");
  EXPECT_THROW(add("a"), Error);
  EXPECT_EQ(count(), 1);
}

TEST_P(PoolTest, AReadCannotWrite) {
  EXPECT_THROW(pool.read([](Connection& c) { c.execute("INSERT INTO note VALUES ('a')"); }), Error);
  EXPECT_EQ(count(), 0);
}

TEST_P(PoolTest, AReadSeesOneMoment) {
  pool.read([&](Connection& c) {
    const auto before = c.query("SELECT count(*) FROM note")[0].integer(0);
    add("a");
    EXPECT_EQ(c.query("SELECT count(*) FROM note")[0].integer(0), before);
  });
  EXPECT_EQ(count(), 1);
}

TEST_P(PoolTest, AWriteInsideAWriteIsRefused) {
  EXPECT_THROW(pool.write([&](Connection&) { add("a"); }), std::logic_error);
  add("b");
}

// On SQLite: while one writes, others queue; they are then committed together, and each has its own
// outcome.
TEST_P(PoolTest, WaitingWritesShareACommitButNotTheirFailures) {
  add("taken");
  std::promise<void> begun;
  std::promise<void> may_end;
  std::jthread first([&] {
    pool.write([&](Connection& c) {
      begun.set_value();
      may_end.get_future().wait();
      c.execute("INSERT INTO note VALUES ('first')");
    });
  });
  begun.get_future().wait();

  constexpr int kWriters = 20;
  std::atomic<int> waiting = 0;
  std::atomic<int> succeeded = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      ++waiting;
      try {
        add(i % 2 == 0 ? "note-" + std::to_string(i) : "taken");
        ++succeeded;
      } catch (const Error& error) {
        EXPECT_TRUE(error.unique_violation());
        ++refused;
      }
    });
  }
  while (waiting < kWriters) std::this_thread::yield();
  may_end.set_value();
  writers.clear();
  first.join();
  EXPECT_EQ(succeeded, kWriters / 2);
  EXPECT_EQ(refused, kWriters / 2);
  EXPECT_EQ(count(), 2 + kWriters / 2);
}

TEST_P(PoolTest, ManyThreadsReadAndWrite) {
  constexpr int kThreads = 8;
  constexpr int kNotes = 50;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kNotes; ++n) {
        add(std::to_string(t) + "-" + std::to_string(n));
        EXPECT_GT(count(), n);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(count(), kThreads * kNotes);
}

TEST_P(PoolTest, WaitingIsBounded) {
  Pool other{database.url(), {.readers = 1, .writers = 1, .wait = 20ms}};
  other.read([&](Connection& c) {
    c.query("SELECT 1");
    try {
      std::async(std::launch::async, [&] { other.read([](Connection&) {}); }).get();
      ADD_FAILURE() << "two used one connection";
    } catch (const Error& error) {
      EXPECT_TRUE(error.busy());
    }
  });
  other.write([&](Connection&) {
    try {
      std::async(std::launch::async, [&] { other.write([](Connection&) {}); }).get();
      ADD_FAILURE() << "two wrote at once";
    } catch (const Error& error) {
      EXPECT_TRUE(error.busy());
    }
  });
  EXPECT_NO_THROW(other.write([](Connection& c) { c.query("SELECT 1"); }));
}

TEST_P(PoolTest, AWriteThatHasLostARaceRunsAgainAFewTimes) {
  int runs = 0;
  pool.write([&](Connection& c) {
    c.execute("INSERT INTO note VALUES ('a')");
    if (++runs < 3) throw Error("40001", "lost");
  });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(count(), 1);
  EXPECT_THROW(pool.write([](Connection&) { throw Error("40001", "lost"); }), Error);
}

TEST_P(PoolTest, ReturnsWhatTheBodyReturns) {
  auto held = pool.write([](Connection&) { return std::make_unique<int>(7); });
  EXPECT_EQ(*held, 7);
}

}  // namespace
}  // namespace db
