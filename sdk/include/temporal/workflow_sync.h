// Mutex, Semaphore and Channel between the coroutines of one run: handlers, spawned Tasks and run itself.
//
//   class Till {
//     workflow::Task<Receipt> pay(Payment p) {              // an update: many may come at a time
//       auto lock = co_await one_at_a_time_.lock();
//       co_return co_await workflow::execute_activity(charge, options, p);
//     }                                                     // the lock ends with its scope
//     workflow::Mutex one_at_a_time_;
//   };
//
//   workflow::Channel<Event> events_;                       // in the class
//   void on_event(Event e) { events_.try_send(std::move(e)); }  // a signal
//   while (auto event = co_await events_.receive()) …       // in run, until events_.close()
//
// Who waits is served in the order of the calls, and nobody overtakes, so that a replay does the same.
// What is to be had is handed to the first in line at once: its Future is settled, and it goes on when
// its turn comes in the run's queue.
//
// A call belongs to the scope current at it (temporal/scope.h): when that is cancelled, what still waits
// fails with CanceledFailure and leaves the line; in a cancelled scope every call that gives a Future
// fails so from the start, even if nobody is in the way. Dropping a Future leaves the line too; one that
// is settled already gives a lock or permit back, while a received value is lost with it. So where select
// leaves a loser, keep its Future for the next round:
//
//   auto order = orders.receive();
//   auto note = notes.receive();
//   while (true)
//     if (co_await workflow::select(order, note) == 0) {
//       use(co_await std::move(order));
//       order = orders.receive();
//     } else …
//
// Called outside a workflow, or in a query, a validator or a condition, they throw std::logic_error; only
// what is const may be asked there. At an eviction they do nothing, and so do the destructors. A copy of
// a Mutex, Semaphore or Channel names the same one.
#pragma once
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "temporal/future.h"

namespace temporal {
namespace detail {

struct SemaphoreState;

class ChannelCore {  // a Channel whose values are std::optional<T>, erased
 public:
  ChannelCore(std::size_t capacity, Value (*nothing)());
  State send(Value value) const;
  bool try_send(Value value) const;
  State receive() const;
  std::optional<Value> try_receive() const;
  void close() const;
  bool closed() const;
  std::size_t size() const;

 private:
  struct Queues;
  std::shared_ptr<Queues> queues_;
};

}  // namespace detail

namespace workflow {

// What lock and acquire give: held until it is destroyed or released.
class [[nodiscard]] Permit {
 public:
  Permit(std::shared_ptr<detail::SemaphoreState> of, std::size_t count);
  Permit(Permit&& o) noexcept : of_(std::move(o.of_)), count_(o.count_) {}
  Permit& operator=(Permit&& o) noexcept {
    std::swap(of_, o.of_);
    std::swap(count_, o.count_);
    return *this;
  }
  ~Permit() { release(); }
  // Gives it back before its end. Again: nothing.
  void release() noexcept;

 private:
  std::shared_ptr<detail::SemaphoreState> of_;
  std::size_t count_;
};

// So many permits, each held by one at a time.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits);

  // Waits for `count` permits at once. Who asks for many is not overtaken by those who ask for fewer.
  // More than there are in all is std::invalid_argument.
  Future<Permit> acquire(std::size_t count = 1);
  // Nothing where acquire would wait.
  std::optional<Permit> try_acquire(std::size_t count = 1);
  std::size_t available() const;
  std::size_t waiting() const;  // how many Futures are in line

 private:
  std::shared_ptr<detail::SemaphoreState> state_;
};

// Held by one at a time. It is not recursive: who locks it twice waits for itself.
class Mutex {
 public:
  using Lock = Permit;
  Future<Lock> lock() { return semaphore_.acquire(); }
  std::optional<Lock> try_lock() { return semaphore_.try_acquire(); }
  bool locked() const { return semaphore_.available() == 0; }

 private:
  Semaphore semaphore_{1};
};

// A queue of values from any number of senders to any number of receivers; each value reaches one. T
// need not be data, nor copyable.
template <class T>
class Channel {
 public:
  static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

  // How many values wait in it at most; what does not fit waits with its sender. 0: each sender waits
  // for a receiver. Unbounded, it grows as fast as the run is sent what goes into it.
  explicit Channel(std::size_t capacity = kUnbounded)
      : core_(capacity, [] { return Value::local(std::optional<T>()); }) {}

  // True once the channel has the value; false if it was closed before. Dropped while it waits, the
  // value is not sent.
  Future<bool> send(T value) { return Future<bool>(core_.send(wrap(std::move(value)))); }
  // False where send would wait, and on a closed channel.
  bool try_send(T value) { return core_.try_send(wrap(std::move(value))); }

  // Nothing once the channel is closed and empty.
  Future<std::optional<T>> receive() { return Future<std::optional<T>>(core_.receive()); }
  // Nothing where receive would wait, too.
  std::optional<T> try_receive() {
    auto value = core_.try_receive();
    return value ? std::move(*value).template object<std::optional<T>>() : std::nullopt;
  }

  // No more values: what is in it may still be received; senders and receivers that wait go on, with
  // false and nothing. Again: nothing.
  void close() { core_.close(); }
  bool closed() const { return core_.closed(); }
  std::size_t size() const { return core_.size(); }  // without those that wait with their senders

 private:
  static Value wrap(T value) { return Value::local(std::optional<T>(std::move(value))); }
  detail::ChannelCore core_;
};

}  // namespace workflow
}  // namespace temporal
