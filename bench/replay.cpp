// What it costs to replay a run, by the length of its history, and whose cost it is: the workflow
// instance's, Core's, that of the two together, temporal::Replayer's. In turns, the best of each.
//
//   build/release/bench/bench_replay [ROUNDS]      5 unless said
#include "bridge/replay.h"

#include <temporal/replayer.h>
#include <temporal/sdk/core/workflow_completion/workflow_completion.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "steps.h"
#include "worker/core_options.h"

namespace {

using namespace temporal;
using namespace temporal::bench;

constexpr std::size_t kEventsInAll = 60'000;  // of one measurement

Registry steps_only() {
  Registry registry;
  registry.workflow<Steps>();
  return registry;
}

// Waits for what Core will call back with.
template <class Start>
void wait_for(const char* what, Start start) {
  auto came = std::make_shared<std::promise<bridge::Result<void>>>();
  auto result = came->get_future();
  start([came](bridge::Result<void> r) { came->set_value(std::move(r)); });
  if (auto r = result.get(); !r) throw Wrong(std::string(what) + ": " + r.error().message);
}

struct Answered {
  std::string completion;
  bool ends = false;  // the replay: its last activation
};

// Core's replay worker, answered on Core's own threads: no queue and no thread of ours in between.
class Core {
 public:
  using Answer = std::function<Answered(std::string)>;
  explicit Core(Answer answer)
      : answer_(std::move(answer)),
        options_("default", worker_options_),
        replay_(Runtime::shared_default().core(), options_.get()) {}

  // One after another: Core takes two of one run id at a time for the same.
  void replay(const History& history, std::size_t times) {
    poll();
    for (std::size_t i = 0; i < times; ++i) {
      evicted_ = std::make_shared<std::promise<void>>();
      auto evicted = evicted_->get_future();
      wait_for("a history", [&](auto taken) {
        replay_.push(history.workflow_id(), history.bytes(), std::move(taken));
      });
      evicted.get();  // rethrows
    }
    replay_.close();
    ended_->get_future().get();
    replay_.worker()->initiate_shutdown();
    wait_for("the end", [&](auto done) { replay_.worker()->finalize_shutdown(std::move(done)); });
  }

 private:
  void poll() {
    replay_.worker()->poll_workflow_activation([this](bridge::Result<bridge::Worker::Task> task) {
      if (!task || !*task) {
        const auto ended = ended_;  // this may be gone before set_value returns
        return ended->set_value();
      }
      try {
        complete(answer_(std::move(**task)));
      } catch (...) {
        evicted_->set_exception(std::current_exception());
      }
    });
  }
  void complete(const Answered& answered) {
    replay_.worker()->complete_workflow_activation(
        answered.completion, [this, ends = answered.ends](bridge::Result<void> r) {
          const auto evicted = evicted_;
          poll();
          if (!r)
            evicted->set_exception(
                std::make_exception_ptr(Wrong("a completion: " + r.error().message)));
          else if (ends)
            evicted->set_value();
        });
  }

  const Answer answer_;
  const WorkerOptions worker_options_{.task_queue = "replay", .registry = steps_only()};
  const detail::CoreOptions options_;
  std::shared_ptr<std::promise<void>> evicted_;
  const std::shared_ptr<std::promise<void>> ended_ = std::make_shared<std::promise<void>>();
  bridge::Replay replay_;
};

// What Core asks and the instance answers in one replay.
struct Recorded {
  std::vector<std::string> activations;
  std::vector<std::string> completions;
};

Answered ask(Answerer& ours, const std::string& activation) {
  const auto before = ours.ended();
  auto completion = ours.answer(activation);
  return {std::move(completion), ours.ended() > before};
}

Recorded record(const History& history, int steps) {
  Recorded recorded;
  Answerer ours;
  Core([&](std::string activation) {
    auto answered = ask(ours, activation);
    recorded.activations.push_back(std::move(activation));
    recorded.completions.push_back(answered.completion);
    return answered;
  }).replay(history, 1);
  const auto count = recorded.completions.size();
  coresdk::workflow_completion::WorkflowActivationCompletion ending;  // before the eviction
  if (count < 2 || !ending.ParseFromString(recorded.completions[count - 2]) ||
      ending.successful().commands_size() != 1 ||
      ending.successful().commands(0).complete_workflow_execution().result().data() !=
          std::to_string(steps))
    throw Wrong("the workflow ends otherwise: " + ending.ShortDebugString());
  return recorded;
}

void instance_alone(const Recorded& recorded, std::size_t times) {
  Answerer ours;
  for (std::size_t i = 0; i < times; ++i)
    for (std::size_t a = 0; a < recorded.activations.size(); ++a)
      if (ours.answer(recorded.activations[a]) != recorded.completions[a])
        throw Wrong("the instance answers activation " + std::to_string(a) + " otherwise");
  if (ours.ended() != times) throw Wrong("an instance was not evicted");
}

// Given back word for word what was recorded. Core compares commands and events as ever.
void core_alone(const Recorded& recorded, const History& history, std::size_t times) {
  std::size_t next = 0;
  Core([&](std::string activation) {
    const auto a = next++;
    if (activation != recorded.activations[a])
      throw Wrong("Core's activation " + std::to_string(a) + " is another than before");
    if (next == recorded.activations.size()) next = 0;
    return Answered{recorded.completions[a], next == 0};
  }).replay(history, times);
}

void together(const History& history, std::size_t times) {
  Answerer ours;
  Core([&](std::string activation) { return ask(ours, activation); }).replay(history, times);
}

void replayer(const std::vector<History>& histories) {
  const Replayer replayer({.registry = steps_only()});
  for (const auto& result : replayer.replay(histories))
    if (!result.ok()) throw Wrong("the replay failed: " + result.failure);
}

struct Row {
  std::size_t events = 0;
  std::size_t activations = 0;
  std::vector<double> cpu = {};  // of one replay, microseconds
};

Row measure(int steps, int rounds) {
  const auto history = history_of(steps);
  const auto recorded = record(history, steps);
  Row row{.events = history.size(), .activations = recorded.activations.size()};
  const auto times = std::max<std::size_t>(1, kEventsInAll / row.events);
  std::vector<History> histories;  // of other runs
  for (std::size_t i = 0; i < times; ++i) histories.push_back(history_of(steps, i));
  const std::function<void()> ways[] = {
      [&] { instance_alone(recorded, times); }, [&] { core_alone(recorded, history, times); },
      [&] { together(history, times); }, [&] { replayer(histories); }};
  row.cpu.assign(std::size(ways), 1e18);
  for (int round = 0; round < rounds; ++round)
    for (std::size_t way = 0; way < std::size(ways); ++way) {
      const auto began = cpu_now();
      ways[way]();
      row.cpu[way] = std::min(row.cpu[way], (cpu_now() - began) / static_cast<double>(times));
    }
  return row;
}

void print(const std::vector<Row>& rows) {
  std::puts("| events of the history | instance | Core | Core + instance | Replayer |");
  std::puts("|---|---|---|---|---|");
  std::puts("| *CPU an event, microseconds* | | | | |");
  auto line = [](const Row& row, auto figure, const char* format) {
    std::printf("| %zu |", row.events);
    for (double cpu : row.cpu) std::printf(format, figure(cpu));
    std::puts("");
  };
  for (const auto& row : rows)
    line(row, [&](double cpu) { return cpu / static_cast<double>(row.events); }, " %.2f |");
  std::puts("| *activations a second of CPU* | | | | |");
  for (const auto& row : rows)
    line(
        row, [&](double cpu) { return 1e6 * static_cast<double>(row.activations) / cpu; },
        " %.0f |");
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = std::max(1, argc > 1 ? std::atoi(argv[1]) : 5);
  try {
    std::vector<Row> rows;
    for (int steps : {1, 166, 1'666}) rows.push_back(measure(steps, rounds));
    print(rows);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_replay: %s\n", error.what());
    return 1;
  }
}
