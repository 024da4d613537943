#include "temporal/worker_group.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "worker/core_options.h"
#include "worker/worker_impl.h"

namespace temporal {

namespace {

using Source = std::optional<SlotSource>;

// Of a shared number of slots, the part that polls may hold while they wait.
constexpr std::size_t kPollingPart = 4;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("WorkerGroup: " + what);
}

// Each worker's part of the group's tuner. `least` is what one worker needs for its polls.
class Shares {
 public:
  Shares(const char* kind, const Source& source, std::size_t workers) : kind_(kind) {
    if (!source) return;
    source_ = source;
    const auto* fixed = std::get_if<FixedSlots>(&*source);
    if (!fixed) return;
    count_ = fixed->count;
    workers_ = workers;
    if (count_ > 0) pool_.emplace(count_);
  }

  void give(Source& own, std::size_t least, const std::string& task_queue) const {
    if (!source_) return;
    if (own)
      refuse("tuner." + kind_ + " is set by the group and by the worker of \"" + task_queue + "\"");
    own = source_;
    if (workers_ == 0) return;
    if (count_ < least * workers_)
      refuse("tuner." + kind_ + " has " + std::to_string(count_) + " slots for " +
             std::to_string(workers_) + " workers: it needs " + std::to_string(least * workers_));
    own = PooledSlots{.pool = *pool_,
                      .most_polling = std::max(least, count_ / (kPollingPart * workers_))};
  }

 private:
  std::string kind_;
  Source source_;
  std::optional<SlotPool> pool_;
  std::size_t count_ = 0;
  std::size_t workers_ = 0;  // that share a number
};

void share(const Tuner& tuner, std::vector<WorkerOptions>& workers) {
  auto with = [&](auto has) {
    return static_cast<std::size_t>(std::ranges::count_if(workers, has));
  };
  auto workflows = [](const WorkerOptions& o) { return o.registry.has_workflows(); };
  const auto& activities = detail::polls_activities;
  const Shares workflow_tasks("workflow_tasks", tuner.workflow_tasks, with(workflows));
  const Shares of_activities("activities", tuner.activities, with(activities));
  const Shares local("local_activities", tuner.local_activities, with(workflows));
  for (auto& o : workers) {
    if (workflows(o)) {
      workflow_tasks.give(o.tuner.workflow_tasks, o.max_cached_workflows > 0 ? 2 : 1, o.task_queue);
      local.give(o.tuner.local_activities, 1, o.task_queue);
    }
    if (activities(o)) of_activities.give(o.tuner.activities, 1, o.task_queue);
  }
}

}  // namespace

class WorkerGroup::Impl {
 public:
  Impl(Client client, WorkerGroupOptions options, std::vector<WorkerOptions> workers);

  void run(std::stop_token stop);
  void start();
  void shutdown();
  WorkerGroupStatus status() const;
  static Async<void> replace_client(std::shared_ptr<Impl> self, Client client);

 private:
  std::shared_ptr<detail::ThreadPool> pool_;  // ends after the workers
  std::vector<std::string> task_queues_;
  std::vector<Worker> workers_;
};

WorkerGroup::Impl::Impl(Client client, WorkerGroupOptions options,
                        std::vector<WorkerOptions> workers) {
  if (workers.empty()) refuse("there are no workers");
  share(options.tuner, workers);
  auto threads = options.activity_threads;
  for (const auto& o : workers) {
    if (options.activity_threads > 0 && o.activity_threads > 0)
      refuse("activity_threads are set by the group and by the worker of \"" + o.task_queue + "\"");
    if (options.activity_threads == 0) threads += Worker::Impl::activity_threads(o);
  }
  pool_ = std::make_shared<detail::ThreadPool>("temporal-act", threads);
  for (auto& o : workers) {
    task_queues_.push_back(o.task_queue);
    workers_.push_back(Worker(std::make_shared<Worker::Impl>(client, std::move(o), pool_)));
  }
}

void WorkerGroup::Impl::start() {
  try {
    for (auto& worker : workers_) worker.start();
  } catch (...) {
    shutdown();
    throw;
  }
}

void WorkerGroup::Impl::run(std::stop_token stop) {
  start();
  std::mutex mutex;
  std::condition_variable_any never;
  {
    std::unique_lock lock(mutex);
    never.wait(lock, std::move(stop), [] { return false; });
  }
  shutdown();
}

void WorkerGroup::Impl::shutdown() {
  for (auto& worker : workers_) worker.impl_->request_stop();
  for (auto& worker : workers_) worker.shutdown();
}

WorkerGroupStatus WorkerGroup::Impl::status() const {
  WorkerGroupStatus status;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    status.workers.push_back(workers_[i].status());
    const auto& why = status.workers.back().not_ready;
    if (status.not_ready.empty() && !why.empty())
      status.not_ready = "task queue \"" + task_queues_[i] + "\": " + why;
  }
  return status;
}

Async<void> WorkerGroup::Impl::replace_client(std::shared_ptr<Impl> self, Client client) {
  for (auto& worker : self->workers_) co_await worker.replace_client(client);
}

WorkerGroup::WorkerGroup(Client client, WorkerGroupOptions options,
                         std::vector<WorkerOptions> workers)
    : impl_(std::make_shared<Impl>(std::move(client), std::move(options), std::move(workers))) {}
WorkerGroup::~WorkerGroup() {
  if (impl_) impl_->shutdown();
}
WorkerGroup::WorkerGroup(WorkerGroup&&) noexcept = default;
void WorkerGroup::run(std::stop_token stop) {
  impl_->run(std::move(stop));
}
void WorkerGroup::start() {
  impl_->start();
}
void WorkerGroup::shutdown() {
  impl_->shutdown();
}
Async<void> WorkerGroup::replace_client(Client client) {
  return Impl::replace_client(impl_, std::move(client));
}
WorkerGroupStatus WorkerGroup::status() const {
  return impl_->status();
}

}  // namespace temporal
