#include "worker/worker_claim.h"

#include <mutex>
#include <set>
#include <stdexcept>
#include <tuple>

#include "worker/core_options.h"

namespace temporal::detail {

namespace {

// Claims keep their client alive, so that its address means no other one.
struct Claims {
  std::mutex mutex;
  std::set<std::tuple<const ClientCore*, std::string, std::string>> taken;
};
Claims& claims() {
  static Claims all;
  return all;
}

std::string place(const Client& client, const WorkerOptions& o) {
  auto build = o.deployment ? o.deployment->version.build_id : std::string();  // as Core sees it
  return client.name_space() + "\n" + o.task_queue + "\n" + build;
}

}  // namespace

WorkerClaim::WorkerClaim(const Client& client, const WorkerOptions& options)
    : client_(client.core()),
      place_(place(client, options)),
      workflows_(options.registry.has_workflows()),
      activities_(polls_activities(options)) {
  auto& all = claims();
  std::lock_guard lock(all.mutex);
  auto taken = [&](bool wanted, const char* kind) {
    return wanted && all.taken.contains({client_.get(), place_, kind});
  };
  if (taken(workflows_, "workflow") || taken(activities_, "activity"))
    throw std::logic_error("another worker of this client runs on task queue \"" +
                           options.task_queue +
                           "\": give both registries to one worker, or open a second client");
  if (workflows_) all.taken.emplace(client_.get(), place_, "workflow");
  if (activities_) all.taken.emplace(client_.get(), place_, "activity");
}

WorkerClaim::~WorkerClaim() {
  auto& all = claims();
  std::lock_guard lock(all.mutex);
  if (workflows_) all.taken.erase({client_.get(), place_, "workflow"});
  if (activities_) all.taken.erase({client_.get(), place_, "activity"});
}

}  // namespace temporal::detail
