#include <deque>
#include <list>

#include "temporal/workflow_sync.h"
#include "workflow/run.h"

namespace temporal {
namespace detail {

namespace {

struct Queued;

struct Line {
  std::list<Queued*> waiting = {};
  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  virtual ~Line() = default;
  virtual void one_left() {}
  Queued& pop();
};

// A Future in a line, which it leaves when it is settled, cancelled or dropped.
struct Queued final : FutureState {
  std::shared_ptr<Line> line = {};  // while it waits
  std::list<Queued*>::iterator place = {};
  std::size_t permits = 0;  // of a semaphore's
  Value value = {};         // of a sender's

  ~Queued() override { leave(); }
  void release() override { leave(); }
  void leave() {
    auto left = std::exchange(line, nullptr);
    if (!left) return;
    left->waiting.erase(place);
    left->one_left();
  }
};

Queued& Line::pop() {
  auto& first = *waiting.front();
  waiting.pop_front();
  first.line = nullptr;
  return first;
}

// Null if the call is not to be: the state is then what it gives.
std::shared_ptr<ScopeState> enter(const char* what, const State& state) {
  auto& run = current_run();
  if (run.dead) return nullptr;
  auto scope = run.scope_for_command(what);
  return run.refused(scope, state) ? nullptr : scope;
}

void join(const std::shared_ptr<Line>& line, const std::shared_ptr<Queued>& state,
          ScopeState& scope) {
  state->line = line;
  state->place = line->waiting.insert(line->waiting.end(), state.get());
  state->command = {CommandId::Kind::condition};  // no command of Core's: it is settled at once
  scope.add(state);
}

bool may_act(const char* what) {
  auto& run = current_run();
  run.check_not_read_only(what);
  return !run.dead;
}

}  // namespace

struct SemaphoreState final : Line, std::enable_shared_from_this<SemaphoreState> {
  explicit SemaphoreState(std::size_t permits) : all(permits), free(permits) {}
  const std::size_t all;
  std::size_t free;

  void one_left() override { grant(); }  // who is next may ask for less
  void give_back(std::size_t count) {
    free += count;
    grant();
  }
  workflow::Permit take(std::size_t count) {
    free -= count;
    return {shared_from_this(), count};
  }
  bool may_take(std::size_t count) const { return waiting.empty() && count <= free; }

 private:
  void grant() {
    if (!workflow_is_running() || evicting()) return;
    while (!waiting.empty() && waiting.front()->permits <= free) {
      auto& next = pop();
      next.settle(Value::local(take(next.permits)));
    }
  }
};

// Where a receiver waits there is no value, and where a sender waits there is no room.
struct ChannelCore::Queues {
  std::size_t capacity;
  Value (*nothing)();
  std::deque<Value> values = {};
  bool closed = false;
  std::shared_ptr<Line> senders = std::make_shared<Line>();
  std::shared_ptr<Line> receivers = std::make_shared<Line>();

  bool put(Value& value) {
    if (!receivers->waiting.empty()) return receivers->pop().settle(std::move(value)), true;
    if (values.size() >= capacity) return false;
    values.push_back(std::move(value));
    return true;
  }
  std::optional<Value> take() {
    if (values.empty() && senders->waiting.empty())
      return closed ? std::optional(nothing()) : std::nullopt;
    if (!senders->waiting.empty()) {
      auto& sender = senders->pop();
      values.push_back(std::move(sender.value));
      sender.settle(Value::local(true));
    }
    auto value = std::move(values.front());
    values.pop_front();
    return value;
  }
};

ChannelCore::ChannelCore(std::size_t capacity, Value (*nothing)())
    : queues_(std::make_shared<Queues>(capacity, nothing)) {}

State ChannelCore::send(Value value) const {
  auto state = std::make_shared<Queued>();
  auto scope = enter("Channel::send", state);
  if (!scope) return state;
  if (queues_->closed) return state->settle(Value::local(false)), state;
  if (queues_->put(value)) return state->settle(Value::local(true)), state;
  state->value = std::move(value);
  join(queues_->senders, state, *scope);
  return state;
}

bool ChannelCore::try_send(Value value) const {
  return may_act("Channel::try_send") && !queues_->closed && queues_->put(value);
}

State ChannelCore::receive() const {
  auto state = std::make_shared<Queued>();
  auto scope = enter("Channel::receive", state);
  if (!scope) return state;
  if (auto value = queues_->take()) return state->settle(std::move(*value)), state;
  join(queues_->receivers, state, *scope);
  return state;
}

std::optional<Value> ChannelCore::try_receive() const {
  return may_act("Channel::try_receive") ? queues_->take() : std::nullopt;
}

void ChannelCore::close() const {
  if (!may_act("Channel::close")) return;
  queues_->closed = true;
  while (!queues_->receivers->waiting.empty()) queues_->receivers->pop().settle(queues_->nothing());
  while (!queues_->senders->waiting.empty()) queues_->senders->pop().settle(Value::local(false));
}

bool ChannelCore::closed() const {
  return queues_->closed;
}
std::size_t ChannelCore::size() const {
  return queues_->values.size();
}

}  // namespace detail

namespace workflow {

using detail::SemaphoreState;

Permit::Permit(std::shared_ptr<SemaphoreState> of, std::size_t count)
    : of_(std::move(of)), count_(count) {}
void Permit::release() noexcept {
  if (auto of = std::exchange(of_, nullptr)) of->give_back(count_);
}

Semaphore::Semaphore(std::size_t permits) : state_(std::make_shared<SemaphoreState>(permits)) {}

Future<Permit> Semaphore::acquire(std::size_t count) {
  if (count > state_->all)
    throw std::invalid_argument("Semaphore::acquire: " + std::to_string(count) + " of " +
                                std::to_string(state_->all) + " permits would never come");
  auto state = std::make_shared<detail::Queued>();
  auto scope = detail::enter("Semaphore::acquire", state);
  if (!scope) return Future<Permit>(std::move(state));
  if (state_->may_take(count)) {
    state->settle(Value::local(state_->take(count)));
  } else {
    state->permits = count;
    detail::join(state_, state, *scope);
  }
  return Future<Permit>(std::move(state));
}

std::optional<Permit> Semaphore::try_acquire(std::size_t count) {
  if (!detail::may_act("Semaphore::try_acquire") || !state_->may_take(count)) return std::nullopt;
  return state_->take(count);
}

std::size_t Semaphore::available() const {
  return state_->free;
}
std::size_t Semaphore::waiting() const {
  return state_->waiting.size();
}

}  // namespace workflow
}  // namespace temporal
