// What workflows cost that the worker keeps between their tasks, idle, each waiting for a signal
// after one activity: memory, and the longest pause that they make. The worker's own cache and
// thread, without Core: what Core keeps of each run comes on top.
//
//   build/release/bench/bench_cached_workflows
#include <malloc.h>
#include <temporal/sdk/core/workflow_activation/workflow_activation.pb.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps.h"
#include "worker/workflow_tasks.h"

namespace {

using namespace temporal;
using namespace temporal::bench;
using namespace std::chrono_literals;
using coresdk::workflow_activation::WorkflowActivation;
using coresdk::workflow_completion::WorkflowActivationCompletion;

constexpr std::size_t kAtOnce = 1'000;  // handed to the worker's thread

constexpr WorkflowType<int(Step)> waiting_type{"Waiting"};
constexpr SignalType<void(Step)> note{"note"};
struct Waiting {
  static auto definition() {
    return workflow_definition(waiting_type, &Waiting::run).signal(note, &Waiting::on_note);
  }
  workflow::Task<int> run(Step first) {
    last_ = co_await workflow::execute_activity(step_type, {.start_to_close_timeout = 10s}, first);
    co_await workflow::wait_until([this] { return last_.number < 0; });
    co_return last_.number;
  }
  void on_note(Step step) { last_ = std::move(step); }

 private:
  Step last_ = {};
};

WorkflowActivation activation(std::size_t run) {
  WorkflowActivation a;
  a.set_run_id(run_id(run));
  a.mutable_timestamp()->set_seconds(1'700'000'000);
  return a;
}
std::string start(std::size_t run) {
  auto a = activation(run);
  auto& job = *a.add_jobs()->mutable_initialize_workflow();
  job.set_workflow_type(std::string(waiting_type.name));
  job.set_workflow_id("order-workflow-" + std::to_string(run));
  job.set_randomness_seed(run);
  job.set_attempt(1);
  set_step(0, job.add_arguments());
  return a.SerializeAsString();
}
std::string result(std::size_t run) {
  auto a = activation(run);
  auto& job = *a.add_jobs()->mutable_resolve_activity();
  job.set_seq(1);
  set_step(1, job.mutable_result()->mutable_completed()->mutable_result());
  return a.SerializeAsString();
}
std::string signal(std::size_t run) {
  auto a = activation(run);
  auto& job = *a.add_jobs()->mutable_signal_workflow();
  job.set_signal_name(std::string(note.name));
  set_step(2, job.add_input());
  return a.SerializeAsString();
}
std::string eviction(std::size_t run) {
  auto a = activation(run);
  a.add_jobs()->mutable_remove_from_cache()->set_message("cache full");
  return a.SerializeAsString();
}

struct Cost {
  double wall = 0, cpu = 0;  // of one activation, microseconds
  double longest_wall = 0, longest_cpu = 0;
};

// Takes the completions, on the worker's one thread: the time from one to the next is what it took.
class Port final : public detail::WorkflowPort {
 public:
  void complete_activation(std::string_view bytes) override {
    const auto wall = wall_now(), cpu = thread_cpu_now();
    std::lock_guard lock(mutex_);
    if (cpu_ > 0) {  // from the second on
      cost_.longest_cpu = std::max(cost_.longest_cpu, cpu - cpu_);
      cost_.cpu += cpu - cpu_;
    }
    cost_.longest_wall = std::max(cost_.longest_wall, wall - wall_);
    cost_.wall += wall - wall_;
    completions_.emplace_back(bytes);
    if (completions_.size() == awaited_) came_.notify_one();  // not each time: it is a system call
    wall_ = wall_now();
    cpu_ = thread_cpu_now();
  }

  void begin(std::size_t count) {
    std::lock_guard lock(mutex_);
    awaited_ = count;
    wall_ = wall_now();
  }
  std::vector<std::string> wait() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return completions_.size() == awaited_; });
    return std::exchange(completions_, {});
  }
  Cost take() {
    std::lock_guard lock(mutex_);
    return std::exchange(cost_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> completions_;
  std::size_t awaited_ = 0;
  Cost cost_;
  double wall_ = 0, cpu_ = 0;
};

class Cache {
 public:
  explicit Cache(std::size_t most_cached) {
    Registry registry;
    registry.workflow<Waiting>();
    tasks_.emplace(detail::WorkflowTasksOptions{.registry = std::move(registry),
                                                .instance = {.task_queue = "waiting"},
                                                .most_cached = most_cached,
                                                .deadlock_timeout = 2s},
                   port_);
  }

  // One activation of each run; each is to be answered with so many commands.
  Cost each(std::size_t runs, std::string (*make)(std::size_t), int commands) {
    for (std::size_t done = 0; done < runs;) {
      const auto batch = std::min(kAtOnce, runs - done);
      std::vector<std::string> activations;
      for (std::size_t i = 0; i < batch; ++i) activations.push_back(make(done + i));
      port_.begin(batch);
      for (auto& a : activations) tasks_->handle(std::move(a));
      for (const auto& bytes : port_.wait()) check(bytes, commands);
      done += batch;
    }
    auto cost = port_.take();
    cost.wall /= static_cast<double>(runs);
    cost.cpu /= static_cast<double>(runs);
    return cost;
  }
  std::size_t size() const { return tasks_->cached(); }

 private:
  static void check(const std::string& bytes, int commands) {
    WorkflowActivationCompletion completion;
    if (!completion.ParseFromString(bytes) || !completion.has_successful() ||
        completion.successful().commands_size() != commands)
      throw Wrong("an activation is answered with: " + completion.ShortDebugString());
  }
  Port port_;
  std::optional<detail::WorkflowTasks> tasks_;
};

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
std::size_t resident() {
  std::size_t all = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> all >> pages;
  return pages * static_cast<std::size_t>(getpagesize());
}

// Bytes of one, without the worker around it.
std::size_t instance_alone(std::size_t count) {
  const auto definition = std::make_shared<const WorkflowDefinition>(Waiting::definition());
  std::vector<Instance> instances;
  instances.reserve(count);
  const auto before = allocated();
  for (std::size_t i = 0; i < count; ++i) {
    auto& instance = instances.emplace_back(definition, InstanceOptions{.task_queue = "waiting"});
    for (auto make : {start, result}) {
      WorkflowActivation a;
      a.ParseFromString(make(i));
      if (!instance.activate(a).has_successful()) throw Wrong("an instance fails");
    }
  }
  return (allocated() - before) / count;
}

void print(const char* what, const Cost& cost) {
  std::printf("| %s | %.1f | %.1f | %.2f | %.2f |\n", what, cost.wall, cost.cpu,
              cost.longest_wall / 1e3, cost.longest_cpu / 1e3);
}

void measure(std::size_t count) {
  const auto alone = instance_alone(count);
  const auto bytes_before = allocated(), resident_before = resident();
  Cache cache(count);  // its table is part of what they cost
  const auto started = cache.each(count, start, 1);
  const auto resolved = cache.each(count, result, 0);
  const auto bytes = allocated() - bytes_before, pages = resident() - resident_before;
  if (cache.size() != count) throw Wrong("the cache has " + std::to_string(cache.size()));
  const auto signaled = cache.each(count, signal, 0);
  const auto evicted = cache.each(count, eviction, 0);
  if (cache.size() != 0) throw Wrong("the cache keeps " + std::to_string(cache.size()));

  std::printf("%zu cached: %zu bytes each, of them the instance %zu; %zu of resident memory\n\n",
              count, bytes / count, alone, pages / count);
  std::puts("| activation | us | us of CPU | longest, ms | longest, ms of CPU |");
  std::puts("|---|---|---|---|---|");
  print("start", started);
  print("activity's result", resolved);
  print("signal", signaled);
  print("eviction", evicted);
  std::puts("");
}

}  // namespace

int main() {
  try {
    for (std::size_t count : {1'000, 100'000}) measure(count);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_cached_workflows: %s\n", error.what());
    return 1;
  }
}
