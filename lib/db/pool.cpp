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

namespace db {
namespace {
using Clock = std::chrono::steady_clock;
}

struct Pool::State {
  // A write that waits for its turn; it lives on the stack of the thread that waits.
  struct Ticket {
    Work* work = nullptr;
    std::exception_ptr error = {};
    bool taken = false;
    bool done = false;
  };

  State(std::string_view url, PoolOptions options)
      : url(url), options(options), writer(open(url)) {}

  // Readers.
  std::unique_ptr<Connection> borrow();
  void give_back(std::unique_ptr<Connection> connection);

  // Writers. The one at the front of the queue when nobody writes leads: it takes what waits, and
  // commits it for all.
  bool lead(Ticket& ticket, std::unique_lock<std::mutex>& lock);
  void commit(const std::vector<Ticket*>& batch);
  void commit_once(const std::vector<Ticket*>& batch);
  void step(Ticket& ticket);

  const std::string url;
  const PoolOptions options;

  std::mutex reading;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Connection>> idle;
  std::size_t opened = 0;

  std::mutex writing;
  std::condition_variable finished;
  std::deque<Ticket*> queue;
  std::thread::id leader;  // of nobody: the writer is free
  std::unique_ptr<Connection> writer;
};

std::unique_ptr<Connection> Pool::State::borrow() {
  std::unique_lock lock(reading);
  const bool free = returned.wait_until(lock, Clock::now() + options.wait,
                                        [&] { return !idle.empty() || opened < options.readers; });
  if (!free) throw Error("53300", "no connection to the database became free in time");
  if (!idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    return connection;
  }
  ++opened;
  lock.unlock();
  try {
    return open(url, Access::read);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Pool::State::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(reading);
  if (connection) {
    idle.push_back(std::move(connection));
  } else {
    --opened;
  }
  returned.notify_one();
}

// Waits for the turn of the ticket; false when another has carried it out.
bool Pool::State::lead(Ticket& ticket, std::unique_lock<std::mutex>& lock) {
  const auto turn = [&] {
    return ticket.done || (leader == std::thread::id() && queue.front() == &ticket);
  };
  queue.push_back(&ticket);
  if (!finished.wait_until(lock, Clock::now() + options.wait, turn)) {
    if (!ticket.taken) {
      std::erase(queue, &ticket);
      finished.notify_all();
      throw Error("55P03", "the database was written to by others for too long");
    }
    finished.wait(lock, turn);  // its leader is at it, and bounded by the busy timeout
  }
  return !ticket.done;
}

void Pool::State::commit(const std::vector<Ticket*>& batch) {
  for (int attempt = 1;; ++attempt) {
    for (Ticket* ticket : batch) ticket->error = nullptr;
    try {
      return commit_once(batch);
    } catch (const Error& error) {
      if (error.serialization_failure() && attempt < kMaxAttempts) continue;
      for (Ticket* ticket : batch) ticket->error = std::current_exception();
      return;
    } catch (...) {
      for (Ticket* ticket : batch) ticket->error = std::current_exception();
      return;
    }
  }
}

void Pool::State::commit_once(const std::vector<Ticket*>& batch) {
  Transaction transaction(*writer);
  if (batch.size() == 1) {
    (*batch.front()->work)(*writer);
  } else {
    for (Ticket* ticket : batch) step(*ticket);
  }
  transaction.commit();
}

// One of a batch: what it throws is its own, and undoes only what it did.
void Pool::State::step(Ticket& ticket) {
  writer->execute("SAVEPOINT step");
  try {
    (*ticket.work)(*writer);
  } catch (...) {
    ticket.error = std::current_exception();
    writer->execute("ROLLBACK TO step");
  }
  writer->execute("RELEASE step");
}

Pool::Pool(std::string_view url, PoolOptions options)
    : state_(std::make_unique<State>(url, options)) {}
Pool::~Pool() = default;

void Pool::run_read(Work& work) {
  auto connection = state_->borrow();
  struct Return {
    State& state;
    std::unique_ptr<Connection>& connection;
    ~Return() { state.give_back(std::move(connection)); }
  } const give_back{.state = *state_, .connection = connection};
  Transaction transaction(*connection, Transaction::Kind::read);
  work(*connection);
  transaction.commit();
}

void Pool::run_write(Work& work) {
  State& state = *state_;
  State::Ticket mine{.work = &work};
  std::vector<State::Ticket*> batch;
  {
    std::unique_lock lock(state.writing);
    if (state.leader == std::this_thread::get_id()) {
      throw std::logic_error("a write inside a write would wait for itself");
    }
    if (state.lead(mine, lock)) {
      state.leader = std::this_thread::get_id();
      const auto count = std::min(state.queue.size(), kMaxBatch);
      batch.assign(state.queue.begin(), state.queue.begin() + static_cast<std::ptrdiff_t>(count));
      state.queue.erase(state.queue.begin(),
                        state.queue.begin() + static_cast<std::ptrdiff_t>(count));
      for (auto* ticket : batch) ticket->taken = true;
    }
  }
  if (!batch.empty()) {
    state.commit(batch);
    const std::lock_guard lock(state.writing);
    for (auto* ticket : batch) ticket->done = true;
    state.leader = {};
    state.finished.notify_all();
  }
  if (mine.error) std::rethrow_exception(mine.error);
}

void Pool::run_exclusive(Work& work) {
  State& state = *state_;
  std::unique_lock lock(state.writing);
  const bool free = state.finished.wait_until(lock, Clock::now() + state.options.wait, [&] {
    return state.leader == std::thread::id() && state.queue.empty();
  });
  if (!free) throw Error("55P03", "the database was written to by others for too long");
  work(*state.writer);
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
