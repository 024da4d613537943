// For tests: activations made by hand, and completions as one line of text.
#pragma once
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "temporal/workflow.h"
#include "workflow/instance.h"

namespace temporal::testing {

using namespace std::chrono_literals;
using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;
using Job = coresdk::workflow_activation::WorkflowActivationJob;
using workflow::Future, workflow::Task;

inline constexpr ActivityType<std::string(std::string)> echo{"echo"};
inline constexpr WorkflowType<std::string(std::string)> probe_type{"probe"};
inline constexpr UpdateType<int(int)> add{"add"};
inline constexpr SignalType<void(std::string)> note{"note"};
inline constexpr QueryType<int()> total{"total"};
inline constexpr QueryType<int()> naughty{"naughty"};

// What the bodies under test report, for the test alone.
extern std::vector<std::string> seen;

Future<std::string> call(std::string s);  // the activity echo

// A workflow whose run is the test's, with a handler of every kind.
struct Probe {
  using Body = Task<std::string> (*)(Probe*);
  Body body = nullptr;
  int sum = 0;
  std::vector<std::string> notes = {};
  bool open = false;
  workflow::Scope scope = {};

  explicit Probe(Body b = nullptr) : body(b) {}
  Task<std::string> run(std::string);
  Task<int> on_add(int n);
  void check_add(int n) const;
  void on_note(std::string n);
  int on_total() const { return sum; }
  int on_naughty() const { return call("from a query").ready(); }

  // Bodies of many tests.
  Task<std::string> twice(std::string s);
  static Task<std::string> one_call(Probe*) { co_return co_await call("x"); }
};
WorkflowDefinition probe(Probe::Body body, workflow::DefinitionOptions options = {});

// Jobs; a payload's text is its JSON.
Job init(const std::string& json = "\"\"");
Job ok(unsigned seq, const std::string& text);   // an activity gave this string
Job bad(unsigned seq, const std::string& text);  // it failed, with this message as the cause's
Job gone(unsigned seq);                          // it was cancelled
Job fired(unsigned seq);
Job noted(const std::string& text);
Job signaled(const std::string& name, std::initializer_list<std::string> json);
Job added(const std::string& id, int n);
Job updated(const std::string& id, const std::string& name, std::initializer_list<std::string> json,
            bool run_validator = true);
Job queried(const std::string& id, const std::string& name);
Job cancel(const std::string& reason);
Job evicted();

WorkflowActivation activation(std::vector<Job> jobs, bool replaying = false);
// "ScheduleActivity1("a") StartTimer1(1000)", or "task failed: why".
std::string text(const WorkflowActivationCompletion& c);

// Feeds an Instance.
class Play {
 public:
  explicit Play(WorkflowDefinition d, InstanceOptions options = {})
      : instance(std::move(d), with_queue(std::move(options))) {
    seen.clear();
  }
  explicit Play(Probe::Body body, InstanceOptions options = {})
      : Play(probe(body), std::move(options)) {}
  std::string operator()(auto... jobs) { return text(feed({Job(jobs)...})); }
  std::string replay(auto... jobs) {
    return text(instance.activate(activation({Job(jobs)...}, true)));
  }
  WorkflowActivationCompletion feed(std::vector<Job> jobs) {
    return instance.activate(activation(std::move(jobs)));
  }
  Instance instance;

 private:
  static InstanceOptions with_queue(InstanceOptions o) {
    if (o.task_queue.empty()) o.task_queue = "probes";
    return o;
  }
};

}  // namespace temporal::testing
