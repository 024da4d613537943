// The row machine in its database: the catalogue, random sequences against a model, threads, and
// what the schema itself refuses.
#include "inventory/store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "db/temporary_database.h"

namespace ordering::inventory {
namespace {

OrderId order(const std::string& text) {
  return OrderId::parse(text).value();
}
ItemId item(const std::string& text) {
  return ItemId::parse(text).value();
}

// On both engines.
class InventoryStore : public testing::TestWithParam<db::Engine> {};
INSTANTIATE_TEST_SUITE_P(On, InventoryStore, db::engines(), db::name_of_engine);

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
  std::int64_t available(const std::string& id) { return store.find(item(id)).value().available; }
};

// S1, S2 and S3, and that stock, rows and events agree.
void expect_invariants(Bench& bench) {
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM item WHERE available < 0 OR reserved < 0"), 0)
      << "S1";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM item WHERE CASE WHEN initial < 0 THEN 0 ELSE "
                         "initial END + (SELECT COALESCE(SUM("
                         "delta), 0) FROM adjustment AS a WHERE a.item_id = item.item_id) "
                         "<> available + reserved"),
            0)
      << "S2";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM (SELECT 1 FROM stock_event WHERE state = 'RESERVED' "
                         "GROUP BY order_id HAVING COUNT(*) > 1) AS twice"),
            0)
      << "S3";
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM item WHERE reserved <> (SELECT COUNT(*) FROM "
                         "reservation AS r WHERE r.item_id = item.item_id AND state = 'RESERVED')"),
            0)
      << "reserved is what the rows say";
}

TEST_P(InventoryStore, StartsWithTheCatalogue) {
  Bench bench(GetParam());
  const auto items = bench.store.items();
  ASSERT_EQ(items.size(), 9U);
  const std::vector<std::string> seoul_busan{"BUSAN", "SEOUL"}, seoul_daegu{"DAEGU", "SEOUL"};
  EXPECT_EQ(items[0].initial, 100);
  EXPECT_EQ(items[0].available, 100);
  EXPECT_EQ(items[0].warehouses, seoul_busan);
  EXPECT_EQ(items[1].initial, 0);
  EXPECT_EQ(items[1].warehouses, std::vector<std::string>{"BUSAN"});
  EXPECT_EQ(items[2].initial, -1);
  EXPECT_EQ(items[2].available, 0);
  EXPECT_TRUE(items[2].discontinued);
  EXPECT_EQ(items[2].warehouses, std::vector<std::string>{"SEOUL"});
  for (std::size_t i = 3; i < 9; ++i) {
    EXPECT_EQ(items[i].id.text(), "ITEM_" + std::to_string(i + 1));
    EXPECT_EQ(items[i].available, 50);
    EXPECT_EQ(items[i].warehouses, seoul_daegu);
    EXPECT_FALSE(items[i].discontinued);
  }
  EXPECT_FALSE(bench.store.find(item("ITEM_0")));
  expect_invariants(bench);
}

TEST_P(InventoryStore, TheContractsScenarios) {
  Bench bench(GetParam());
  EXPECT_TRUE(bench.store.reserve(order("order-1"), now()));
  EXPECT_EQ(bench.available("ITEM_1"), 99);
  const std::map<std::string, Code> refused = {{"order-2", Code::out_of_stock},
                                               {"order-3", Code::item_discontinued},
                                               {"order-10", Code::item_not_found},
                                               {"order-abc", Code::item_not_found}};
  for (const auto& [id, code] : refused)
    EXPECT_EQ(bench.store.reserve(order(id), now()).error(), Refusal{code}) << id;
  EXPECT_TRUE(bench.store.reserve(order("order-9"), now()));
  EXPECT_EQ(bench.store.restock(order("order-9"), now()), UndoResult::undone);
  EXPECT_EQ(bench.available("ITEM_9"), 50);
  expect_invariants(bench);
}

// What a reservation does, told by what has happened and not by states.
struct Model {
  std::int64_t stock = 0;
  struct Order {
    bool held = false, turned_back = false;
    std::optional<Code> rejected = {};
  };
  std::map<int, Order> orders = {};

  std::optional<Refusal> reserve(int i) {
    auto& order = orders[i];
    if (order.rejected) return Refusal{*order.rejected};
    if (order.turned_back) return Refusal{Code::fenced};
    if (order.held) return std::nullopt;
    if (stock == 0) order.rejected = Code::out_of_stock;
    if (order.rejected) return Refusal{*order.rejected};
    order.held = true;
    --stock;
    return std::nullopt;
  }
  UndoResult restock(int i) {
    auto& order = orders[i];
    if (order.held && !order.turned_back) ++stock;
    order.turned_back = true;
    return order.held ? UndoResult::undone : UndoResult::nothing;
  }
};

TEST_P(InventoryStore, AnswersAsTheModelInAnyOrderOfCalls) {
  Bench bench(GetParam());
  int run = 0;
  EXPECT_TRUE(rc::check("as the model", [&] {
    const auto id_of = [tag = "r" + std::to_string(++run) + "-"](int i) {
      return order(tag + std::to_string(i) + "x");
    };
    Model model;
    // Every run begins with an empty shelf.
    const auto shelf = item("ITEM_x");
    const auto before = bench.store.find(shelf);
    (void)bench.store.adjust(shelf, {.delta = before ? -before->available : 0, .reason = "run"},
                             now());
    for (int left = *rc::gen::inRange(1, 40); left > 0; --left) {
      const int i = *rc::gen::inRange(0, 4);
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          RC_ASSERT((bench.store.restock(id_of(i), now()) == model.restock(i)));
          break;
        case 1: {
          const auto delta = *rc::gen::inRange<std::int64_t>(-2, 3);
          const bool fits = model.stock + delta >= 0;
          if (fits) model.stock += delta;
          RC_ASSERT(
              (bench.store.adjust(shelf, {.delta = delta, .reason = "test"}, now()).has_value() ==
               fits));
          break;
        }
        default: {
          const auto refusal = model.reserve(i);
          const auto answer = bench.store.reserve(id_of(i), now());
          RC_ASSERT((answer.has_value() == !refusal.has_value()));
          if (refusal) RC_ASSERT((answer.error() == *refusal));
        }
      }
      RC_ASSERT((bench.available("ITEM_x") == model.stock));
    }
    expect_invariants(bench);
  }));
}

TEST_P(InventoryStore, OfNinetyOrdersForFiftyUnitsExactlyFiftySucceed) {
  Bench bench(GetParam());
  std::atomic<int> reserved{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&reserved, store = t % 2 == 0 ? &bench.store : &bench.other, t] {
      for (int i = 0; i < 15; ++i) {
        const auto id = order("t" + std::to_string(t) + "-" + std::to_string(i) + "-8");
        if (store->reserve(id, now())) ++reserved;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(reserved, 50);
  EXPECT_EQ(bench.available("ITEM_8"), 0);
  expect_invariants(bench);
}

TEST_P(InventoryStore, ThreadsThatReserveAndRestockLeaveTheStockAsItWas) {
  Bench bench(GetParam());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([store = t % 2 == 0 ? &bench.store : &bench.other] {
      for (int i = 0; i < 40; ++i) {
        const auto id = order("order-" + std::to_string(i) + "-9");
        (void)store->reserve(id, now());
        EXPECT_TRUE(store->restock(id, now()));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bench.available("ITEM_9"), 50);
  expect_invariants(bench);
}

TEST_P(InventoryStore, AdjustingMakesAnUnknownItemInSeoul) {
  Bench bench(GetParam());
  const auto made = bench.store.adjust(item("ITEM_0"), {.delta = 5, .reason = "new"}, now());
  ASSERT_TRUE(made);
  EXPECT_EQ(made->initial, 0);
  EXPECT_EQ(made->available, 5);
  EXPECT_EQ(made->warehouses, std::vector<std::string>{"SEOUL"});
  EXPECT_TRUE(bench.store.reserve(order("order-10"), now()));
  expect_invariants(bench);
}

TEST_P(InventoryStore, ThoseWhoMakeAnItemAtOnceAddUp) {
  Bench bench(GetParam());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([store = t % 2 == 0 ? &bench.store : &bench.other] {
      for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(store->adjust(item("ITEM_n"), {.delta = 1, .reason = "new"}, now()));
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bench.available("ITEM_n"), 20);
  expect_invariants(bench);
}

TEST_P(InventoryStore, AdjustingNeverTakesWhatIsReservedOrNotThere) {
  Bench bench(GetParam());
  EXPECT_TRUE(bench.store.reserve(order("order-1"), now()));
  EXPECT_EQ(bench.store.adjust(item("ITEM_1"), {.delta = -100, .reason = "x"}, now()).error(),
            Refusal{Code::out_of_stock});
  EXPECT_EQ(bench.store.adjust(item("ITEM_1"), {.delta = -99, .reason = "x"}, now())->available, 0);
  EXPECT_EQ(bench.store.adjust(item("ITEM_z"), {.delta = -1, .reason = "x"}, now()).error(),
            Refusal{Code::out_of_stock});
  EXPECT_FALSE(bench.store.find(item("ITEM_z")));
  EXPECT_EQ(bench.store.restock(order("order-1"), now()), UndoResult::undone);
  expect_invariants(bench);
}

TEST_P(InventoryStore, AdjustingIsBounded) {
  Bench bench(GetParam());
  const auto most = Store::kMaxUnits;
  EXPECT_THROW((void)bench.store.adjust(item("ITEM_1"), {.delta = most + 1, .reason = "x"}, now()),
               std::out_of_range);
  EXPECT_THROW((void)bench.store.adjust(item("ITEM_1"), {.delta = most, .reason = "x"}, now()),
               std::out_of_range);
  expect_invariants(bench);
}

TEST_P(InventoryStore, AnItemIsHadAsLongAsOneOfItsWarehousesIsOpen) {
  Bench bench(GetParam());
  EXPECT_TRUE(bench.store.set_warehouse("SEOUL", false, now()));
  EXPECT_TRUE(bench.store.reserve(order("a-4"), now()));
  EXPECT_TRUE(bench.store.set_warehouse("DAEGU", false, now()));
  EXPECT_EQ(bench.store.reserve(order("b-4"), now()).error(), Refusal{Code::warehouse_unavailable});
  EXPECT_TRUE(bench.store.reserve(order("b-1"), now())) << "BUSAN is open";
  EXPECT_TRUE(bench.store.set_warehouse("SEOUL", true, now()));
  EXPECT_TRUE(bench.store.reserve(order("c-4"), now()));
  EXPECT_EQ(bench.store.reserve(order("b-4"), now()).error(), Refusal{Code::warehouse_unavailable})
      << "the same answer again, though the world has changed";
  EXPECT_FALSE(bench.store.set_warehouse("JEJU", true, now()));
  EXPECT_EQ(bench.number("SELECT COUNT(*) FROM warehouse_event"), 3);
}

TEST_P(InventoryStore, RowsOnlyMoveForwardAndEventsAreOnlyAppendedTo) {
  Bench bench(GetParam());
  (void)bench.store.reserve(order("a-1"), now());
  (void)bench.store.reserve(order("a-2"), now());
  (void)bench.store.adjust(item("ITEM_2"), {.delta = 1, .reason = "x"}, now());
  for (const std::string sql :
       {"DELETE FROM reservation", "DELETE FROM stock_event", "UPDATE stock_event SET units = 0",
        "DELETE FROM adjustment", "UPDATE adjustment SET delta = 0",
        "UPDATE reservation SET state = 'RESERVED', refusal = NULL WHERE order_id = 'a-2'",
        "UPDATE reservation SET state = 'VOID' WHERE order_id = 'a-1'",
        "UPDATE item SET available = -1 WHERE item_id = 'ITEM_1'",
        "UPDATE item SET available = available - 1 WHERE item_id = 'ITEM_1'",
        "INSERT INTO reservation VALUES ('a-1', 'ITEM_1', 'RESERVED', NULL, 0)"}) {
    EXPECT_THROW(bench.pool.write([&](db::Connection& c) { c.execute(sql); }), db::Error) << sql;
  }
  expect_invariants(bench);
}

}  // namespace
}  // namespace ordering::inventory
