// Random programs, fed random events, against a model of the promise that instance.h makes: which
// commands come, in which order, who goes on first. And whatever the run had seen when it was evicted,
// a replay makes the same commands again.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "workflow/test_play.h"

namespace temporal::testing {
namespace {

enum class Op { call, nap, race, both, wait, wait_for, bump, spawn, cancel };
struct Step {
  Op op = Op::call;
  int n = 0;  // wait: until so many bumps; spawn, cancel: which body
};
using Body = std::vector<Step>;
using Program = std::vector<Body>;  // the first is run; a body spawns later ones only

// --- The program, as workflow code

struct Interpreter {
  const Program* program = nullptr;
  int bumps = 0;
  std::string trace = {};
  std::map<int, workflow::Scope> scopes = {};  // of the latest of each body

  explicit Interpreter(const Program* p = nullptr) : program(p) {}
  void on_note(std::string) { ++bumps; }
  Task<std::string> run(std::string) {
    co_await body(0);
    co_return trace;
  }
  Task<> body(int which) {
    int step = 0;
    for (const auto& s : program->at(static_cast<std::size_t>(which))) {
      co_await perform(s);
      trace += std::to_string(which) + std::to_string(step++) + " ";
    }
  }
  Task<> perform(Step s) {
    switch (s.op) {
      case Op::call:
        co_await call("c").settled();
        break;
      case Op::nap:
        co_await workflow::sleep(1s).settled();
        break;
      case Op::race: {
        auto a = call("r");
        auto t = workflow::sleep(1s);
        trace += std::to_string(co_await workflow::select(a, t));
        break;
      }
      case Op::both: {
        auto a = call("a"), b = call("b");
        try {
          co_await workflow::all(a, b);
        } catch (const TemporalFailure&) {
          trace += "!";
        }
        break;
      }
      case Op::wait:
        co_await workflow::wait_until([this, n = s.n] { return bumps >= n; }).settled();
        break;
      case Op::wait_for: {
        auto in_time = workflow::wait_until([this, n = s.n] { return bumps >= n; }, 1s);
        auto settled = co_await in_time.settled();
        trace += !settled ? "x" : *settled ? "y" : "n";
        break;
      }
      case Op::bump:
        ++bumps;
        break;
      case Op::spawn: {
        workflow::Scope scope;
        scopes.insert_or_assign(s.n, scope);
        auto dropped = workflow::spawn(workflow::in_scope(scope, body(s.n)));
        break;
      }
      case Op::cancel:
        if (auto found = scopes.find(s.n); found != scopes.end())
          found->second.cancel("by another");
        break;
    }
  }
};

WorkflowDefinition interpreter(const Program& program) {
  WorkflowDefinition d =
      workflow_definition(probe_type, &Interpreter::run).signal(note, &Interpreter::on_note);
  d.create = [&program](Values&) { return std::make_shared<Interpreter>(&program); };
  return d;
}

// --- The model: the same, with neither coroutines nor Futures

class Model {
 public:
  explicit Model(const Program& program) : program_(program) {}

  struct Pending {  // a command, or a condition
    char kind = 0;  // 'a'ctivity, 't'imer, 'w'ait
    unsigned seq = 0;
    int owner = 0;  // whose scope it is in
    int n = 0;      // of a condition
    bool settled = false, failed = false, in_time = false, asked_to_cancel = false;
  };

  std::string start(int bumps) {
    for (int i = 0; i < bumps; ++i) ready_.push_back(kSignal);
    threads_.push_back({.body = 0, .parent = -1});
    ready_.push_back(0);
    return drain();
  }
  // Jobs as Core orders them: signals first.
  std::string feed(int bumps, bool cancel, const std::vector<unsigned>& activities,
                   const std::vector<unsigned>& timers) {
    for (int i = 0; i < bumps; ++i) ready_.push_back(kSignal);
    if (cancel) cancel_from(0);
    for (auto seq : activities) settle(*find('a', seq), gone_.contains(seq));
    for (auto seq : timers) fire(seq);
    return drain();
  }

  std::vector<unsigned> open(char kind) const {
    std::vector<unsigned> seqs;
    for (const auto& p : pending_)
      if (!p->settled && p->seq && (p->kind == kind || (kind == 't' && p->kind == 'w')))
        seqs.push_back(p->seq);
    std::ranges::sort(seqs);
    return seqs;
  }
  bool asked_to_cancel(unsigned activity) const { return gone_.contains(activity); }
  bool ended() const { return ended_; }

 private:
  static constexpr int kSignal = -1;
  struct Thread {
    int body = 0, parent = 0;
    std::size_t step = 0;
    bool canceled = false, started_step = false;
    std::vector<std::shared_ptr<Pending>> awaits = {};
    bool all = false, queued = false;
  };

  std::shared_ptr<Pending> find(char kind, unsigned seq) const {
    for (const auto& p : pending_)
      if (p->kind == kind && p->seq == seq) return p;
    return nullptr;
  }
  std::shared_ptr<Pending> make(int thread, char kind, int n = 0) {
    auto p = std::make_shared<Pending>(Pending{.kind = kind, .owner = thread, .n = n});
    if (threads_[static_cast<std::size_t>(thread)].canceled)
      p->settled = p->failed = true;
    else
      pending_.push_back(p);
    return p;
  }
  std::shared_ptr<Pending> activity(int thread, const std::string& name) {
    auto p = make(thread, 'a');
    if (p->settled) return p;
    p->seq = ++activities_;
    say("ScheduleActivity" + std::to_string(p->seq) + "(\"" + name + "\")");
    return p;
  }
  void timer(Pending& p) {
    if (p.settled) return;
    p.seq = ++timers_;
    say("StartTimer" + std::to_string(p.seq) + "(1000)");
  }
  void say(const std::string& command) { made_ += (made_.empty() ? "" : " ") + command; }

  void settle(Pending& p, bool failed) {
    p.settled = true;
    p.failed = failed;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      auto& t = threads_[i];
      const bool mine = std::ranges::any_of(t.awaits, [&](auto& a) { return a.get() == &p; });
      if (!mine || t.queued) continue;
      const auto settled = std::ranges::count_if(t.awaits, [](auto& a) { return a->settled; });
      if (t.all && settled != std::ssize(t.awaits)) continue;
      t.queued = true;
      ready_.push_back(static_cast<int>(i));
    }
  }
  void fire(unsigned seq) {
    if (auto nap = find('t', seq)) return settle(*nap, false);
    settle(*find('w', seq), false);
  }
  void cancel_from(int thread) {
    auto& t = threads_[static_cast<std::size_t>(thread)];
    if (t.canceled) return;
    t.canceled = true;
    for (auto p : std::vector(pending_)) {
      if (p->owner != thread || p->settled || p->asked_to_cancel) continue;
      p->asked_to_cancel = true;
      if (p->kind == 'a') {
        gone_.insert(p->seq);
        say("RequestCancelActivity" + std::to_string(p->seq));
        continue;
      }
      if (p->seq) say("CancelTimer" + std::to_string(p->seq));
      settle(*p, true);
    }
    for (std::size_t i = 0; i < threads_.size(); ++i)
      if (threads_[i].parent == thread) cancel_from(static_cast<int>(i));
  }

  std::string drain() {
    do {
      while (!ready_.empty()) {
        const int next = ready_.front();
        ready_.pop_front();
        if (next == kSignal)
          ++bumps_;
        else
          go_on(next);
      }
    } while (one_condition());
    if (main_ended_ && !ended_) {
      ended_ = true;
      say("Complete(\"" + *main_ended_ + "\")");
    }
    return std::exchange(made_, {});
  }
  bool one_condition() {
    for (const auto& p : std::vector(pending_)) {
      if (p->kind != 'w' || p->settled || bumps_ < p->n) continue;
      if (p->seq) say("CancelTimer" + std::to_string(p->seq));
      p->in_time = true;
      settle(*p, false);
      return true;
    }
    return false;
  }

  void go_on(int thread) {
    threads_[static_cast<std::size_t>(thread)].queued = false;
    for (;;) {
      auto& t = threads_[static_cast<std::size_t>(thread)];  // spawning moves them
      const auto& body = program_[static_cast<std::size_t>(t.body)];
      if (t.step == body.size()) {
        if (thread == 0) main_ended_ = trace_;
        return;
      }
      if (!t.started_step) {
        t.started_step = true;
        begin(thread, body[t.step]);
        if (!over(threads_[static_cast<std::size_t>(thread)])) return;
      }
      auto& same = threads_[static_cast<std::size_t>(thread)];
      tell(same, body[same.step]);
      same.awaits.clear();
      same.started_step = false;
      trace_ += std::to_string(same.body) + std::to_string(same.step++) + " ";
    }
  }
  static bool over(const Thread& t) {
    auto settled = [](auto& a) { return a->settled; };
    return t.awaits.empty() || (t.all ? std::ranges::all_of(t.awaits, settled)
                                      : std::ranges::any_of(t.awaits, settled));
  }
  void begin(int thread, Step s) {
    std::vector<std::shared_ptr<Pending>> awaits;
    switch (s.op) {
      case Op::call:
        awaits = {activity(thread, "c")};
        break;
      case Op::nap:
        awaits = {make(thread, 't')};
        timer(*awaits[0]);
        break;
      case Op::race:
        awaits = {activity(thread, "r")};
        awaits.push_back(make(thread, 't'));
        timer(*awaits[1]);
        break;
      case Op::both:
        awaits = {activity(thread, "a")};
        awaits.push_back(activity(thread, "b"));
        break;
      case Op::wait:
      case Op::wait_for: {
        const bool canceled = threads_[static_cast<std::size_t>(thread)].canceled;
        if (!canceled && bumps_ >= s.n) {
          awaits = {std::make_shared<Pending>(Pending{.settled = true, .in_time = true})};
          break;
        }
        awaits = {make(thread, 'w', s.n)};
        if (s.op == Op::wait_for) timer(*awaits[0]);
        break;
      }
      case Op::bump:
        ++bumps_;
        break;
      case Op::spawn: {
        const auto& spawner = threads_[static_cast<std::size_t>(thread)];
        threads_.push_back({.body = s.n, .parent = thread, .canceled = spawner.canceled});
        const int spawned = static_cast<int>(threads_.size()) - 1;
        latest_[s.n] = spawned;
        go_on(spawned);
        break;
      }
      case Op::cancel:
        if (auto found = latest_.find(s.n); found != latest_.end()) cancel_from(found->second);
        break;
    }
    auto& t = threads_[static_cast<std::size_t>(thread)];
    t.awaits = std::move(awaits);
    t.all = s.op == Op::both;
  }
  void tell(const Thread& t, Step s) {
    auto failed = [](auto& a) { return a->failed; };
    if (s.op == Op::race) trace_ += t.awaits[0]->settled ? "0" : "1";
    if (s.op == Op::both && std::ranges::any_of(t.awaits, failed)) trace_ += "!";
    if (s.op == Op::wait_for)
      trace_ += failed(t.awaits[0]) ? "x" : t.awaits[0]->in_time ? "y" : "n";
  }

  const Program& program_;
  std::vector<Thread> threads_;
  std::map<int, int> latest_;
  std::vector<std::shared_ptr<Pending>> pending_;  // in the order of the calls
  std::set<unsigned> gone_;                        // activities that were asked to cancel
  std::deque<int> ready_;
  std::string made_, trace_;
  std::optional<std::string> main_ended_;
  unsigned activities_ = 0, timers_ = 0;
  int bumps_ = 0;
  bool ended_ = false;
};

// --- What happens to it

Program random_program() {
  const int bodies = *rc::gen::inRange(1, 5);
  Program program;
  for (int i = 0; i < bodies; ++i) {
    const int steps = *rc::gen::inRange(1, 6);
    Body body;
    for (int k = 0; k < steps; ++k) {
      Step s{.op = *rc::gen::element(Op::call, Op::nap, Op::race, Op::both, Op::wait, Op::wait_for,
                                     Op::bump, Op::spawn, Op::spawn, Op::cancel),
             .n = *rc::gen::inRange(1, 5)};
      if (s.op == Op::spawn) s.n = i + s.n;
      if (s.op == Op::spawn && s.n >= bodies) s.op = Op::call;
      body.push_back(s);
    }
    program.push_back(std::move(body));
  }
  return program;
}
std::vector<unsigned> some_of(const std::vector<unsigned>& all) {
  std::vector<unsigned> some;
  for (auto one : all)
    if (*rc::gen::inRange(0, 3) == 0) some.push_back(one);
  if (some.size() > 1 && *rc::gen::arbitrary<bool>()) std::ranges::reverse(some);
  return some;
}

struct Event {
  std::vector<Job> jobs = {};
  std::string made = {};
};
constexpr int kMostActivations = 40;

// Plays the program to its end, or for so long; each activation's commands are the model's.
std::vector<Event> play(const Program& program) {
  Instance run(interpreter(program));
  Model model(program);
  std::vector<Event> story;
  auto feed = [&](std::vector<Job> jobs, const std::string& wanted) {
    const auto made = text(run.activate(activation(jobs)));
    RC_ASSERT(made == wanted);
    story.push_back({std::move(jobs), made});
  };
  const int early = *rc::gen::inRange(0, 3);
  std::vector<Job> jobs(static_cast<std::size_t>(early), noted("bump"));
  jobs.push_back(init());
  feed(jobs, model.start(early));
  while (!model.ended() && story.size() < kMostActivations) {
    const int bumps = *rc::gen::inRange(0, 4) == 0 ? 1 : 0;
    const bool cancels = *rc::gen::inRange(0, 12) == 0;
    auto activities = some_of(model.open('a')), timers = some_of(model.open('t'));
    if (cancels) timers.clear();  // the cancel may take them back
    jobs.assign(static_cast<std::size_t>(bumps), noted("bump"));
    if (cancels) jobs.push_back(cancel("from outside"));
    if (cancels) std::erase_if(activities, [&](auto a) { return !model.asked_to_cancel(a); });
    for (auto seq : activities)
      jobs.push_back(model.asked_to_cancel(seq) ? gone(seq) : ok(seq, ""));
    for (auto seq : timers) jobs.push_back(fired(seq));
    if (!jobs.empty()) feed(jobs, model.feed(bumps, cancels, activities, timers));
    if (jobs.empty() && model.open('a').empty() && model.open('t').empty()) {
      feed({noted("bump")}, model.feed(1, false, {}, {}));  // only a signal can wake it
    }
  }
  return story;
}

RC_GTEST_PROP(RandomRuns, MakeTheModelsCommandsAndTheSameAfterEachEviction, ()) {
  const auto program = random_program();
  const auto story = play(program);
  for (std::size_t k = 1; k < story.size(); ++k) {
    Instance again(interpreter(program));  // the cache was empty when the k-th came
    for (std::size_t i = 0; i <= k; ++i)
      RC_ASSERT(text(again.activate(activation(story[i].jobs, i < k))) == story[i].made);
  }
}

}  // namespace
}  // namespace temporal::testing
