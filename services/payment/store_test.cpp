// The row machine in its database: random sequences against a model, threads, restarts, and what
// the schema itself refuses.
#include "payment/store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "db/temporary_database.h"

namespace ordering::payment {
namespace {

constexpr Money kPrice = Money::from_minor(10'000);

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}

// On both engines.
class PaymentStore : public testing::TestWithParam<db::Engine> {};
INSTANTIATE_TEST_SUITE_P(On, PaymentStore, db::engines(), db::name_of_engine);

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

// M1, M2, M3 and M6, from the ledger alone, and that it agrees with the rows.
void expect_invariants(Bench& bench) {
  EXPECT_EQ(bench.number("SELECT COALESCE(SUM(amount_minor), 0) FROM ledger"), 0) << "M6";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM (SELECT 1 FROM ledger WHERE account = 'revenue' "
                         "GROUP BY order_id, movement HAVING COUNT(*) > 1) AS twice"),
            0)
      << "M1, M2: one capture and one refund an order";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM ledger AS r LEFT JOIN ledger AS c ON c.order_id = "
                         "r.order_id AND c.account = r.account AND c.movement = 'CAPTURE' "
                         "WHERE r.movement = 'REFUND' "
                         "AND (c.amount_minor IS NULL OR c.amount_minor <> -r.amount_minor)"),
            0)
      << "M2: of the same amount";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM (SELECT p.amount_minor AS amount, "
                         "SUM(l.amount_minor) AS net FROM ledger AS l "
                         "JOIN payment AS p USING (order_id) WHERE account = 'revenue' "
                         "GROUP BY p.order_id) AS sums WHERE net < 0 OR net > amount"),
            0)
      << "M3: 0 <= net <= amount";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM payment AS p WHERE (SELECT COALESCE(SUM("
                         "amount_minor), 0) FROM ledger WHERE account = 'revenue' AND order_id = "
                         "p.order_id) <> CASE state WHEN 'CAPTURED' THEN amount_minor ELSE 0 END"),
            0)
      << "net is what the row says";
}

// What a payment does, told by what has happened to it and not by states.
class Model {
 public:
  std::expected<Money, Refusal> charge(Money amount, bool system_fails) {
    if (declined_) return std::unexpected(Refusal{*declined_});
    if (turned_back_) return std::unexpected(Refusal{Code::fenced});
    if (paid_ && *paid_ != amount) return std::unexpected(Refusal{Code::invalid_amount});
    if (!paid_ && amount > Money::from_minor(100'000'000)) declined_ = Code::limit_exceeded;
    if (!paid_ && !declined_ && system_fails) declined_ = Code::payment_system_error;
    if (declined_) return std::unexpected(Refusal{*declined_});
    paid_ = amount;
    return amount;
  }
  std::expected<UndoResult, Refusal> refund() {
    turned_back_ = true;
    return paid_ ? UndoResult::undone : UndoResult::nothing;
  }
  Money net() const { return paid_ && !turned_back_ ? *paid_ : Money(); }

 private:
  std::optional<Money> paid_;
  std::optional<Code> declined_;
  bool turned_back_ = false;
};

TEST_P(PaymentStore, AnswersAsTheModelInAnyOrderOfCalls) {
  Bench bench(GetParam());
  int run = 0;
  EXPECT_TRUE(rc::check("as the model", [&] {
    const auto id_of = [tag = "r" + std::to_string(++run) + "-"](int i) {
      return order(tag + std::to_string(i));
    };
    std::map<int, Model> models;
    for (int left = *rc::gen::inRange(1, 40); left > 0; --left) {
      const int i = *rc::gen::inRange(0, 3);
      if (*rc::gen::inRange(0, 5) < 2) {
        RC_ASSERT((bench.store.refund(id_of(i), now()) == models[i].refund()));
      } else {
        const auto amount = Money::from_minor(*rc::gen::element(10'000, 10'001, 100'000'001));
        const bool fails = *rc::gen::inRange(0, 4) == 0;
        RC_ASSERT((bench.store.charge(id_of(i), amount, fails, now()) ==
                   models[i].charge(amount, fails)));
      }
    }
    for (const auto& [i, model] : models) {
      Money net;
      for (const auto& entry : bench.store.ledger(id_of(i)))
        if (entry.account == "revenue") net = Money::from_minor(net.minor() + entry.amount.minor());
      RC_ASSERT((net == model.net()));
    }
    expect_invariants(bench);
  }));
}

TEST_P(PaymentStore, ThreadsOnOneOrderCaptureOnceAndRefundOnce) {
  Bench bench(GetParam());
  const auto id = order("order-1");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([store = t % 2 == 0 ? &bench.store : &bench.other, id] {
      for (int i = 0; i < 25; ++i) (void)store->charge(id, kPrice, false, now());
      for (int i = 0; i < 25; ++i) (void)store->refund(id, now());
    });
  for (auto& thread : threads) thread.join();
  expect_invariants(bench);
  EXPECT_EQ(bench.store.ledger(id).size(), 4U);
  EXPECT_EQ(bench.store.find(id)->state, State::refunded);
}

TEST_P(PaymentStore, ThreadsOnManyOrdersLoseNothing) {
  Bench bench(GetParam());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([store = t % 2 == 0 ? &bench.store : &bench.other, t] {
      for (int i = 0; i < 50; ++i) {
        // Every order is charged by two threads, every other one refunded by them too.
        const auto id = order("order-" + std::to_string(i) + "-" + std::to_string(t / 2));
        EXPECT_TRUE(store->charge(id, kPrice, false, now()) || i % 2 == 0);
        if (i % 2 == 0) EXPECT_EQ(store->refund(id, now()), UndoResult::undone);
      }
    });
  for (auto& thread : threads) thread.join();
  expect_invariants(bench);
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM payment WHERE state = 'CAPTURED'"), 50);
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM payment WHERE state = 'REFUNDED'"), 50);
}

TEST_P(PaymentStore, ALateChargeMeetsTheTombstone) {
  Bench bench(GetParam());
  const auto id = order("order-1");
  EXPECT_EQ(bench.store.refund(id, now()), UndoResult::nothing);
  EXPECT_EQ(bench.store.charge(id, kPrice, false, now()), std::unexpected(Refusal{Code::fenced}));
  EXPECT_TRUE(bench.store.ledger(id).empty());
}

TEST_P(PaymentStore, AnswersAreKeptOverARestart) {
  const db::TemporaryDatabase database(GetParam());
  {
    db::Pool pool{database.url()};
    Store store{pool};
    store.migrate();
    (void)store.charge(order("paid"), kPrice, false, now());
    (void)store.charge(order("declined"), kPrice, true, now());
  }
  db::Pool pool{database.url()};
  Store store{pool};
  store.migrate();
  EXPECT_EQ(store.charge(order("paid"), kPrice, true, now()), kPrice);
  EXPECT_EQ(store.charge(order("declined"), kPrice, false, now()),
            std::unexpected(Refusal{Code::payment_system_error}));
}

TEST_P(PaymentStore, TheLedgerIsOnlyAppendedToAndRowsOnlyMoveForward) {
  Bench bench(GetParam());
  (void)bench.store.charge(order("a"), kPrice, false, now());
  (void)bench.store.charge(order("b"), kPrice, true, now());
  (void)bench.store.refund(order("c"), now());
  for (const std::string sql :
       {"UPDATE ledger SET amount_minor = 1", "DELETE FROM ledger", "DELETE FROM payment",
        "UPDATE payment SET amount_minor = 1 WHERE order_id = 'a'",
        "UPDATE payment SET state = 'VOID', amount_minor = 10000 WHERE order_id = 'a'",
        "UPDATE payment SET state = 'CAPTURED', refusal = NULL WHERE order_id = 'b'",
        "UPDATE payment_event SET at = 0", "DELETE FROM payment_event",
        "INSERT INTO payment VALUES ('a', 'CAPTURED', 1, NULL, 0)",
        "INSERT INTO ledger (at, order_id, movement, account, amount_minor) "
        "VALUES (0, 'a', 'CAPTURE', 'revenue', 10000)"}) {
    EXPECT_THROW(bench.pool.write([&](db::Connection& c) { c.execute(sql); }), db::Error) << sql;
  }
  expect_invariants(bench);
}

TEST_P(PaymentStore, LedgerEntriesAreInOrderAndOfTheOrderAlone) {
  Bench bench(GetParam());
  (void)bench.store.charge(order("a"), kPrice, false, now());
  (void)bench.store.charge(order("b"), kPrice, false, now());
  const auto entries = bench.store.ledger(order("b"));
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_LT(entries[0].seq, entries[1].seq);
  EXPECT_EQ(entries[0].account, "customer");
  EXPECT_EQ(entries[0].amount.minor(), -10'000);
  EXPECT_EQ(entries[1].account, "revenue");
  EXPECT_EQ(entries[1].amount.minor(), 10'000);
  EXPECT_EQ(entries[1].order_id, "b");
}

}  // namespace
}  // namespace ordering::payment
