// The row machine in its database: random sequences against a model, threads, and what the schema
// itself refuses.
#include "delivery/store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <thread>
#include <vector>

#include "db/temporary_database.h"

namespace ordering::delivery {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{1'000'000ms};

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}

// On both engines.
class DeliveryStore : public testing::TestWithParam<db::Engine> {};
INSTANTIATE_TEST_SUITE_P(On, DeliveryStore, db::engines(), db::name_of_engine);

struct Bench {
  explicit Bench(db::Engine engine) : database(engine) { store.migrate(); }
  db::TemporaryDatabase database;
  db::Pool pool{database.url()};
  Store store{pool};
  // As another process of the service.
  db::Pool other_pool{database.url()};
  Store other{other_pool};

  std::int64_t number(const std::string& sql) {
    return pool.read([&](db::Connection& c) { return c.query(sql)[0].integer(0); });
  }
};

// D1 and D4: one history an order, and only ones that move forward.
void expect_invariants(Bench& bench) {
  // In the order of their moments, those of one millisecond in their own.
  constexpr auto kWays =
      "SELECT /*sqlite group_concat*/ /*postgresql string_agg*/ (state, '>') AS way, "
      "max(at) AS last, order_id FROM (SELECT order_id, state, at FROM delivery_event "
      "ORDER BY at, /*sqlite instr*/ /*postgresql strpos*/ "
      "('REQUESTED DEPARTED IN_TRANSIT DELIVERED CANCELLED', state)) AS events GROUP BY order_id";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM (" + std::string(kWays) +
                         ") AS ways WHERE way NOT IN ('VOID', 'REJECTED', 'REQUESTED', "
                         "'REQUESTED>CANCELLED', 'REQUESTED>DEPARTED', "
                         "'REQUESTED>DEPARTED>IN_TRANSIT', "
                         "'REQUESTED>DEPARTED>IN_TRANSIT>DELIVERED')"),
            0)
      << "D4";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM delivery AS d JOIN (" + std::string(kWays) +
                         ") AS w USING (order_id) WHERE w.way <> d.state AND w.way NOT LIKE "
                         "'%>' || d.state OR w.last <> d.since"),
            0)
      << "D1: the row is its last event";
}

// What a delivery does, told by the time of its request and not by states.
class Model {
 public:
  std::expected<State, Refusal> proceed(Timestamp when, bool couriers) {
    if (rejected_) return std::unexpected(Refusal{Code::no_available_courier});
    if (cancelled_) return std::unexpected(Refusal{Code::fenced});
    if (!began_ && !couriers) {
      rejected_ = true;
      return std::unexpected(Refusal{Code::no_available_courier});
    }
    constexpr std::array stays{2s, 2s, 1s, 0s};
    if (!began_) {
      began_ = when;
    } else if (stage_ < 3 && when >= *began_ + stays[stage_]) {
      began_ = when;
      ++stage_;
    }
    constexpr std::array names{State::requested, State::departed, State::in_transit,
                               State::delivered};
    return names[stage_];
  }
  std::expected<UndoResult, Refusal> cancel() {
    if (rejected_) return UndoResult::nothing;
    if (stage_ > 0) return std::unexpected(Refusal{Code::already_started});
    cancelled_ = true;
    return began_ ? UndoResult::undone : UndoResult::nothing;
  }

 private:
  std::optional<Timestamp> began_;
  std::size_t stage_ = 0;
  bool rejected_ = false, cancelled_ = false;
};

TEST_P(DeliveryStore, AnswersAsTheModelInAnyOrderOfCalls) {
  Bench bench(GetParam());
  int run = 0;
  EXPECT_TRUE(rc::check("as the model", [&] {
    const auto id_of = [tag = "r" + std::to_string(++run) + "-"](int i) {
      return order(tag + std::to_string(i) + "x");
    };
    const Timetable timetable;
    std::map<int, Model> models;
    bool couriers = true;
    bench.store.set_couriers(1, kStart);
    Timestamp when = kStart;
    for (int left = *rc::gen::inRange(1, 60); left > 0; --left) {
      when += std::chrono::milliseconds(*rc::gen::inRange(0, 1500));
      const int i = *rc::gen::inRange(0, 3);
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
          RC_ASSERT((bench.store.cancel(id_of(i), when) == models[i].cancel()));
          break;
        case 1:
          couriers = !couriers;
          bench.store.set_couriers(couriers ? 1 : 0, when);
          break;
        default: {
          const auto expected = models[i].proceed(when, couriers);
          const auto answer = bench.store.proceed(id_of(i), timetable, when);
          RC_ASSERT((answer.has_value() == expected.has_value()));
          if (answer)
            RC_ASSERT((answer->state == *expected));
          else
            RC_ASSERT((answer.error() == expected.error()));
        }
      }
    }
    expect_invariants(bench);
  }));
}

TEST_P(DeliveryStore, ADeliveryTakesItsTimeThroughEveryStage) {
  Bench bench(GetParam());
  const Timetable timetable;
  const auto id = order("order-1");
  std::vector<State> seen;
  Timestamp when = kStart;
  for (int calls = 0; calls < 10; ++calls) {
    const auto progress = bench.store.proceed(id, timetable, when).value();
    seen.push_back(progress.state);
    if (progress.state == State::delivered) break;
    when = progress.next;
  }
  EXPECT_EQ(seen,
            (std::vector{State::requested, State::departed, State::in_transit, State::delivered}));
  EXPECT_EQ(when, kStart + 5s);
  const auto stored = bench.store.find(id).value();
  ASSERT_EQ(stored.changes.size(), 4U);
  EXPECT_EQ(stored.changes[1].at, kStart + 2s);
  EXPECT_EQ(stored.changes[3].at, kStart + 5s);
  expect_invariants(bench);
}

TEST_P(DeliveryStore, EitherTheCourierDepartsOrTheCancelWins) {
  Bench bench(GetParam());
  const Timetable at_once(0);
  for (int i = 0; i < 40; ++i) {
    const auto id = order("order-" + std::to_string(i) + "x");
    std::expected<UndoResult, Refusal> cancelled = UndoResult::nothing;
    std::thread courier([&] {
      for (int calls = 0; calls < 5; ++calls) (void)bench.store.proceed(id, at_once, now());
    });
    std::thread person([&] { cancelled = bench.other.cancel(id, now()); });
    courier.join();
    person.join();
    const auto state = bench.store.find(id)->row.state;
    if (cancelled)
      EXPECT_EQ(state, *cancelled == UndoResult::undone ? State::cancelled : State::voided);
    else
      EXPECT_EQ(state, State::delivered);
  }
  expect_invariants(bench);
}

TEST_P(DeliveryStore, TwoWorkersOnOneDeliveryMakeOneHistory) {
  Bench bench(GetParam());
  const Timetable at_once(0);
  std::vector<std::thread> workers;
  for (int t = 0; t < 3; ++t)
    workers.emplace_back([&at_once, store = t == 0 ? &bench.store : &bench.other] {
      for (int i = 0; i < 30; ++i)
        for (int calls = 0; calls < 4; ++calls)
          EXPECT_TRUE(store->proceed(order("o" + std::to_string(i) + "x"), at_once, now()));
    });
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM delivery WHERE state = 'DELIVERED'"), 30);
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM delivery_event"), 120);
  expect_invariants(bench);
}

TEST_P(DeliveryStore, WithoutCouriersNewDeliveriesAreRefusedAndStayRefused) {
  Bench bench(GetParam());
  const Timetable timetable;
  bench.store.set_couriers(0, now());
  EXPECT_EQ(bench.store.proceed(order("order-1"), timetable, now()).error(),
            Refusal{Code::no_available_courier});
  bench.store.set_couriers(3, now());
  EXPECT_EQ(bench.store.proceed(order("order-1"), timetable, now()).error(),
            Refusal{Code::no_available_courier});
  EXPECT_TRUE(bench.store.proceed(order("order-2"), timetable, now()));
}

TEST_P(DeliveryStore, RowsOnlyMoveForwardAndEventsAreOnlyAppendedTo) {
  Bench bench(GetParam());
  const Timetable at_once(0);
  (void)bench.store.proceed(order("a"), at_once, now());
  (void)bench.store.proceed(order("a"), at_once, now());
  for (const std::string sql :
       {"UPDATE delivery SET state = 'REQUESTED'", "UPDATE delivery SET state = 'CANCELLED'",
        "UPDATE delivery SET state = 'DELIVERED'", "DELETE FROM delivery",
        "DELETE FROM delivery_event", "UPDATE delivery_event SET at = 0",
        "INSERT INTO delivery VALUES ('a', 'REQUESTED', 0, NULL)",
        "INSERT INTO couriers (at, available) VALUES (0, -1)"}) {
    EXPECT_THROW(bench.pool.write([&](db::Connection& c) { c.execute(sql); }), db::Error) << sql;
  }
  expect_invariants(bench);
}

}  // namespace
}  // namespace ordering::delivery
