// The database as a service uses it: reads and writes as transactions, from any thread.
//
//   db::Pool pool{"sqlite:var/payment.db"};
//   db::migrate(pool, payment::kMigrations);
//   auto state = pool.read([&](db::Connection& c) { return find(c, order_id); });
//   auto outcome = pool.write([&](db::Connection& c) { return charge(c, order_id, amount); });
//
// write() returns once the transaction is durable; when the body throws, nothing of it has happened
// and the exception comes out. The body may run again (a lost race, a lost connection) and may run on
// another thread that is writing at the same time, so it touches nothing but the connection and what
// its caller owns, and does not call the pool itself.
//
// SQLite has one writer. Writes that wait for it are committed together, up to kMaxBatch in one
// transaction, each in a savepoint of its own: one flush to disk for all, and one that fails harms
// no other. PostgreSQL has PoolOptions::writers of them, each with its own transaction: who decides by
// a row locks it (kForUpdate), and who finds that it has changed all the same throws a
// serialization_failure() and is run again.
//
// A lost connection is replaced at the next call, or at once where nothing can have happened yet. Where
// it was lost amid a commit, Error commit_unknown() comes out: whoever can repeat the call, repeats it.
//
// Threads: any. Waiting is bounded by PoolOptions::wait: db::Error, busy().
#pragma once
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "db/connection.h"

namespace db {

struct PoolOptions {
  // Connections, opened when first needed.
  std::size_t readers = 2;
  std::size_t writers = 4;               // on SQLite always one
  std::chrono::milliseconds wait{5000};  // for a connection, or for the writer's turn
};

class Pool {
 public:
  static constexpr std::size_t kMaxBatch = 64;
  static constexpr int kMaxAttempts = 5;  // of a write that loses races

  // Opens the first connection: an Error says what is wrong with it.
  explicit Pool(std::string_view url, PoolOptions options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // One consistent view of the data. The body must only read.
  template <std::invocable<Connection&> Body>
  std::invoke_result_t<Body&, Connection&> read(Body body) {
    return held<std::invoke_result_t<Body&, Connection&>>(body, &Pool::run_read);
  }
  template <std::invocable<Connection&> Body>
  std::invoke_result_t<Body&, Connection&> write(Body body) {
    return held<std::invoke_result_t<Body&, Connection&>>(body, &Pool::run_write);
  }

  // Whether the database answers within the wait; never throws. For readiness.
  bool answers() noexcept;

  // A connection of a writer, outside a transaction, while no other of this pool writes: for
  // migrations and checks at start.
  template <std::invocable<Connection&> Body>
  void exclusive(Body body) {
    Bound<Body> bound{body};
    run_exclusive(bound);
  }

 private:
  // A body without its type.
  struct Work {
    virtual void operator()(Connection& connection) = 0;

   protected:
    ~Work() = default;
  };
  template <class Body>
  struct Bound final : Work {
    explicit Bound(Body& body) : body(body) {}
    void operator()(Connection& connection) override { body(connection); }
    Body& body;
  };

  template <class Result, class Body>
  Result held(Body& body, void (Pool::*run)(Work&)) {
    if constexpr (std::is_void_v<Result>) {
      Bound<Body> bound{body};
      (this->*run)(bound);
    } else {
      std::optional<Result> result;
      auto keep = [&](Connection& connection) { result.emplace(body(connection)); };
      Bound<decltype(keep)> bound{keep};
      (this->*run)(bound);
      return std::move(*result);
    }
  }
  void run_read(Work& work);
  void run_write(Work& work);
  void run_exclusive(Work& work);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace db
