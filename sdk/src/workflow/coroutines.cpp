// Who runs, who is next, and the frames that nobody awaits.
#include "workflow/run.h"

namespace temporal::detail {

namespace {
// The only thread_local: which run this thread is activating.
thread_local Run* activated = nullptr;
}  // namespace

Enter::Enter(Run& run) : before_(std::exchange(activated, &run)) {}
Enter::~Enter() {
  activated = before_;
}

Run& current_run() {
  return activated ? *activated : throw std::logic_error("no workflow is running here");
}
bool workflow_is_running() {
  return activated != nullptr;
}
bool evicting() {
  return current_run().dead;
}
PromiseBase* running(PromiseBase* next) {
  return std::exchange(current_run().running, next);
}

void FutureState::settle(decltype(result) r) {
  auto& run = current_run();
  if (settled() || run.dead) return;
  result = std::move(r);
  command = {};
  scope.reset();
  release();
  for (Link* link = std::exchange(first, nullptr); link;) {
    Link* next = std::exchange(link->next, nullptr);
    link->previous = nullptr;
    if (link->waiting->done())
      if (auto frame = link->waiting->wake()) run.ready.push_back({.frame = frame});
    link = next;
  }
  last = nullptr;
}

Waiting::Waiting(PromiseBase* promise, const std::vector<State>& states, bool all)
    : promise_(promise), all_(all) {
  many_.reserve(states.size());
  for (const auto& s : states) many_.push_back({.state = s});
  links_ = many_.data();
  size_ = many_.size();
}

void Waiting::await_suspend(std::coroutine_handle<> h) {
  handle_ = h;
  auto& run = current_run();
  run.last_at = promise_->at;
  for (Link* link = links_; link != links_ + size_; ++link) {
    auto& state = *link->state;
    if (state.settled()) continue;
    if (run.options.keep_places) run.awaited.emplace_back(state.command, promise_->at);
    link->waiting = this;
    link->previous = state.last;
    (state.last ? state.last->next : state.first) = link;
    state.last = link;
  }
}

bool Waiting::done() const {
  for (std::size_t i = 0; i < size_; ++i)
    if (links_[i].state->settled() != all_) return !all_;
  return all_;
}

std::size_t Waiting::resumed() {
  forget();
  detail::running(promise_);
  std::size_t i = 0;
  while (i < size_ && !links_[i].state->settled()) ++i;
  return i;
}

void Waiting::forget() {
  for (Link* link = links_; link != links_ + size_; ++link) {
    if (!link->waiting) continue;
    auto& state = *link->state;
    if (link->previous)
      link->previous->next = link->next;
    else if (state.first == link)
      state.first = link->next;
    if (link->next)
      link->next->previous = link->previous;
    else if (state.last == link)
      state.last = link->previous;
    *link = {.state = std::move(link->state)};
  }
}

void PromiseBase::finish_spawned(Value v) {
  auto& run = current_run();
  run.finished.push_back(this);
  run.last_at = at;
  if (!error) return spawned->settle(std::move(v));
  if (auto failure = run.as_failure(error)) return spawned->settle(std::move(*failure));
  try {
    std::rethrow_exception(error);
  } catch (const workflow::EndCanceled&) {  // wherever it leaves: run, a handler, a spawned Task
    run.main->settle(error);
  } catch (const ContinueAsNew&) {
    run.main->settle(error);
  } catch (...) {  // a bug fails the task, whether or not anybody holds the Future
    if (!run.task_failure) run.task_failure = error;
  }
}

void check_may_spawn() {
  current_run().check_not_read_only("workflow::spawn");
}

void spawn(std::coroutine_handle<> frame, PromiseBase& promise, const State& state) {
  auto& run = current_run();
  if (!promise.scope) promise.scope = run.running ? run.running->scope : run.root;
  if (run.running) promise.at = run.running->at;
  promise.frame = frame;
  promise.spawned = state;
  run.link(promise);
  auto* before = running(&promise);
  frame.resume();
  running(before);
  run.destroy_finished();
}

// What fails the run, or the Future of a spawned Task: a TemporalFailure, or a type that is listed.
std::optional<Failure> Run::as_failure(const std::exception_ptr& error) const {
  try {
    std::rethrow_exception(error);
  } catch (const TemporalFailure& e) {
    return e.failure();
  } catch (...) {  // NOLINT(bugprone-empty-catch): asked below
  }
  for (const auto* types : {&definition->options.failure_types, &options.failure_types})
    for (const auto& type : *types)
      if (type.matches(error)) return Failure::from(error);
  return std::nullopt;
}

void Run::start(workflow::Task<Value> task, const State& state,
                std::shared_ptr<const workflow::UpdateInfo> update) {
  auto& promise = task.promise();
  promise.scope = root->child();
  promise.scope->update = std::move(update);
  spawn(task.release(), promise, state);
}

void Run::drain() {
  do {
    while (!ready.empty() && !task_failure) {
      auto next = std::move(ready.front());
      ready.pop_front();
      running = nullptr;
      if (next.frame)
        next.frame.resume();
      else
        next.start();
      running = nullptr;
      destroy_finished();
    }
  } while (!task_failure && resume_one_condition());
}

void Run::link(PromiseBase& promise) {
  promise.older = newest;
  (newest ? newest->newer : oldest) = &promise;
  newest = &promise;
}
void Run::destroy(PromiseBase& promise) {
  (promise.older ? promise.older->newer : oldest) = promise.newer;
  (promise.newer ? promise.newer->older : newest) = promise.older;
  promise.frame.destroy();
}
void Run::destroy_finished() {
  while (!finished.empty()) {  // a parameter's destructor may finish more
    auto* promise = finished.back();
    finished.pop_back();
    destroy(*promise);
  }
}

}  // namespace temporal::detail
