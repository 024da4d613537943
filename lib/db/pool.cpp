#include "db/pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "telemetry/trace.h"

namespace db {
namespace {
using Clock = std::chrono::steady_clock;
}

struct Pool::State {
  // A write that waits for its turn; it lives on the stack of the thread that waits.
  struct Ticket {
    Work* work = nullptr;
    const telemetry::Scope* scope = nullptr;  // of the thread that waits
    std::exception_ptr error = {};
    bool taken = false;
    bool done = false;
  };

  State(std::string_view url, PoolOptions options) : url(url), options(options) {
    auto first = open(url);
    if (first->one_writer()) this->options.writers = 1;
    max_batch = first->one_writer() ? kMaxBatch : 1;
    resting.push_back(std::move(first));
  }

  // Readers. What is borrowed may be nothing yet, or lost.
  std::unique_ptr<Connection> borrow();
  void give_back(std::unique_ptr<Connection> connection);

  // Writers. The one at the front of the queue when a writer is free leads: it takes what waits, up to
  // a batch, and commits it for all.
  bool lead(Ticket& ticket, std::unique_lock<std::mutex>& lock);
  std::vector<Ticket*> take_batch();
  std::unique_ptr<Connection> take_writer();
  void commit(std::unique_ptr<Connection>& writer, const std::vector<Ticket*>& batch);

  const std::string url;
  PoolOptions options;

  std::mutex reading;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Connection>> idle;
  std::size_t borrowed = 0;

  std::mutex writing;
  std::condition_variable finished;
  std::deque<Ticket*> queue;
  std::vector<std::thread::id> leaders;
  std::vector<std::unique_ptr<Connection>> resting;  // of writers
  std::size_t max_batch = 1;
};

namespace {

void reopen_if_lost(std::unique_ptr<Connection>& connection, const std::string& url,
                    Access access) {
  if (!connection || !connection->usable()) connection = open(url, access);
}

bool lost(const std::unique_ptr<Connection>& connection) {
  return connection && !connection->usable();
}

}  // namespace

std::unique_ptr<Connection> Pool::State::borrow() {
  std::unique_lock lock(reading);
  const bool free = returned.wait_until(lock, Clock::now() + options.wait,
                                        [&] { return borrowed < options.readers; });
  if (!free) throw Error("53300", "no connection to the database became free in time");
  ++borrowed;
  if (idle.empty()) return nullptr;
  auto connection = std::move(idle.back());
  idle.pop_back();
  return connection;
}

void Pool::State::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(reading);
  --borrowed;
  if (connection && connection->usable()) idle.push_back(std::move(connection));
  returned.notify_one();
}

// Waits for the turn of the ticket; false when another has carried it out.
bool Pool::State::lead(Ticket& ticket, std::unique_lock<std::mutex>& lock) {
  const auto turn = [&] {
    return ticket.done || (leaders.size() < options.writers && queue.front() == &ticket);
  };
  queue.push_back(&ticket);
  if (!finished.wait_until(lock, Clock::now() + options.wait, turn)) {
    if (!ticket.taken) {
      std::erase(queue, &ticket);
      finished.notify_all();
      throw Error("55P03", "the database was written to by others for too long");
    }
    finished.wait(lock, turn);  // its leader is at it, and bounded by the engine's timeouts
  }
  return !ticket.done;
}

// With the lock held.
std::vector<Pool::State::Ticket*> Pool::State::take_batch() {
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(std::min(queue.size(), max_batch));
  std::vector<Ticket*> batch(queue.begin(), end);
  queue.erase(queue.begin(), end);
  for (Ticket* ticket : batch) ticket->taken = true;
  leaders.push_back(std::this_thread::get_id());
  finished.notify_all();  // the next one may lead too
  return batch;
}

// With the lock held.
std::unique_ptr<Connection> Pool::State::take_writer() {
  if (resting.empty()) return nullptr;
  auto writer = std::move(resting.back());
  resting.pop_back();
  return writer;
}

namespace {

// Whoever leads works for the one whose ticket it is.
template <class Ticket>
void carry_out(Connection& writer, Ticket& ticket) {
  const telemetry::BorrowedScope scope(ticket.scope);
  (*ticket.work)(writer);
}

// One of a batch: what it throws is its own, and undoes only what it did.
template <class Ticket>
void step(Connection& writer, Ticket& ticket) {
  writer.execute("SAVEPOINT step");
  try {
    carry_out(writer, ticket);
  } catch (...) {
    ticket.error = std::current_exception();
    writer.execute("ROLLBACK TO step");
  }
  writer.execute("RELEASE step");
}

template <class Ticket>
void commit_once(Connection& writer, const std::vector<Ticket*>& batch) {
  Transaction transaction(writer);
  if (batch.size() == 1) {
    carry_out(writer, *batch.front());
  } else {
    for (Ticket* ticket : batch) step(writer, *ticket);
  }
  transaction.commit();
}

}  // namespace

void Pool::State::commit(std::unique_ptr<Connection>& writer, const std::vector<Ticket*>& batch) {
  const telemetry::BorrowedScope nobody(nullptr);  // what is done for all is no one's
  bool may_reopen = true;
  for (int attempt = 1;; ++attempt) {
    for (Ticket* ticket : batch) ticket->error = nullptr;
    try {
      reopen_if_lost(writer, url, Access::read_write);
      return commit_once(*writer, batch);
    } catch (const Error& error) {
      const bool lost_race = error.serialization_failure() && attempt < kMaxAttempts;
      const bool lost_connection =
          lost(writer) && !error.commit_unknown() && std::exchange(may_reopen, false);
      if (lost_race || lost_connection) continue;
      for (Ticket* ticket : batch) ticket->error = std::current_exception();
      return;
    } catch (...) {
      for (Ticket* ticket : batch) ticket->error = std::current_exception();
      return;
    }
  }
}

namespace {

// The wait for a connection, the statements and the commit: a span above those of the statements.
class Traced {
 public:
  explicit Traced(std::string_view name)
      : span_(telemetry::start_span(name, telemetry::SpanKind::internal)) {
    if (span_) scope_.emplace(span_.context());
  }
  void fail(const std::exception_ptr& error) {
    if (!span_) return;
    try {
      std::rethrow_exception(error);
    } catch (const Error& e) {
      span_.fail(e.sqlstate());
    } catch (...) {
      span_.fail("rolled back");
    }
  }

 private:
  telemetry::Span span_;
  std::optional<telemetry::Scope> scope_;
};

}  // namespace

Pool::Pool(std::string_view url, PoolOptions options)
    : state_(std::make_unique<State>(url, options)) {}
Pool::~Pool() = default;

void Pool::run_read(Work& work) {
  const Traced traced("read transaction");
  auto connection = state_->borrow();
  struct Return {
    State& state;
    std::unique_ptr<Connection>& connection;
    ~Return() { state.give_back(std::move(connection)); }
  } const give_back{.state = *state_, .connection = connection};
  for (bool may_reopen = true;;) {
    try {
      reopen_if_lost(connection, state_->url, Access::read);
      Transaction transaction(*connection, TransactionKind::read);
      work(*connection);
      return transaction.commit();
    } catch (const Error&) {
      if (!lost(connection) || !std::exchange(may_reopen, false)) throw;
    }
  }
}

void Pool::run_write(Work& work) {
  Traced traced("write transaction");
  State& state = *state_;
  State::Ticket mine{.work = &work, .scope = telemetry::Scope::current()};
  std::vector<State::Ticket*> batch;
  std::unique_ptr<Connection> writer;
  const auto me = std::this_thread::get_id();
  {
    std::unique_lock lock(state.writing);
    if (std::ranges::find(state.leaders, me) != state.leaders.end()) {
      throw std::logic_error("a write inside a write would wait for itself");
    }
    if (state.lead(mine, lock)) {
      batch = state.take_batch();
      writer = state.take_writer();
    }
  }
  if (!batch.empty()) {
    state.commit(writer, batch);
    const std::lock_guard lock(state.writing);
    for (auto* ticket : batch) ticket->done = true;
    std::erase(state.leaders, me);
    state.resting.push_back(std::move(writer));
    state.finished.notify_all();
  }
  if (!mine.error) return;
  traced.fail(mine.error);
  std::rethrow_exception(mine.error);
}

void Pool::run_exclusive(Work& work) {
  State& state = *state_;
  std::unique_lock lock(state.writing);
  const bool free = state.finished.wait_until(lock, Clock::now() + state.options.wait, [&] {
    return state.leaders.empty() && state.queue.empty();
  });
  if (!free) throw Error("55P03", "the database was written to by others for too long");
  reopen_if_lost(state.resting.back(), state.url, Access::read_write);
  work(*state.resting.back());
}

bool Pool::answers() noexcept {
  try {
    read([](Connection& connection) { connection.ping(); });
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace db
