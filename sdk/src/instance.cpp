#include "instance.h"

#include <algorithm>

#include "temporal/async.h"
#include "temporal/converter.h"

namespace temporal {
namespace detail {
namespace {

thread_local Run* activated = nullptr;  // the only thread_local: which run is being activated
struct Enter {
  explicit Enter(Run& r) : before(std::exchange(activated, &r)) {}
  ~Enter() { activated = before; }
  Run* before;
};
struct ReadOnly {
  explicit ReadOnly(Run& r) : run(r) { run.read_only = true; }
  ~ReadOnly() { run.read_only = false; }
  Run& run;
};
Values values(const std::vector<Payload>& p) {
  return Values(p.begin(), p.end());
}
struct Rank {  // core-notes B.2
  int operator()(const InitializeWorkflow&) { return 0; }
  int operator()(const SignalWorkflow&) { return 3; }
  int operator()(const DoUpdate&) { return 3; }
  int operator()(const QueryWorkflow&) { return 6; }
  int operator()(const RemoveFromCache&) { return 7; }
  int operator()(const auto&) { return 4; }
};
int rank(const Job& j) {
  return std::visit(Rank(), j);
}

workflow::Task<Value> respond(Run* run, std::string id, workflow::Task<Value> body) {
  std::optional<Failure> refused;
  try {
    Value v = co_await std::move(body);
    run->completion.commands.push_back({"UpdateCompleted", 0, id, v.to_payload(nullptr, {}).data});
  } catch (const TemporalFailure& e) {
    refused = e.failure();
  }
  if (refused) run->completion.commands.push_back({"UpdateRejected", 0, id, refused->message()});
  co_return Value();
}

}  // namespace

Run& current_run() {
  return activated ? *activated : throw std::logic_error("no workflow is running here");
}
PromiseBase* running(PromiseBase* next) {
  return std::exchange(current_run().running, next);
}
bool workflow_is_running() {
  return activated != nullptr;
}
bool evicting() {
  return current_run().dead;
}

void FutureState::settle(decltype(result) r) {
  if (settled() || current_run().dead) return;
  result = std::move(r);
  condition = nullptr;
  cancel = nullptr;
  for (Waiter* w : std::exchange(waiters, {}))
    if (w->wait->done() && !std::exchange(w->queued, true))
      current_run().ready.push_back([h = w->handle] { h.resume(); });
}

std::shared_ptr<ScopeState> ScopeState::child() {
  auto c = std::make_shared<ScopeState>();
  c->canceled = canceled;
  std::erase_if(children, [](auto& w) { return w.expired(); });
  children.push_back(c);
  return c;
}
void ScopeState::add(const State& s) {
  std::erase_if(pending, [](auto& w) {
    auto p = w.lock();
    return !p || p->settled();
  });
  pending.push_back(s);
}
void ScopeState::cancel(const std::string& reason) {
  if (canceled || current_run().dead) return;
  canceled = reason;
  for (auto& w : std::exchange(pending, {}))
    if (auto s = w.lock(); s && s->cancel)
      std::exchange(s->cancel, nullptr)(Failure::canceled(reason));
  for (auto& w : std::exchange(children, {}))
    if (auto c = w.lock()) c->cancel(reason);
}

void PromiseBase::finish_spawned(Value v) {
  auto& run = current_run();
  run.finished.push_back(frame);
  if (!error) return spawned->settle(std::move(v));
  try {
    std::rethrow_exception(error);
  } catch (const TemporalFailure& e) {
    spawned->settle(e.failure());
  } catch (const workflow::EndCanceled&) {  // wherever it leaves: run, a handler, a spawned task
    run.main->settle(error);
  } catch (...) {  // a bug fails the task, whether or not anybody holds the Future
    if (!run.completion.task_failure) run.completion.task_failure = error;
  }
}

void spawn(std::coroutine_handle<> frame, PromiseBase& promise, State state) {
  auto& run = current_run();
  if (!promise.scope) promise.scope = run.running ? run.running->scope : run.root;
  promise.frame = frame;
  promise.spawned = std::move(state);
  run.frames.push_back(frame);
  auto* before = running(&promise);
  frame.resume();
  running(before);
}

std::shared_ptr<ScopeState> Run::scope_for_command(const char* what) {
  if (read_only)
    throw std::logic_error(std::string(what) +
                           ": a query, validator or condition makes no command");
  return running ? running->scope : root;
}
bool refused(const ScopeState& scope, const State& state) {
  if (!scope.canceled) return false;
  state->settle(
      Failure::canceled(*scope.canceled));  // no throw: destructors and settled() see none
  return true;
}

workflow::Future<Value> execute_shielded(workflow::ActivityInput in) {
  auto& run = current_run();
  if (!run.running) return execute_activity(std::move(in));
  struct Swap {
    std::shared_ptr<ScopeState>& place;
    std::shared_ptr<ScopeState> other = std::make_shared<ScopeState>();
    explicit Swap(std::shared_ptr<ScopeState>& p) : place(p) { place.swap(other); }
    ~Swap() { place.swap(other); }
  } swap(run.running->scope);
  return execute_activity(std::move(in));
}
workflow::Future<Value> execute_activity(workflow::ActivityInput in) {
  return current_run().outbound->execute_activity(std::move(in));
}
workflow::Future<Value> Run::execute_activity(workflow::ActivityInput in) {
  auto state = std::make_shared<FutureState>();
  if (dead) return workflow::Future<Value>(state);
  auto scope = scope_for_command("execute_activity");
  if (refused(*scope, state)) return workflow::Future<Value>(state);
  std::string args;
  for (auto& a : in.args) args += a.to_payload(nullptr, {}).data;
  completion.commands.push_back(
      {"ScheduleActivity", ++activities, in.name, args, in.options, in.headers});
  pending_activities[activities] = state;
  state->cancel = [this, seq = activities](const Failure&) {  // Core answers with ResolveActivity
    completion.commands.push_back({"RequestCancelActivity", seq});
  };
  scope->add(state);
  return workflow::Future<Value>(state);
}

unsigned Run::start_timer(Millis d, std::function<void()> fired) {
  completion.commands.push_back(
      {"StartTimer", ++timers, "", std::to_string(std::max<long>(d.count(), 1))});
  pending_timers[timers] = std::move(fired);
  return timers;
}
bool Run::cancel_timer(unsigned seq) {
  if (!pending_timers.erase(seq)) return false;
  completion.commands.push_back({"CancelTimer", seq});
  return true;
}

void Run::start(workflow::Task<Value> task, State state) {
  auto& promise = task.promise();
  promise.scope = root->child();
  spawn(task.release(), promise, std::move(state));
}

void Run::apply(Job& job) {
  struct Apply {
    Run& run;
    void operator()(InitializeWorkflow& j) {
      run.object = run.definition.create(values(j.args));
      run.main = std::make_shared<FutureState>();
    }
    void operator()(SignalWorkflow& j) {
      run.ready.push_back([&r = run, name = j.name, args = values(j.args)] {
        r.start_handler(r.definition.signals, name, args, nullptr);
      });
    }
    void operator()(DoUpdate& j) {
      run.ready.push_back([&r = run, j, args = values(j.args)]() mutable {
        r.start_handler(r.definition.updates, j.name, args, &j);
      });
    }
    void operator()(CancelWorkflow& j) {
      run.canceled->settle(Value::local(j.reason));
      if (run.definition.options.cancel_requests == workflow::cancel_root)
        run.root->cancel(j.reason);
    }
    void operator()(FireTimer& j) {
      if (auto timer = run.pending_timers.extract(j.seq)) timer.mapped()();
    }
    void operator()(ResolveActivity& j) {
      auto activity = run.pending_activities.extract(j.seq);
      if (!activity) return;
      if (auto* p = std::get_if<Payload>(&j.result)) return activity.mapped()->settle(Value(*p));
      activity.mapped()->settle(
          Failure({.message = "activity failed",
                   .info = ActivityFailureInfo(),
                   .cause = std::make_shared<Failure>(std::get<Failure>(j.result))}));
    }
    void operator()(QueryWorkflow&) {}
    void operator()(RemoveFromCache&) {}
  };
  std::visit(Apply{*this}, job);
}

void Run::start_handler(const std::map<std::string, WorkflowDefinition::Bind>& handlers,
                        const std::string& name, Values args, DoUpdate* update) {
  std::optional<workflow::Task<Value>> body;
  try {
    ReadOnly guard(*this);
    auto h = handlers.find(name);
    if (h == handlers.end()) throw ApplicationFailure("no handler for " + name);
    body = h->second(object.get(), args, update && update->run_validator).task;
  } catch (const std::exception& e) {  // a signal with bad arguments is logged and dropped
    if (update) completion.commands.push_back({"UpdateRejected", 0, update->id, e.what()});
    return;
  }
  if (update) {
    completion.commands.push_back({"UpdateAccepted", 0, update->id});
    body = respond(this, update->id, std::move(*body));
  }
  start(std::move(*body), std::make_shared<FutureState>());
}

void Run::drain() {
  do {
    while (!ready.empty() && !completion.task_failure) {
      auto next = std::move(ready.front());
      ready.pop_front();
      next();
      for (auto h : std::exchange(finished, {})) {
        frames.remove(h);
        h.destroy();
      }
    }
  } while (!completion.task_failure && resume_one_condition());
}

bool Run::resume_one_condition() {
  std::erase_if(conditions, [](auto& w) {
    auto s = w.lock();
    return !s || s->settled();
  });
  ReadOnly guard(*this);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    auto s = conditions[i].lock();
    if (!s || !s->condition()) continue;
    s->settle(Value::local(true));
    return true;
  }
  return false;
}

void Run::answer(const QueryWorkflow& q) {
  try {
    ReadOnly guard(*this);
    auto h = definition.queries.find(q.name);
    if (h == definition.queries.end()) throw ApplicationFailure("no handler for " + q.name);
    auto answer = h->second(object.get(), values(q.args)).to_payload(nullptr, {}).data;
    completion.commands.push_back({"QuerySucceeded", 0, q.id, answer});
  } catch (const std::exception& e) {
    completion.commands.push_back({"QueryFailed", 0, q.id, e.what()});
  }
}

void Run::finish() {
  if (ended || !main || !main->settled()) return;
  ended = true;
  auto& out = completion.commands;
  if (auto* v = std::get_if<Value>(&main->result)) {
    out.push_back({"CompleteWorkflowExecution", 0, "", v->to_payload(nullptr, {}).data});
  } else if (auto* f = std::get_if<Failure>(&main->result)) {
    if (canceled->settled() && f->root().kind() == FailureKind::canceled)
      out.push_back({"CancelWorkflowExecution", 0, "", f->root().message()});
    else
      out.push_back({"FailWorkflowExecution", 0, f->root().type(), f->root().message()});
  } else
    try {
      std::rethrow_exception(std::get<std::exception_ptr>(main->result));
    } catch (const workflow::EndCanceled& e) {
      out.push_back({"CancelWorkflowExecution", 0, "", e.details});
    }
}

void Run::evict() {  // destructors run, nothing else: no command, no exception, no resumption
  Enter guard(*this);
  dead = true;
  ready.clear();
  for (auto h : finished) frames.remove(h), h.destroy();
  finished.clear();
  while (
      !frames.empty()) {  // newest first: a spawned task may point into the frame that spawned it
    auto h = frames.back();
    frames.pop_back();
    h.destroy();
  }
  pending_timers.clear();
  object.reset();
}

}  // namespace detail

using detail::State;

namespace workflow {

Scope::Scope() {
  auto& run = detail::current_run();
  state_ = (run.running ? run.running->scope : run.root)->child();
}
void Scope::cancel(std::string reason) {
  state_->cancel(reason);
}

Future<void> sleep(Millis d) {
  auto& run = detail::current_run();
  auto state = std::make_shared<detail::FutureState>();
  if (run.dead) return Future<void>(state);
  auto scope = run.scope_for_command("sleep");
  if (detail::refused(*scope, state)) return Future<void>(state);
  auto seq = run.start_timer(d, [state] { state->settle(Value()); });
  state->cancel = [&run, seq, s = state.get()](const Failure& f) {
    run.cancel_timer(seq);  // no job answers a CancelTimer
    s->settle(f);
  };
  scope->add(state);
  return Future<void>(state);
}

static State condition(std::move_only_function<bool()> done, std::optional<Millis> timeout) {
  auto& run = detail::current_run();
  auto state = std::make_shared<detail::FutureState>();
  if (run.dead) return state;
  auto scope = run.scope_for_command("wait_until");
  if (detail::refused(*scope, state)) return state;
  bool already;
  {
    detail::ReadOnly guard(run);
    already = done();
  }
  if (already) return state->settle(Value::local(true)), state;
  unsigned seq = 0;
  if (timeout)
    seq = run.start_timer(*timeout, [w = std::weak_ptr(state)] {
      if (auto s = w.lock()) s->settle(Value::local(false));
    });
  // The predicate may point into the frame that waits, so it lives and dies with the Future.
  state->condition = [&run, seq, done = std::move(done)]() mutable {
    if (!done()) return false;
    if (seq) run.cancel_timer(seq);
    return true;
  };
  state->cancel = [&run, seq, s = state.get()](const Failure& f) {
    if (seq) run.cancel_timer(seq);
    s->settle(f);
  };
  run.conditions.push_back(state);
  scope->add(state);
  return state;
}
Future<void> wait_until(std::move_only_function<bool()> f) {
  return Future<void>(condition(std::move(f), {}));
}
Future<bool> wait_until(std::move_only_function<bool()> f, Millis d) {
  return Future<bool>(condition(std::move(f), d));
}
Future<std::string> cancel_requested() {
  return Future<std::string>(detail::current_run().canceled);
}

}  // namespace workflow

Instance::Instance(WorkflowDefinition d,
                   std::vector<std::unique_ptr<workflow::OutboundInterceptor>> list)
    : interceptors_(std::move(list)) {
  run_.definition = std::move(d);
  for (auto i = interceptors_.rbegin(); i != interceptors_.rend(); ++i)
    run_.outbound = ((*i)->next = run_.outbound, i->get());
}
Instance::~Instance() {
  run_.evict();
}

Completion Instance::activate(Activation a) {
  detail::Enter guard(run_);
  run_.completion = {};
  if (std::holds_alternative<RemoveFromCache>(a.jobs.front())) return run_.evict(), Completion();
  std::vector<Job> jobs;
  for (int rank : {0, 3, 4, 6})  // std::stable_sort of libstdc++ 12 warns under clang 19
    for (auto& job : a.jobs)
      if (detail::rank(job) == rank) jobs.push_back(std::move(job));
  bool first = !run_.main;
  bool mutates = detail::rank(jobs.front()) < 6;
  try {
    run_activation(jobs, first, mutates);
  } catch (...) {  // of a condition, a constructor, or run's arguments
    run_.completion.task_failure = std::current_exception();
  }
  return std::move(run_.completion);
}

void Instance::run_activation(std::vector<Job>& jobs, bool first, bool mutates) {
  for (auto& job : jobs) run_.apply(job);
  if (first) {  // after the handlers
    auto& init = std::get<InitializeWorkflow>(jobs.front());
    run_.ready.push_back([&r = run_, args = detail::values(init.args)] {
      r.start(r.definition.run(r.object.get(), args, false).task, r.main);
    });
  }
  if (mutates) run_.drain();
  for (auto& job : jobs)
    if (auto* q = std::get_if<QueryWorkflow>(&job)) run_.answer(*q);
  run_.finish();
}

}  // namespace temporal
