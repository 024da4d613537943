#include "temporal/replayer.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bridge/replay.h"
#include "worker/command_report.h"
#include "worker/core_options.h"
#include "worker/session.h"
#include "worker/verdict.h"
#include "worker/workflow_tasks.h"

namespace temporal {

namespace {

using detail::RunObserver;

// How each replay ended: the eviction from Core's cache says it, and our own answer before it.
class Verdicts final : public RunObserver {
 public:
  void commands_made(const coresdk::workflow_completion::WorkflowActivationCompletion& completion,
                     const std::vector<std::string>& places) override {
    std::lock_guard lock(mutex_);
    if (completion.has_successful())
      made_[completion.run_id()].add(completion.successful(), places);
  }
  void task_failed(std::string_view run_id, std::string_view message) override {
    std::lock_guard lock(mutex_);
    failed_[std::string(run_id)] = message;
  }
  void evicted(std::string_view run_id, int reason, std::string_view message) override {
    std::lock_guard lock(mutex_);
    auto failed = failed_.extract(std::string(run_id));
    results_.push_back(
        detail::verdict(run_id, reason, message,
                        failed ? std::optional(std::move(failed.mapped())) : std::nullopt));
    came_.notify_all();
  }
  void polling_failed(std::string why) {
    std::lock_guard lock(mutex_);
    polling_failed_ = std::move(why);
    came_.notify_all();
  }

  // What the run's code has made, handed over.
  detail::MadeCommands made(const std::string& run_id) {
    std::lock_guard lock(mutex_);
    auto made = made_.extract(run_id);
    return made ? std::move(made.mapped()) : detail::MadeCommands();
  }

  ReplayResult next() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !results_.empty() || polling_failed_; });
    if (results_.empty()) throw std::runtime_error("Core ended the replay: " + *polling_failed_);
    auto result = std::move(results_.front());
    results_.pop_front();
    return result;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::map<std::string, std::string> failed_;
  std::map<std::string, detail::MadeCommands> made_;
  std::deque<ReplayResult> results_;
  std::optional<std::string> polling_failed_;
};

std::string report(const History& history, const detail::MadeCommands& made) {
  api::history::v1::History events;
  return events.ParseFromString(history.bytes()) ? detail::command_report(events, made) : "";
}

// Waits for Core to take the history.
void push(bridge::Replay& replay, const History& history) {
  auto taken = std::make_shared<std::promise<bridge::Result<void>>>();
  auto result = taken->get_future();
  replay.push(history.workflow_id(), history.bytes(),
              [taken](bridge::Result<void> r) { taken->set_value(std::move(r)); });
  if (auto r = result.get(); !r)
    throw std::invalid_argument("history of workflow \"" + history.workflow_id() +
                                "\": " + r.error().message);
}

}  // namespace

Replayer::Replayer(ReplayerOptions options) {
  if (!options.registry.has_workflows())
    throw std::invalid_argument("ReplayerOptions::registry has no workflows");
  if (!options.runtime) options.runtime = Runtime::shared_default();
  options_ = std::make_unique<const ReplayerOptions>(std::move(options));
}
Replayer::~Replayer() = default;
Replayer::Replayer(Replayer&&) noexcept = default;
Replayer& Replayer::operator=(Replayer&&) noexcept = default;

std::vector<ReplayResult> Replayer::replay(const std::vector<History>& histories) const {
  const auto& runtime = *options_->runtime;
  const WorkerOptions worker{.task_queue = "replay", .registry = options_->registry};
  const detail::CoreOptions core(options_->name_space, worker);
  bridge::Replay replay(runtime.core(), core.get());
  Verdicts verdicts;
  detail::Session session(
      replay.worker(),
      detail::WorkflowTasksOptions{
          .registry = options_->registry,
          .instance = {.name_space = options_->name_space,
                       .task_queue = worker.task_queue,
                       .converter = options_->data_converter,
                       .log_sink = runtime.log_sink(),
                       .failure_types = options_->failure_types,
                       .patch_activation_callback = options_->patch_activation_callback,
                       .interceptors = options_->workflow_interceptors,
                       .keep_places = true},
          .logger = runtime.logger("replayer"),
          .deadlock_timeout = options_->deadlock_timeout,
          .observer = &verdicts},
      std::nullopt, runtime.logger("replayer"), std::make_shared<detail::TaskCounts>());
  std::jthread watch([&](std::stop_token stop) {
    if (auto failed = session.wait(stop)) verdicts.polling_failed(*failed);
  });
  auto end = [&] {
    watch.request_stop();
    watch.join();
    replay.close();
    session.shutdown();
  };
  std::vector<ReplayResult> results;
  try {
    for (const auto& history : histories) {
      push(replay, history);
      results.push_back(verdicts.next());
      auto& result = results.back();
      result.workflow_id = history.workflow_id();
      const auto made = verdicts.made(result.run_id);
      if (result.nondeterministic) result.report = report(history, made);
    }
  } catch (...) {
    end();
    throw;
  }
  end();
  return results;
}

ReplayResult Replayer::replay(const History& history) const {
  return replay(std::vector{history}).front();
}

}  // namespace temporal
